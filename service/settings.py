"""The settings: one frozen value, read once from COGNATE_* variables, checked before use.

The table below is the whole of it: every field with its unit, default and meaning. A variable
that is not in the table, or a value that cannot be right, stops the start.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

from index.errors import CognateError
from service.api_keys import MIN_KEY_CHARS, is_safe_key
from service.query import Limits
from service.request_log import Logged
from service.reranking import MOST_RERANKED, Reranking

PREFIX = "COGNATE_"

_ORIGIN = re.compile(r"https?://[^\s/,*@]+")
_COUNTS = (
    "max_matches", "max_query_chars", "max_limit", "max_batch_ids", "max_body_bytes", "workers",
    "max_connections", "max_wait_ms", "timeout_ms", "max_timeout_ms", "idle_s", "stop_s",
)  # fmt: skip
_SECONDS = ("header_s", "body_s", "stall_s", "stream_s")


class SettingsError(CognateError, ValueError):
    """A setting is unknown, or its value cannot be right or safe."""


class About(NamedTuple):
    """A setting's unit and what it means, for the table in the README and for `--help`."""

    unit: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the service runs with; building one checks it.

    `dataclasses.replace(settings, port=9000)` gives a changed copy, checked again.
    """

    index: Annotated[
        Path | None, About("folder", "The index to serve: what `cognate build` made")
    ] = None
    host: Annotated[str, About("address", "The address to listen on")] = "127.0.0.1"
    port: Annotated[int, About("port", "The port to listen on")] = 8000
    api_key: Annotated[
        str | None,
        About("text", "The key that requests must carry; other machines need it, or `public`"),
    ] = field(default=None, repr=False)
    api_keys: Annotated[
        Path | None,
        About("file", "Hashes of keys that requests may carry, as `cognate key` writes them"),
    ] = None
    public: Annotated[bool, About("true or false", "Serve other machines without an API key")] = (
        False
    )
    cors_origins: Annotated[
        tuple[str, ...],
        About("origins", "Web sites whose scripts may ask, with commas: `https://a.org`; none may"),
    ] = ()
    log: Annotated[
        Logged,
        About(
            "none, requests or questions",
            "A line of JSON for each request on stderr; `questions` adds path and question",
        ),
    ] = "none"
    reload_poll_s: Annotated[
        float, About("seconds", "How often to look for a new snapshot; 0 never looks")
    ] = 1.0
    rerank: Annotated[
        int, About("articles", "How many of the first a reranker rescores; 0 none, at most 100")
    ] = 20
    rerank_ms: Annotated[
        int, About("milliseconds", "The time for it; what is not rescored by then stays behind")
    ] = 150
    cache: Annotated[
        int, About("answers", "How many answers are kept for who asks the same again; 0 none")
    ] = 256
    max_matches: Annotated[int, About("articles", "The most that can match a question")] = 10_000
    max_query_chars: Annotated[int, About("characters", "The longest question answered")] = 20_000
    max_limit: Annotated[int, About("hits", "The most hits in one answer")] = 100
    max_batch_ids: Annotated[int, About("ids", "The most ids in one batch")] = 500
    max_body_bytes: Annotated[int, About("bytes", "The largest request body read")] = 1_048_576
    workers: Annotated[
        int, About("processes", "How many processes serve; each runs and queues requests by itself")
    ] = 1
    max_connections: Annotated[
        int, About("connections", "The most connections of a worker; beyond them it answers 503")
    ] = 1_000
    max_wait_ms: Annotated[
        int,
        About(
            "milliseconds", "Who would wait longer for a turn is refused at once, with Retry-After"
        ),
    ] = 1_000
    timeout_ms: Annotated[
        int,
        About("milliseconds", "The time for an answer, waiting included, if none is asked for"),
    ] = 30_000
    max_timeout_ms: Annotated[
        int, About("milliseconds", "The most time that `timeout_ms` may ask for")
    ] = 60_000
    header_s: Annotated[
        float, About("seconds", "The time for the head of a request; then its connection is closed")
    ] = 10.0
    body_s: Annotated[float, About("seconds", "The time for its body; then 408")] = 30.0
    idle_s: Annotated[
        int, About("seconds", "How long a connection is kept open without a request")
    ] = 5
    stall_s: Annotated[
        float,
        About("seconds", "How long a client may leave what was sent unread; then it is cut off"),
    ] = 30.0
    stream_s: Annotated[
        float, About("seconds", "The most time that a slow reader may take for one answer")
    ] = 600.0
    stop_s: Annotated[
        int, About("seconds", "The time for what runs and waits when the service is to end")
    ] = 10

    def __post_init__(self) -> None:
        if faults := self._faults():
            raise SettingsError("; ".join(faults))

    def _faults(self) -> list[str]:
        faults = []
        if not 0 <= self.port <= 65535:
            faults.append(f"{PREFIX}PORT is {self.port}; a port is 0 to 65535")
        if not 0 <= self.reload_poll_s < float("inf"):
            faults.append(f"{PREFIX}RELOAD_POLL_S is {self.reload_poll_s}; give 0 or more seconds")
        if not 0 <= self.rerank <= MOST_RERANKED:
            faults.append(f"{PREFIX}RERANK is {self.rerank}; give 0 to {MOST_RERANKED}")
        if self.cache < 0:
            faults.append(f"{PREFIX}CACHE is {self.cache}; give 0 or more answers")
        if self.rerank_ms < 0:
            faults.append(f"{PREFIX}RERANK_MS is {self.rerank_ms}; give 0 or more milliseconds")
        faults += self._faults_of_limits()
        if self.api_key is not None and not is_safe_key(self.api_key):
            faults.append(
                f"{PREFIX}API_KEY must be {MIN_KEY_CHARS} or more ASCII characters without "
                "spaces or colons"
            )
        faults += [
            f"{PREFIX}CORS_ORIGINS has {origin!r}, which is no origin such as https://a.org"
            for origin in self.cors_origins
            if not _ORIGIN.fullmatch(origin)
        ]
        if not (self.needs_key or self.public or is_loopback(self.host)):
            faults.append(
                f"{PREFIX}HOST is {self.host}, which other machines can reach; "
                f"set {PREFIX}API_KEY or {PREFIX}API_KEYS, or {PREFIX}PUBLIC=true to serve everyone"
            )
        return faults

    def _faults_of_limits(self) -> list[str]:
        faults = [
            f"{PREFIX}{name.upper()} is {getattr(self, name)}; give 1 or more"
            for name in _COUNTS
            if getattr(self, name) < 1
        ]
        faults += [
            f"{PREFIX}{name.upper()} is {getattr(self, name)}; give more than 0 seconds"
            for name in _SECONDS
            if not 0 < getattr(self, name) < float("inf")
        ]
        if self.timeout_ms > self.max_timeout_ms:
            faults.append(
                f"{PREFIX}TIMEOUT_MS is {self.timeout_ms}, more than "
                f"{PREFIX}MAX_TIMEOUT_MS, which is {self.max_timeout_ms}"
            )
        return faults

    @property
    def needs_key(self) -> bool:
        """Whether requests must carry a key."""
        return self.api_key is not None or self.api_keys is not None

    @property
    def limits(self) -> Limits:
        """How much one query may ask for."""
        return Limits(
            max_matches=self.max_matches,
            max_query_chars=self.max_query_chars,
            max_limit=self.max_limit,
            max_batch_ids=self.max_batch_ids,
        )

    @property
    def reranking(self) -> Reranking:
        """How many articles a reranker rescores, and in how much time."""
        return Reranking(self.rerank, self.rerank_ms / 1000)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings from COGNATE_* variables; an empty one counts as absent."""
        known = {PREFIX + item.name.upper(): item.name for item in fields(cls)}
        given = {name: text for name, text in environ.items() if name.startswith(PREFIX)}
        values: dict[str, Any] = {}
        for name, text in sorted(given.items()):
            if name not in known:
                near = get_close_matches(name, known, n=1, cutoff=0)[0]
                raise SettingsError(f"{name} is no setting; the nearest one is {near}")
            if text.strip():
                values[known[name]] = _parse(name, known[name], text.strip())
        return cls(**values)

    @classmethod
    def table(cls) -> list[tuple[str, object, About]]:
        """List every setting: its variable, its default, its unit and description."""
        hints = get_type_hints(cls, include_extras=True)
        return [
            (PREFIX + item.name.upper(), item.default, hints[item.name].__metadata__[0])
            for item in fields(cls)
        ]


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parse(variable: str, name: str, text: str) -> object:
    parse, kind = _PARSERS.get(name, (str, "text"))
    try:
        return parse(text)
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{variable} is {text!r}, which is not {kind}") from error


def _parse_bool(text: str) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
        text.lower()
    ]


def _parse_logged(text: str) -> Logged:
    known: dict[str, Logged] = {name: name for name in get_args(Logged)}
    return known[text]


def _parse_origins(text: str) -> tuple[str, ...]:
    return tuple(origin.strip().rstrip("/") for origin in text.split(",") if origin.strip())


_WHOLE = (int, "a whole number")
_NUMBER = (float, "a number")
_PARSERS: dict[str, tuple[Callable[[str], object], str]] = {
    "index": (Path, "a folder"),
    "api_keys": (Path, "a file"),
    "log": (_parse_logged, f"one of {', '.join(get_args(Logged))}"),
    "cors_origins": (_parse_origins, "a list of origins"),
    "port": _WHOLE,
    "cache": _WHOLE,
    "rerank": _WHOLE,
    "rerank_ms": _WHOLE,
    "public": (_parse_bool, "true or false"),
    **dict.fromkeys(("reload_poll_s", *_SECONDS), _NUMBER),
    **dict.fromkeys(_COUNTS, _WHOLE),
}
