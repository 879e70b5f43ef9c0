"""The build report: what became of every record of every source."""

from collections import Counter
from dataclasses import dataclass, field

import orjson


@dataclass(frozen=True, slots=True)
class Note:
    """What befell one record: the line it begins on, and the reason in a sentence."""

    line: int
    reason: str


@dataclass(slots=True)
class SourceReport:
    """The count of one source. Every record read was kept, merged or refused.

    `kept` records became articles, `merged` ones joined an article that was there already;
    `repaired` notes belong to records of either kind.
    """

    name: str
    format: str
    n_kept: int = 0
    n_merged: int = 0
    repaired: list[Note] = field(default_factory=list)
    merged: list[Note] = field(default_factory=list)
    refused: list[Note] = field(default_factory=list)
    unknown_keys: Counter[str] = field(default_factory=Counter)

    @property
    def n_read(self) -> int:
        """How many records the source holds."""
        return self.n_kept + self.n_merged + len(self.refused)

    @property
    def n_repaired(self) -> int:
        """How many records something was mended in."""
        return len({note.line for note in self.repaired})

    def summary(self) -> str:
        """Describe the source in one line."""
        return (
            f"{self.name} ({self.format}): {self.n_read:,} read, {self.n_kept:,} kept, "
            f"{self.n_merged:,} merged, {self.n_repaired:,} repaired, {len(self.refused):,} refused"
        )


@dataclass(slots=True)
class BuildReport:
    """The reports of all sources of a build, and the files that could not be read at all."""

    sources: list[SourceReport] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def joined(self, later: "BuildReport") -> "BuildReport":
        """Give one report of both: this one, then `later`."""
        return BuildReport([*self.sources, *later.sources], [*self.unread, *later.unread])

    def to_bytes(self) -> bytes:
        """Give the report as JSON, the form it is kept in beside a snapshot's articles."""
        return orjson.dumps(self, option=orjson.OPT_INDENT_2)

    def lines(self, *, most: int | None = None) -> list[str]:
        """Describe every source, and every repaired or refused record, a line each.

        `most` bounds how many records are listed for a source; the rest is counted.
        """
        lines: list[str] = []
        for source in self.sources:
            lines.append(source.summary())
            notes = [("refused", note) for note in source.refused]
            notes += [("repaired", note) for note in source.repaired]
            for what, note in notes[:most]:
                lines.append(f"  {source.name}, line {note.line}: {what}: {note.reason}")
            if most is not None and len(notes) > most:
                lines.append(f"  … and {len(notes) - most:,} more: cognate inspect DIR --report")
            if source.unknown_keys:
                keys = ", ".join(f"{key} ({n:,})" for key, n in source.unknown_keys.most_common(10))
                lines.append(f"  keys that were ignored: {keys}")
        lines += [f"not read: {reason}" for reason in self.unread]
        return lines


def report_from_bytes(raw: bytes) -> BuildReport:
    """Read a report back."""
    value = orjson.loads(raw)
    sources = []
    for source in value["sources"]:
        for kind in ("repaired", "merged", "refused"):
            source[kind] = [Note(**note) for note in source[kind]]
        source["unknown_keys"] = Counter(source["unknown_keys"])
        sources.append(SourceReport(**source))
    return BuildReport(sources, value["unread"])
