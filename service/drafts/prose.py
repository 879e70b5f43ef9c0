"""Prose on its way from a draft's source to its sentences: every character keeps its place.

A reader of a format makes a `Block` of each paragraph, caption, footnote and list item. What
is no prose in it (formulas, citations) is one opaque piece: nothing in it ends a sentence, and
nothing is inserted into it.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

CITATION, DISPLAY, FORMULA, NUMBER, NAMED_NUMBER = "\ue000\ue001\ue002\ue003\ue004"
"""What stands for a citation, a formula, "3" and "Table 3" in a block's text."""

# What would be taken for one of these, and half characters, which no encoder takes.
_FOREIGN = re.compile("[\ue000-\ue004\ud800-\udfff]")
_WORD = re.compile(r"[\w\ue000-\ue004]")


class Piece(NamedTuple):
    """A piece of a block: its text, and the part of the source that it stands for.

    Unless it is opaque it stands for that part character by character. `outer_end` is where
    the outermost argument ends that it stands in: nothing is inserted before that.
    """

    text: str
    start: int
    end: int
    outer_end: int = 0
    is_opaque: bool = False
    keys: tuple[str, ...] = ()
    is_textual: bool = False


@dataclass(slots=True)
class Block:
    """A paragraph, caption, footnote or list item while it is read."""

    section: str | None = None
    is_caption: bool = False
    pieces: list[Piece] = field(default_factory=list)
    _begins: list[int] = field(default_factory=list)
    _length: int = 0

    def add(self, piece: Piece) -> None:
        """Add a piece behind the others; one without text is nothing."""
        if not piece.is_opaque and _FOREIGN.search(piece.text):
            piece = piece._replace(text=_FOREIGN.sub("\ufffd", piece.text))
        if piece.text:
            self.pieces.append(piece)
            self._begins.append(self._length)
            self._length += len(piece.text)

    def text(self) -> str:
        """Give the text of all pieces."""
        return "".join(piece.text for piece in self.pieces)

    def opaque(self) -> list[tuple[int, int, Piece]]:
        """Give where in the text the opaque pieces stand that are words, or stand for some."""
        return [
            (begin, begin + len(piece.text), piece)
            for begin, piece in zip(self._begins, self.pieces, strict=True)
            if piece.is_opaque and _WORD.search(piece.text)
        ]

    def source_start(self, place: int) -> int:
        """Give where the character at a place of the text begins in the source."""
        begin, piece = self._piece_at(place)
        return piece.start if piece.is_opaque else piece.start + place - begin

    def source_end(self, place: int) -> int:
        """Give where the character at a place of the text ends in the source."""
        begin, piece = self._piece_at(place)
        return piece.end if piece.is_opaque else piece.start + place - begin + 1

    def insertion_after(self, place: int) -> int:
        """Give where in the source something is inserted behind the character at a place."""
        return max(self.source_end(place), self._piece_at(place)[1].outer_end)

    def _piece_at(self, place: int) -> tuple[int, Piece]:
        number = bisect_right(self._begins, place) - 1
        return self._begins[number], self.pieces[number]
