"""Split a file of tagged lines (RIS, MEDLINE, Web of Science) into its entries.

The three write the same shape: a tag, a value, lines that go on with the value, and
something that begins and ends an entry. Nothing is dropped here: an entry whose begin or
end is missing is given with `opened` or `closed` false, for its reader to mend or refuse.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from index.errors import SourceError
from index.sources.opening import Source

ENTRY_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one format writes a tag and its value (two groups), begins and ends an entry.

    Without `ends`, a tag after a blank line begins the next entry, as `begins` does.
    The `outside` tags belong to the file and to no entry.
    """

    tag: re.Pattern[str]
    begins: str
    ends: str | None
    outside: frozenset[str] = frozenset()


@dataclass(slots=True)
class TaggedEntry:
    """One entry while it is read: the lines of each value, and how it began and ended."""

    line: int
    opened: bool
    closed: bool = False
    values: list[tuple[str, list[str]]] = field(default_factory=list)
    n_characters: int = 0

    def add(self, tag: str, text: str) -> None:
        """Begin a value of a tag."""
        self.values.append((tag, [text] if text else []))
        self.n_characters += len(text)

    def go_on(self, text: str) -> None:
        """Add a line to the value begun last."""
        if self.values:
            self.values[-1][1].append(text)
        self.n_characters += len(text)

    def holds(self, tags: Iterable[str]) -> bool:
        """Say whether any of the tags has a value."""
        wanted = frozenset(tags)
        return any(tag in wanted and pieces for tag, pieces in self.values)

    def every(self, *tags: str) -> list[str]:
        """Give every value of the tags in their order in the file, its lines joined."""
        return [" ".join(pieces) for tag, pieces in self.values if tag in tags and pieces]

    def pieces(self, tag: str) -> list[str]:
        """Give every line of the tag's values as a value of its own."""
        return [piece for found, pieces in self.values if found == tag for piece in pieces]

    def first(self, *tags: str) -> str | None:
        """Give the first value of the first of the tags that has one."""
        return next((value for tag in tags for value in self.every(tag)), None)


def split_entries(source: Source, dialect: Dialect) -> Iterator[TaggedEntry]:
    """Give the entries of a source in order; memory is bounded by the longest entry."""
    entry: TaggedEntry | None = None
    for number, tag, text, parts in _marked_lines(source, dialect):
        if entry and parts:
            yield entry
            entry = None
        if tag is None:
            if entry:
                entry.go_on(text)
        else:
            entry = entry or TaggedEntry(number, opened=tag == dialect.begins)
            entry.add(tag, text)
            if tag == dialect.ends:
                entry.closed = True
                yield entry
                entry = None
        if entry and entry.n_characters > ENTRY_LIMIT:
            raise _endless(source, entry)
    if entry:
        yield entry


def _marked_lines(source: Source, dialect: Dialect) -> Iterator[tuple[int, str | None, str, bool]]:
    """Give each line that counts: number, tag if any, text, and whether it parts two entries."""
    after_blank = False
    for number, line in source.lines():
        found = dialect.tag.match(line)
        if found is None:
            after_blank = not line.strip()
            if not after_blank:
                yield number, None, line.strip(), False
        elif found[1] in dialect.outside:
            yield number, None, "", True
        else:
            parts = found[1] == dialect.begins or (after_blank and dialect.ends is None)
            after_blank = False
            yield number, found[1], (found[2] or "").strip(), parts


def _endless(source: Source, entry: TaggedEntry) -> SourceError:
    return SourceError(
        f"{source.name}, line {entry.line}",
        f"the entry that begins here is longer than {ENTRY_LIMIT} characters; its end is missing",
    )
