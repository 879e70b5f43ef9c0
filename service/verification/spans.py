"""What a text sets apart: in quotation marks, in italics or bold, as the words of a link.

Each search goes forward only and gives up at the end of the paragraph, so that the time is linear
in the length of the text, whatever is left open in it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Literal, NamedTuple

SpanKind = Literal["quoted", "emphasised", "linked", "block"]

LONGEST_QUOTE = 3_000
"""Characters of the longest quotation; what is longer has lost its closing mark."""
LONGEST_TITLE = 400

_OPENING = re.compile(r"[“„«\"‟]|‘(?=\S)")
_CLOSING = {"“": "”", "„": "“”", "«": "»", '"': '"', "‟": "”", "‘": "’"}
_CLOSING_SIGNS = '”“»"’'
_TWOFOLD = '"’'
"""An apostrophe and an opening mark look the same as these."""
_PARAGRAPH = re.compile(r"\n[ \t]*(?:\n|>?[ \t]*\n)")
_EMPHASISED = re.compile(
    rf"(?<![\w*\\])(?P<stars>\*{{1,3}})(?=[^\s*])(?P<starred>[^*\n]{{2,{LONGEST_TITLE}}})(?<=\S)(?P=stars)(?![\w*])"
    rf"|(?<![\w_\\])(?P<lines>_{{1,3}})(?=[^\s_])(?P<lined>[^_\n]{{2,{LONGEST_TITLE}}})(?<=\S)(?P=lines)(?![\w_])"
    rf"|\\(?:emph|textit|textbf|textsl)\{{(?P<set>[^{{}}\n]{{2,{LONGEST_TITLE}}})\}}"
)
_LINKED = re.compile(
    rf"(?<![!\\])\[(?P<text>[^\[\]\n]{{2,{LONGEST_TITLE}}})\]\((?P<url>[^()\s]{{1,500}}|[^()\s]{{0,200}}\([^()\s]{{0,100}}\)[^()\s]{{0,200}})\)"
)
_TAG = re.compile(
    r"<(?P<closing>/?)(?P<name>a|b|i|em|strong|cite|q|u|sup|sub|p|br|li|ul|ol|span|div|small|code|h[1-6])\b"
    r"(?:\s[^<>]{0,40}?href=[\"'](?P<url>[^<>\"'\s]{1,500})[\"'])?[^<>]{0,200}>",
    re.IGNORECASE,
)
_SET_BY_TAGS = frozenset(("b", "i", "em", "strong", "cite"))
_BLOCK = re.compile(r"(?:^[ \t]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_BLOCK_MARK = re.compile(r"^[ \t]{0,3}>+[ \t]?", re.MULTILINE)


class Span(NamedTuple):
    """What stands between two marks; `outer_start` and `outer_end` take in the marks."""

    kind: SpanKind
    start: int
    end: int
    outer_start: int
    outer_end: int


def without_tags(text: str) -> str:
    """Write HTML's emphasis and links as Markdown's, and its other tags as blanks, in place."""

    def in_place(tag: re.Match[str]) -> str:
        written = _as_markdown(tag)
        # marks stand next to the words that they are of
        return written.ljust(len(tag[0])) if tag["closing"] else written.rjust(len(tag[0]))

    return _TAG.sub(in_place, text)


def _as_markdown(tag: re.Match[str]) -> str:
    name = tag["name"].casefold()
    if name == "a":
        # "<a href='https://doi.org/…'>Title</a>": the address, then the words of the link
        return f"{tag['url'] or ''} *" if not tag["closing"] else "*"
    return {"q": '"'}.get(name, "*" if name in _SET_BY_TAGS else "")


def quotations(text: str) -> list[Span]:
    """Give what stands in quotation marks, in order, those within others left out."""
    closing = {sign: _places(text, sign) for sign in _CLOSING_SIGNS}
    borders = [*(match.start() for match in _PARAGRAPH.finditer(text)), len(text)]
    found: list[Span] = []
    last = 0
    for opening in _OPENING.finditer(text):
        start = opening.end()
        if opening.start() < last or not _may_open(text, opening.start()):
            continue
        limit = min(borders[bisect_left(borders, opening.start())], start + LONGEST_QUOTE)
        ends = [_first_from(closing[sign], start + 1, limit) for sign in _CLOSING[opening[0]]]
        end = min((end for end in ends if end is not None), default=None)
        if end is not None:
            found.append(Span("quoted", start, end, opening.start(), end + 1))
            last = end + 1
    return found


def _may_open(text: str, place: int) -> bool:
    before, behind = text[place - 1 : place] if place else "", text[place + 1 : place + 2]
    return not before.isalnum() and bool(behind) and not behind.isspace()


def _places(text: str, sign: str) -> list[int]:
    """Give where a sign can close a quotation; those that look like others only behind a word."""
    found = (match.start() for match in re.finditer(re.escape(sign), text))
    if sign not in _TWOFOLD:
        return [*found]
    return [
        place
        for place in found
        if not text[place - 1 : place].isspace() and not text[place + 1 : place + 2].isalnum()
    ]


def _first_from(places: list[int], start: int, limit: int) -> int | None:
    number = bisect_left(places, start)
    return places[number] if number < len(places) and places[number] < limit else None


def emphasised(text: str) -> Iterator[Span]:
    """Give what is set in italics or bold, in Markdown or LaTeX."""
    for match in _EMPHASISED.finditer(text):
        group = next(name for name in ("starred", "lined", "set") if match[name])
        yield Span("emphasised", *match.span(group), *match.span())


def links(text: str) -> Iterator[Span]:
    """Give the words of Markdown's links; the address stands behind them, within the outer end."""
    for match in _LINKED.finditer(text):
        yield Span("linked", *match.span("text"), *match.span())


def block_quotes(text: str) -> Iterator[Span]:
    """Give Markdown's block quotes, with the marks before their lines."""
    for match in _BLOCK.finditer(text):
        end = match.start() + len(match[0].rstrip())
        yield Span("block", match.start(), end, match.start(), end)


def without_marks(text: str) -> str:
    """Give the text of a block quote without the marks before its lines, as long as it was."""
    return _BLOCK_MARK.sub(lambda match: " " * len(match[0]), text)
