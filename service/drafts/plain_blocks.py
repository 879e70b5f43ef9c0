"""Read a plain-text or Markdown draft: its prose as blocks, and its list of references."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from service.drafts.prose import DISPLAY, FORMULA, Block, Piece
from service.drafts.references import HEADING, Reference, listed_references

_LINE = re.compile(r"([^\n\r]*)(?:\r\n|\n|\r|\Z)")
_MARKDOWN_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*(?:\{[^{}]*\})?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*")
_TEXT_HEADING = re.compile(
    r"[ \t]*(?:(?P<short>\d{1,2}(?:\.\d{1,2}){0,3}\.?[ \t]+[A-ZÀ-ÖØ-Þ][^.!?]{0,60})"
    r"|(?P<alone>(?:[IVX]{1,4}\.|[A-Z]\.)[ \t]+[A-ZÀ-ÖØ-Þ][^.!?]{0,80})"
    r"|(?:Abstract|Introduction|Background|Related [Ww]ork|Methods?|Results|Discussion|Conclusions?"
    r"|Acknowledge?ments?|Funding|Appendix)|[A-Z][A-Z \d,:&-]{3,80})[ \t]*"
)
_NUMBERING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,4}\.|[A-Z]\.)[ \t]+")
_CAPTION = re.compile(
    r"[ \t]*(?:\*\*)?(?:Figure|Fig\.|Table|Tab\.|Listing)[ \t]+\d{1,3}(?:\*\*)?[.:|]", re.I
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:(?P<item>[-*+•]|\(?\d{1,3}[.)]|[a-z]\))[ \t]+)?")
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]{1,60}\]:[ \t]*")
_TABLE_ROW = re.compile(r"[ \t]*\|.*|[ \t:|+=-]{3,}")
_TITLE_FIELD = re.compile(r"title:[ \t]*[\"']?(.*?)[\"']?[ \t]*")
_INLINE = re.compile(
    r"(?P<code>(?P<ticks>`+)[^`\n]{1,400}(?P=ticks))"
    r"|(?P<display>\$\$[^$]{1,3000}\$\$)|(?P<formula>(?<![\\$\w])\$(?=\S)[^$\n]{0,300}(?<=\S)\$(?"
    r"!\d))"
    r"|(?P<image>!\[[^\]\n]{0,500}\]\([^()\s]{0,500}(?:[ \t]\"[^\"\n]{0,200}\")?\))"
    r"|(?P<note>\[\^[^\]\s]{1,60}\]|\^\[[^\]\n]{0,1000}\])"
    r"|\[(?P<linked>(?!\^|@|-@)[^\[\]\n]{1,500})\](?:\([^()\s]{0,500}(?:["
    r" \t]\"[^\"\n]{0,200}\")?\))"
    r"|(?P<tag></?[A-Za-z][^<>\n]{0,300}>|<!--|<https?://[^<>\s]{1,500}>)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<strong>\*{1,3}|(?<![^\W_])_{1,3}(?=\S)|(?<=[^\s_])_{1,3}(?![^\W_]))"
)
_AFTER_EMPHASIS = re.compile(r"[*_]{1,3}(?![\w*_])|`")
_END_OF_COMMENT = "-->"


@dataclass(slots=True)
class PlainReading:
    """What a plain-text or Markdown draft gave."""

    blocks: list[Block] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    title: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_blank(self) -> bool:
        return not self.text.strip(" \t\ufeff")


def read_plain(text: str, *, is_markdown: bool) -> PlainReading:
    """Read the prose of a text into blocks; Markdown's marks are read as such if it is that."""
    return _Reader(text, is_markdown=is_markdown).read()


class _Reader:
    """One pass over the lines of a text."""

    def __init__(self, text: str, *, is_markdown: bool) -> None:
        self._text = text
        self._is_markdown = is_markdown
        self._reading = PlainReading()
        self._section: str | None = None
        self._block = Block()
        self._lines = [
            _Line(found.start(), found[1])
            for found in _LINE.finditer(text)
            if found.end() > found.start()
        ]
        self._number = 0

    def read(self) -> PlainReading:
        """Read all of it."""
        if self._is_markdown:
            self._skip_front_matter()
        while self._number < len(self._lines):
            line = self._lines[self._number]
            self._number += 1
            if line.is_blank:
                self._begin_block()
            elif not (self._read_special(line) or self._read_heading(line)):
                self._read_prose(line)
        self._begin_block()
        return self._reading

    def _begin_block(self, *, is_caption: bool = False) -> None:
        if self._block.pieces:
            self._reading.blocks.append(self._block)
        self._block = Block(self._section, is_caption)

    def _enter_section(self, title: str) -> None:
        is_numbered = not self._is_markdown
        self._section = _NUMBERING.sub("", title.strip(), count=1) if is_numbered else title.strip()
        self._begin_block()

    # Whole lines

    def _skip_front_matter(self) -> None:
        if not self._lines or self._lines[0].text.strip("\ufeff \t") != "---":
            return
        for number, line in enumerate(self._lines[1:200], 1):
            if (title := _TITLE_FIELD.fullmatch(line.text)) and title[1]:
                self._reading.title = title[1]
            if line.text.rstrip() in ("---", "..."):
                self._number = number + 1
                return

    def _read_special(self, line: _Line) -> bool:
        """Read a line that begins something that is no prose: code, a table, a comment."""
        if not self._is_markdown:
            return self._read_text_table(line)
        if fence := _FENCE.match(line.text):
            self._skip_to(lambda text: text.strip().startswith(fence[1]))
        elif line.text.lstrip().startswith("<!--"):
            if _END_OF_COMMENT not in line.text:
                self._skip_to(lambda text: _END_OF_COMMENT in text)
        elif line.text.strip() == "$$":
            self._read_display(line)
            return True
        elif not _TABLE_ROW.fullmatch(line.text) and not self._is_indented_code(line):
            return False
        self._begin_block()
        return True

    def _read_text_table(self, line: _Line) -> bool:
        if line.text.count("|") > 2 or line.text.count("\t") > 2 or _UNDERLINE.fullmatch(line.text):
            self._begin_block()
            return True
        return False

    def _is_indented_code(self, line: _Line) -> bool:
        return (
            line.text.startswith(("    ", "\t"))
            and not self._block.pieces
            and self._is_after_prose()
        )

    def _is_after_prose(self) -> bool:
        """Say whether the last block is a paragraph, under which an indented line is code."""
        blocks = self._reading.blocks
        if not blocks:
            return True
        start = blocks[-1].pieces[0].start
        begin = self._text.rfind("\n", 0, start) + 1
        prefix = _PREFIX.match(self._text, begin)
        return prefix is None or prefix["item"] is None

    def _skip_to(self, ends: Callable[[str], bool]) -> None:
        while self._number < len(self._lines):
            self._number += 1
            if ends(self._lines[self._number - 1].text):
                return

    def _read_display(self, line: _Line) -> None:
        self._skip_to(lambda text: text.strip().startswith("$$"))
        last = self._lines[self._number - 1]
        self._block.add(Piece(DISPLAY, line.start, last.end, is_opaque=True))
        within = self._text[line.start : last.end].rstrip(" $\r\n")
        if within.endswith("."):
            self._block.add(Piece(". ", last.end, last.end, is_opaque=True))

    # Headings

    def _read_heading(self, line: _Line) -> bool:
        if HEADING.fullmatch(line.text):
            self._begin_block()
            self._read_references()
            return True
        title = self._markdown_heading(line) if self._is_markdown else self._text_heading(line)
        if title is None:
            return False
        is_first = not self._reading.blocks and not self._block.pieces and self._section is None
        if is_first and self._reading.title is None and not _NUMBERING.match(title):
            self._reading.title = title.strip()
        self._enter_section(title)
        return True

    def _markdown_heading(self, line: _Line) -> str | None:
        if heading := _MARKDOWN_HEADING.fullmatch(line.text):
            return heading[2]
        following = self._lines[self._number] if self._number < len(self._lines) else None
        if following and not self._block.pieces and _UNDERLINE.fullmatch(following.text):
            self._number += 1
            return line.text
        return None

    def _text_heading(self, line: _Line) -> str | None:
        """Give a heading of a plain text: a short line, numbered, named or in capitals."""
        following = self._lines[self._number] if self._number < len(self._lines) else None
        if self._block.pieces:
            return None
        is_alone = following is None or following.is_blank
        heading = _TEXT_HEADING.fullmatch(line.text)
        if heading and (is_alone or not heading["alone"]):
            return line.text
        is_first = not self._reading.blocks and self._section is None
        is_short = len(line.text) <= 150 and line.text.rstrip()[-1:] not in ".!?:;,"
        return (
            line.text.strip("\ufeff \t")
            if is_first and is_alone and is_short and following
            else None
        )

    def _read_references(self) -> None:
        """Read the list under the heading; a heading after it ends it."""
        start = (
            self._lines[self._number].start if self._number < len(self._lines) else len(self._text)
        )
        while self._number < len(self._lines):
            line = self._lines[self._number]
            is_heading = (
                _MARKDOWN_HEADING.fullmatch(line.text)
                if self._is_markdown
                else re.match(
                    r"[ \t]*(?:Appendix|APPENDIX|Supplement|Acknowledge?ments?)\b", line.text
                )
            )
            if is_heading:
                break
            self._number += 1
        end = (
            self._lines[self._number].start if self._number < len(self._lines) else len(self._text)
        )
        self._reading.references += listed_references(self._text, start, end)

    # Prose

    def _read_prose(self, line: _Line) -> None:
        note = _NOTE.match(line.text) if self._is_markdown else None
        prefix = note or _PREFIX.match(line.text)
        length = prefix.end() if prefix else 0
        is_item = note is not None or bool(prefix and prefix.groupdict().get("item"))
        if is_item or (not self._block.pieces and _CAPTION.match(line.text)):
            self._begin_block(is_caption=bool(_CAPTION.match(line.text)))
        elif self._block.pieces:
            self._block.add(Piece(" ", line.start - 1, line.start))
        start = line.start + length
        if self._text.startswith("\ufeff", start):
            start += 1
        if self._is_markdown:
            self._read_inline(start, line.end)
        else:
            self._block.add(Piece(self._text[start : line.end], start, line.end))

    def _read_inline(self, start: int, end: int) -> None:
        for found in _INLINE.finditer(self._text, start, end):
            self._write(start, found.start())
            start = found.end()
            self._put_inline(found)
        self._write(start, end)

    def _write(self, start: int, end: int) -> None:
        if start < end:
            self._block.add(Piece(self._text[start:end], start, end))

    def _put_inline(self, found: re.Match[str]) -> None:
        kind, (start, end) = found.lastgroup, found.span()
        plain = {"code": found["code"], "formula": FORMULA, "display": DISPLAY}.get(kind or "", "")
        if found["code"]:
            plain = found["code"].strip("`")
        elif kind == "escaped":
            plain = found["escaped"]
        elif kind == "linked":
            place = found.start("linked")
            self._block.add(Piece(found["linked"], place, found.end("linked"), outer_end=end))
        self._block.add(Piece(plain, start, end, is_opaque=True))


def after_emphasis(text: str, place: int) -> int:
    """Give the place behind the marks that end the emphasis of what stands before it."""
    found = _AFTER_EMPHASIS.match(text, place)
    return found.end() if found else place
