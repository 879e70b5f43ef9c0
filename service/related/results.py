"""What "related work" answers: sentences with what they could cite, and a bibliography checked."""

from dataclasses import dataclass, field

from index.article import Article
from index.versions import Version
from service.drafts.draft import Draft
from service.drafts.entry import Bibliography, Entry
from service.drafts.patch import Patch
from service.drafts.sentence import Sentence
from service.results import Hit, PieceOfText, Scores


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that a sentence could cite; `rank` counts from 1 within the sentence.

    `support` is the sentence of its abstract (its title, where it has none) that is nearest to the
    draft's, by `cosine`. `key` is the one to cite it by: that of the bibliography where it is
    `known` there, else a new one.
    """

    rank: int
    article: Article
    truncated: bool
    versions: tuple[Version, ...]
    scores: Scores
    support: PieceOfText
    cosine: float
    key: str
    known: bool


@dataclass(frozen=True, slots=True)
class AnsweredSentence:
    """A sentence of the draft, what it cites, and what it could; none where it needs nothing.

    `gets` is the key that the patch inserts.
    """

    sentence: Sentence
    cited: tuple[Entry, ...]
    candidates: tuple[Candidate, ...]
    gets: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """An entry of the bibliography: the article that it is here, and the sentence it is nearest to.

    `nearest` is the number of a sentence that needs a citation, and `match` the probability that
    the entry supports it; None where there is none.
    """

    entry: Entry
    article_id: str | None
    cited: bool
    nearest: int | None
    match: float | None
    needed: bool


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An article near the draft as a whole, and the key to cite it by."""

    hit: Hit
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedResults:
    """The whole answer to one draft.

    `neighbours` are not cited in it. `unknown` is what is cited and not in the bibliography.
    `bibtex` holds `n_new` entries, of the articles offered that the bibliography lacks; `patch`
    is the draft with the best candidate of each uncited sentence inserted.
    """

    draft: Draft = field(repr=False)
    bibliography: Bibliography
    sentences: tuple[AnsweredSentence, ...]
    neighbours: tuple[Neighbour, ...]
    entries: tuple[CheckedEntry, ...]
    unknown: tuple[str, ...]
    patch: Patch = field(repr=False)
    bibtex: str = field(repr=False)
    n_new: int
    snapshot: str
    took_ms: float = 0.0

    @property
    def needing(self) -> int:
        """How many sentences make a claim or name prior work."""
        return sum(one.sentence.needs_citation for one in self.sentences)

    @property
    def answered(self) -> int:
        """How many sentences have candidates."""
        return sum(bool(one.candidates) for one in self.sentences)

    @property
    def unneeded(self) -> tuple[CheckedEntry, ...]:
        """The entries that no sentence cites or seems to need."""
        return tuple(checked for checked in self.entries if not checked.needed)
