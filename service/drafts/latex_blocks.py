r"""Read a LaTeX draft: its prose as blocks, and what it cites.

One pass over the source with a stack of what is open, which no input can break and which is
linear. pylatexenc's parser gives places in the source too, but takes six seconds for a
megabyte, recurses into every group, and stops at the first fault of a draft in the making;
tests hold what is inserted here against it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from index.latex import decode_latex
from service.drafts import latex_commands as commands
from service.drafts.latex_source import LatexSource
from service.drafts.prose import CITATION, DISPLAY, FORMULA, NAMED_NUMBER, NUMBER, Block, Piece

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\[\s\S]|[{}$%~]|\n[ \t\r]*\n\s*|``|''|---?")
_ACCENTED = re.compile(
    r"\\(?:[`'^\"~=.](?:\{\\?[A-Za-z]?\}|\\[ij](?![A-Za-z])|[A-Za-z])"
    r"|[cvuHrkdbt](?:\{[A-Za-z]{1,2}\}|[ ]+[A-Za-z](?![A-Za-z])))"
)
_COMMENT = re.compile(r"[^\n]*(?:\n(?![ \t\r]*\n)[ \t]*)?")
_DELIMITED = re.compile(r"([^\sA-Za-z*{])([^\n]*?)\1")
_NAME = re.compile(r"[ ]*\{([^{}\n]{1,40})\}")
_DEFINED = re.compile(r"[ ]*\\[A-Za-z@]+[^{}\n\\]{0,60}?(?=[{\[])")
_CITING_WITHIN = re.compile(
    r"\\([A-Za-z]*[Cc]ite[A-Za-z]*)\*?(?:\[[^][{}]{0,200}\]){0,2}\{([^{}]{1,2000})\}"
)
_ENDS_SENTENCE = re.compile(r"\.\s*(?:\\(?:label|tag)\{[^{}]*\}|\\nonumber|\\qed\w*|\\\\|\s)*\Z")
_CAPITAL_FOLLOWS = re.compile(r"(?:\s|%[^\n]*\n)*[A-Z]")
_IS_COMMENTED = re.compile(r"(?<!\\)%[^\n]*")
_SET = {"``": "“", "''": "”", "--": "–", "---": "—"}
_LONGEST_WORDED_FORMULA = 40
_LONGEST_DISPLAY = 5000
_LONGEST_PHRASE = 500
"""An argument that is longer, or holds a blank line, is text and may be cited in."""
_END_OF_DISPLAY = 200


class _Open(NamedTuple):
    """What a brace closes: a group, an argument, or the block of a footnote or caption."""

    close: int
    outer_end: int
    holds_block: bool = False


@dataclass(slots=True)
class LatexReading:
    """What a LaTeX draft gave."""

    blocks: list[Block] = field(default_factory=list)
    cites: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: str | None = None


def read_latex(source: LatexSource) -> LatexReading:
    """Read the prose of a LaTeX source into blocks."""
    return _Reader(source).read()


@lru_cache(maxsize=4096)
def _set_as(written: str) -> str:
    """Give what a piece of LaTeX sets, on one line; a space stays a space."""
    plain = decode_latex(written)
    return " ".join(plain.split()) or plain[:1]


class _Reader:
    """One pass over one source."""

    def __init__(self, source: LatexSource) -> None:
        self._source = source
        self._text = source.text
        self._reading = LatexReading(title=source.title())
        self._position, self._end = source.body()
        self._stack: list[_Open] = []
        self._outer_ends: dict[int, int] = {}
        self._suspended: list[Block] = []
        self._block = Block()
        self._own_commands = source.commands()
        self._on_command: Mapping[str, Callable[[str, int], None]] = {
            **dict.fromkeys(commands.N_DROPPED, self._on_dropped),
            **dict.fromkeys(commands.SECTIONS | commands.MINOR_SECTIONS, self._on_section),
            **dict.fromkeys(commands.FOOTNOTES | commands.CAPTIONS, self._on_inner_block),
            **dict.fromkeys(commands.FILES, self._on_file),
            **dict.fromkeys(commands.RAW, self._on_raw),
            **dict.fromkeys(commands.DEFINING, self._on_definition),
            **dict.fromkeys(commands.REFERRING | commands.NAMED_REFERRING, self._on_reference),
            **dict.fromkeys(commands.ADDRESSES, self._on_address),
            "begin": self._on_begin,
            "end": self._on_end,
            "item": self._on_item,
            "par": self._on_par,
            "title": self._on_title,
            "iffalse": self._on_false,
            "nocite": self._on_citation,
        }
        self._on_sign: Mapping[str, Callable[[int], None]] = {
            "{": self._on_opening,
            "}": self._on_closing,
            "$": self._on_dollar,
            "%": self._on_comment,
            "~": self._on_tie,
        }

    def read(self) -> LatexReading:
        """Read all of it."""
        while (token := _TOKEN.search(self._text, self._position, self._end)) is not None:
            start, written = token.start(), token[0]
            self._write(self._position, start)
            self._position = token.end()
            self._close_before(start)
            if written[0] == "\\":
                self._on_backslash(written, start)
            elif written[0] == "\n":
                self._begin_block()
            elif written in self._on_sign:
                self._on_sign[written](start)
            else:
                self._put(_SET[written], start)
        self._write(self._position, self._end)
        self._close_before(len(self._text) + 1)
        self._begin_block()
        return self._reading

    # What is written

    @property
    def _outer_end(self) -> int:
        return self._stack[-1].outer_end if self._stack else 0

    def _write(self, start: int, end: int) -> None:
        if start < end:
            self._block.add(Piece(self._text[start:end], start, end, self._outer_end))

    def _put(self, text: str, start: int) -> None:
        """Write a piece that stands for the source from `start` to where we are."""
        self._block.add(Piece(text, start, self._position, self._outer_end, is_opaque=True))

    def _begin_block(self) -> None:
        """End the block that is being read, and begin another of its kind."""
        if self._block.pieces:
            self._reading.blocks.append(self._block)
        self._block = Block(self._block.section, self._block.is_caption)

    def _enter_section(self, title: str | None) -> None:
        self._begin_block()
        self._block.section = title or None

    # Groups

    def _on_opening(self, start: int) -> None:
        close = self._source.close_of(start)
        if close is not None:
            outer_end = self._outer_end or self._outer_ends.pop(start, 0)
            self._stack.append(_Open(close, outer_end))

    def _on_closing(self, start: int) -> None:
        self._close_before(start + 1)

    def _close_before(self, place: int) -> None:
        while self._stack and self._stack[-1].close < place:
            if self._stack.pop().holds_block:
                self._begin_block()
                self._block = self._suspended.pop()

    def _on_inner_block(self, name: str, _start: int) -> None:
        """Read a footnote or caption as a block of its own; what it stands in goes on behind."""
        position = self._position
        if name == "captionof" and (kind := self._source.argument(position)):
            position = kind[1] + 1
        argument = self._source.argument(self._source.after_options(position))
        if argument:
            self._suspended.append(self._block)
            self._block = Block(self._block.section, name in commands.CAPTIONS)
            self._stack.append(_Open(argument[1], 0, holds_block=True))
            self._position = argument[0] + 1

    # Signs

    def _on_tie(self, start: int) -> None:
        self._block.add(Piece(" ", start, start + 1, self._outer_end))

    def _on_comment(self, start: int) -> None:
        comment = _COMMENT.match(self._text, start, self._end)
        self._position = comment.end() if comment else self._position

    def _on_dollar(self, start: int) -> None:
        if self._text.startswith("$$", start):
            end = self._text.find("$$", start + 2, start + _LONGEST_DISPLAY)
            if end >= 0:
                self._put_display(start, start + 2, end, end + 2)
            else:
                self._position = start + 2
            return
        end_of_formula = self._source.formula_end(start + 1)
        if end_of_formula is None:
            self._write(start, start + 1)
        else:
            self._position = end_of_formula + 1
            self._put_formula(start)

    def _put_formula(self, start: int) -> None:
        plain = _set_as(self._text[start : self._position][:_LONGEST_PHRASE])
        self._put(plain if 0 < len(plain) <= _LONGEST_WORDED_FORMULA else FORMULA, start)
        inner = self._text[max(start, self._position - 3) : self._position]
        if inner.rstrip("$\\) ").endswith(".") and self._is_capital_next():
            self._put(".", self._position)

    def _is_capital_next(self) -> bool:
        return _CAPITAL_FOLLOWS.match(self._text, self._position, self._end) is not None

    def _put_display(self, start: int, begin: int, end: int, position: int) -> None:
        """Write a displayed formula, and the full stop where it ends a sentence."""
        self._position = min(position, self._end)
        self._put(DISPLAY, start)
        if (
            _ENDS_SENTENCE.search(self._text, max(begin, end - _END_OF_DISPLAY), end)
            or self._is_capital_next()
        ):
            self._put(". ", self._position)

    # Commands

    def _on_backslash(self, written: str, start: int) -> None:
        accented = _ACCENTED.match(self._text, start)
        name = written[1:].rstrip("*")
        if accented:
            self._position = accented.end()
            self._put(_set_as(accented[0]), start)
        elif not name.isalpha() or not name.isascii():
            self._on_escaped(written, start)
        elif handler := self._on_command.get(name):
            handler(name, start)
        elif commands.is_citing(name):
            self._on_citation(name, start)
        else:
            self._on_other(name, start)

    def _on_escaped(self, written: str, start: int) -> None:
        closing = {"\\(": "\\)", "\\[": "\\]"}.get(written)
        if closing is None:
            self._put(_set_as(written), start)
            return
        end = self._text.find(closing, self._position, self._position + _LONGEST_DISPLAY)
        if end < 0:
            return
        begin, self._position = self._position, end + 2
        if written == "\\[":
            self._put_display(start, begin, end, end + 2)
        else:
            self._put_formula(start)

    def _on_other(self, name: str, start: int) -> None:
        """Read the arguments of a command as prose; without any, the command is a word."""
        n_before = commands.N_BEFORE_PROSE.get(name, 0)
        position = self._source.after_options(self._position)
        argument = self._source.argument(position)
        if argument is None or self._text[argument[0] : argument[1] + 1] == "{}":
            if argument:
                self._position = argument[1] + 1
            word = self._own_commands.get(name)
            self._put(_set_as(f"\\{name}{{}}") if word is None else word, start)
            return
        first = argument
        while (following := self._source.argument(argument[1] + 1, is_adjacent=True)) is not None:
            if n_before:
                n_before, first = n_before - 1, following
            argument = following
        self._position = first[0]
        self._announce(first, argument[1] + 1)

    def _announce(self, first: tuple[int, int], outer_end: int) -> None:
        """Remember of arguments about to be read where the last of them ends."""
        argument: tuple[int, int] | None = first
        while argument is not None and argument[1] < outer_end:
            is_text = argument[1] - argument[0] > _LONGEST_PHRASE
            if not is_text and not self._source.holds_paragraphs(*argument):
                self._outer_ends[argument[0]] = outer_end
            argument = self._source.argument(argument[1] + 1, is_adjacent=True)

    def _on_dropped(self, name: str, _start: int) -> None:
        self._skip_arguments(commands.N_DROPPED[name])

    def _skip_arguments(self, number: int) -> None:
        if number:
            self._position = self._source.after_options(self._position)
        for _ in range(number):
            argument = self._source.argument(self._position)
            if argument is None:
                return
            self._position = self._source.after_options(argument[1] + 1)

    def _on_section(self, name: str, _start: int) -> None:
        self._begin_block()
        argument = self._source.argument(self._source.after_options(self._position))
        if argument:
            self._cite_within(*argument)
            self._position = argument[1] + 1
            if name in commands.SECTIONS:
                self._enter_section(self._source.read(*argument))

    def _on_title(self, _name: str, _start: int) -> None:
        self._skip_arguments(1)

    def _on_par(self, _name: str, _start: int) -> None:
        self._begin_block()

    def _on_item(self, _name: str, _start: int) -> None:
        self._begin_block()
        self._position = self._source.after_options(self._position)

    def _on_reference(self, name: str, start: int) -> None:
        self._skip_arguments(1)
        self._put(NAMED_NUMBER if name in commands.NAMED_REFERRING else NUMBER, start)

    def _on_address(self, _name: str, start: int) -> None:
        self._skip_arguments(1)
        self._put(FORMULA, start)

    def _on_raw(self, name: str, start: int) -> None:
        position = self._source.after_options(self._position)
        if name == "mintinline" and (language := self._source.argument(position)):
            position = language[1] + 1
        if delimited := _DELIMITED.match(self._text, position, self._end):
            self._position = delimited.end()
            self._put(delimited[2] or " ", start)
        elif argument := self._source.argument(position):
            self._position = argument[1] + 1
            self._put(self._text[argument[0] + 1 : argument[1]][:_LONGEST_PHRASE] or " ", start)

    def _on_definition(self, _name: str, _start: int) -> None:
        if defined := _DEFINED.match(self._text, self._position, self._end):
            self._position = defined.end()
        self._skip_arguments(3)

    def _on_file(self, name: str, _start: int) -> None:
        argument = self._source.argument(self._position)
        if argument:
            self._position = argument[1] + 1
            written = self._text[argument[0] : argument[0] + _LONGEST_PHRASE].split("}")[0] + "}"
            self._reading.notes.append(f"\\{name}{written} was not followed: it is another file")

    def _on_false(self, _name: str, _start: int) -> None:
        end = self._source.end_of_false(self._position)
        if end is not None:
            self._position = end

    def _on_citation(self, name: str, start: int) -> None:
        keys: list[str] = []
        several = commands.takes_several(name)
        position = self._source.after_options(self._position, "()") if several else self._position
        while True:
            argument = self._source.argument(self._source.after_options(position))
            if argument is None:
                break
            position = argument[1] + 1
            keys += _keys_of(self._text[argument[0] + 1 : argument[1]])
            if not several or self._text[position : position + 1] not in ("[", "{"):
                break
        self._position = max(position, self._position)
        self._reading.cites += keys
        if keys and name != "nocite":
            piece = Piece(CITATION, start, self._position, self._outer_end, True, tuple(keys))
            self._block.add(piece._replace(is_textual=commands.is_textual(name)))

    def _cite_within(self, start: int, end: int) -> None:
        """Note what is cited where no prose is read: in a table, in a heading."""
        for found in _CITING_WITHIN.finditer(_IS_COMMENTED.sub("", self._text[start:end])):
            if commands.is_citing(found[1]):
                self._reading.cites += _keys_of(found[2])

    # Environments

    def _on_begin(self, _name: str, start: int) -> None:
        found = _NAME.match(self._text, self._position, self._end)
        if found is None:
            return
        name, self._position = found[1], found.end()
        end = self._source.environment(start)
        if end and name in commands.DISPLAYS:
            self._put_display(start, self._position, end[0], end[1])
        elif end and name in commands.SKIPPED:
            self._begin_block()
            if name not in commands.VERBATIM and name != "thebibliography":
                self._cite_within(start, end[0])
            self._position = min(end[1], self._end)
        else:
            self._enter(name)

    def _enter(self, name: str) -> None:
        self._begin_block()
        if name.startswith(("abstract", "acknowledg")):
            self._enter_section(name.capitalize())
        self._position = self._source.after_options(self._position)
        if name.rstrip("*") in commands.ENVIRONMENTS_WITH_ARGUMENT:
            while argument := self._source.argument(self._position, is_adjacent=True):
                self._position = self._source.after_options(argument[1] + 1)

    def _on_end(self, _name: str, _start: int) -> None:
        found = _NAME.match(self._text, self._position, self._end)
        if found:
            self._position = found.end()
            if found[1].startswith(("abstract", "acknowledg")):
                self._enter_section(None)
        self._begin_block()


def _keys_of(written: str) -> list[str]:
    """Give the keys of a citing command's argument."""
    if len(written) > _LONGEST_DISPLAY:
        return []
    keys = (key.strip() for key in _IS_COMMENTED.sub("", written).split(","))
    return [" ".join(key.split()) for key in keys if key and key != "*"]
