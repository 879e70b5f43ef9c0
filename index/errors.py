"""Every error that Cognate raises on purpose, drawn as one tree.

CognateError
├── SourceError           a source file cannot be read as any format
├── RefusedRecordError    one record cannot become an article (reported, never fatal)
├── IdentityError         two different articles claim one id
├── EncoderError          a model cannot be loaded, exported or trusted
├── SnapshotError         a directory is no index of ours, or none is there
│   └── DamagedSnapshotError  a file of a snapshot is not what its manifest says
├── StorageError          an index cannot be written: a full disk, a forbidden folder
├── UnknownArticleError   no article has this id
├── CursorExpiredError    a cursor walks a snapshot that is no longer kept
└── QueryError            a question, filter or parameter cannot be answered

Messages say what is wrong, with which value, and what to do. Nothing here knows of HTTP.
"""


class CognateError(Exception):
    """The root: catch this to catch everything Cognate raises on purpose."""


class SourceError(CognateError, ValueError):
    """A source file cannot be read."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class RefusedRecordError(CognateError, ValueError):
    """One record cannot become an article; its reader or parser says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IdentityError(CognateError, ValueError):
    """Two different articles claim the same id."""


class EncoderError(CognateError, ValueError):
    """A model cannot be loaded, exported, or agrees too little with its export."""


class SnapshotError(CognateError, ValueError):
    """A directory is not an index of ours, or holds none."""


class DamagedSnapshotError(SnapshotError):
    """A file of a snapshot is missing or is not what the manifest recorded."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class StorageError(CognateError, OSError):
    """An index cannot be written where it was asked for; what was there stays as it was."""


class UnknownArticleError(CognateError, LookupError):
    """No article of this snapshot has the id asked for; `field` names where it was given."""

    def __init__(self, article_id: str, field: str = "id") -> None:
        super().__init__(f"no article has the id {article_id!r}")
        self.article_id = article_id
        self.field = field


class CursorExpiredError(CognateError, LookupError):
    """The snapshot that a cursor walks is no longer kept; `snapshot` is its name."""

    def __init__(self, snapshot: str) -> None:
        super().__init__(f"the snapshot {snapshot} is no longer kept; ask again without a cursor")
        self.snapshot = snapshot


class QueryError(CognateError, ValueError):
    """A query holds a value that cannot be answered; `field` names which."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason
