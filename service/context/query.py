"""What context is asked for: a question or a conversation, and how much a prompt has room for."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from index.errors import QueryError
from index.versions import Prefer
from service.context.conversation import resolve
from service.query import Filters, Limits, Mode, Query, check_known, check_text

Role = Literal["user", "assistant", "system", "tool"]

DEFAULT_TOKENS = 2_000
LEAST_TOKENS, MOST_TOKENS = 100, 32_000
DEFAULT_EXCERPTS = 20
MOST_EXCERPTS = 50
MOST_MESSAGES = 500
MOST_MESSAGE_CHARS = 400_000
"""Of all messages together: what tools answered is handed on in a conversation, too."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextQuery:
    """A question, or a conversation that ends in one, and how its answer is wanted.

    The text handed over has at most `max_tokens`, as the snapshot's own tokenizer counts them,
    and at most `max_excerpts`, each of another work. Filters and the rest are as in `Query`.
    """

    text: str | None = None
    messages: tuple[Message, ...] = ()
    max_tokens: int = DEFAULT_TOKENS
    max_excerpts: int = DEFAULT_EXCERPTS
    filters: Filters = field(default_factory=Filters)
    mode: Mode = "hybrid"
    min_match: float | None = None
    prefer: Prefer = "published"
    include_retracted: bool = False

    def __post_init__(self) -> None:
        if (self.text is None) == (not self.messages):
            given = "both" if self.messages else "neither"
            reason = f"give a question or the messages of a conversation; there are {given}"
            raise QueryError("text", reason)
        if self.text is not None and not self.text.strip():
            raise QueryError("text", "is empty; write what is asked")
        self._check_messages()
        for name, value, least, most in (
            ("max_tokens", self.max_tokens, LEAST_TOKENS, MOST_TOKENS),
            ("max_excerpts", self.max_excerpts, 1, MOST_EXCERPTS),
        ):
            if not least <= value <= most:
                raise QueryError(name, f"{value} is not between {least} and {most}")
        self.to_search()

    def _check_messages(self) -> None:
        if not self.messages:
            return
        for number, message in enumerate(self.messages):
            check_known(f"messages.{number}.role", [message.role], get_args(Role))
            check_text(f"messages.{number}.content", message.content)
        last = len(self.messages) - 1
        if self.messages[last].role != "user":
            reason = (
                f"the last message is of the role {self.messages[last].role!r}; send the "
                "conversation up to what the user asks"
            )
            raise QueryError(f"messages.{last}.role", reason)
        if not self.messages[last].content.strip():
            raise QueryError(f"messages.{last}.content", "is empty; write what is asked")

    @property
    def question(self) -> str:
        """What is searched: the question, or what the conversation comes to."""
        if self.text is not None:
            return self.text.strip()
        return resolve([one.content for one in self.messages if one.role == "user"])

    def to_search(self) -> Query:
        """Give the search whose hits the excerpts are of."""
        return Query(
            text=self.question,
            filters=self.filters,
            mode=self.mode,
            min_match=self.min_match,
            prefer=self.prefer,
        )

    def check(self, limits: Limits) -> None:
        """Refuse a query that asks for more than `limits` allow."""
        if len(self.messages) > MOST_MESSAGES:
            reason = f"{len(self.messages)} messages; the most is {MOST_MESSAGES}: send the last"
            raise QueryError("messages", reason)
        n_chars = sum(len(one.content) for one in self.messages)
        if n_chars > MOST_MESSAGE_CHARS:
            reason = f"{n_chars} characters in all; the most is {MOST_MESSAGE_CHARS}: send the last"
            raise QueryError("messages", reason)
        name, asked = ("text", self.text) if self.text is not None else self._last()
        if len(asked) > limits.max_query_chars:
            reason = f"{len(asked)} characters; the longest is {limits.max_query_chars}"
            raise QueryError(name, reason)

    def _last(self) -> tuple[str, str]:
        last = len(self.messages) - 1
        return f"messages.{last}.content", self.messages[last].content
