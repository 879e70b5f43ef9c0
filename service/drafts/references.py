r"""The draft's own list of references: `\bibitem`s, numbered lines, paragraphs under a heading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.latex import decode_latex
from service.drafts.latex_source import LatexSource

HEADING = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]+)?(?:\*\*)?(?:[\dA-Z]{1,2}\.?[ \t]+)?(?:References?|Bibliography|Works"
    r" cited|Literature(?: cited)?"
    r"|Reference list|REFERENCES|BIBLIOGRAPHY|Literatur(?:verzeichnis)?|Bibliographie|Référ?ences"
    r"|Referencias)"
    r"(?:\*\*)?[ \t]*:?[ \t]*#*[ \t]*\r?"
)
"""A line under which the list of references stands."""

_NUMBER = re.compile(r"[ \t]*(?:\[(\d{1,4})\]:?|(\d{1,4})[.)]|\((\d{1,4})\))[ \t]+(?=\S)")
_LINE = re.compile(r"[^\n]*\n?")
_BIBITEM = re.compile(r"\\bibitem(?![A-Za-z])")
_NEWBLOCK = re.compile(r"\\newblock(?![A-Za-z])")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_KEY = re.compile(r"\s*\{([^{}]{1,200})\}")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)[a-z]?\b")
_FAMILY = re.compile(r"[^\W\d_][\w'’-]*(?:[ -][^\W\d_][\w'’-]+)?(?=,|\s)")
_LONGEST = 3000
_FEWEST_TO_BE_A_LIST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    r"""One entry of the draft's own list of references: a `\bibitem`, or a numbered line.

    `key` is what the draft cites it by: the key of `\bibitem`, or the number, else its first
    author and year. Its plain text is not yet parted into authors, title and year, but what
    `\newblock` parts stands on lines of its own.
    """

    key: str
    text: str
    start: int
    end: int
    is_numbered: bool = False


def latex_references(source: LatexSource) -> Iterator[Reference]:
    r"""Give the `\bibitem`s of a LaTeX source."""
    text = source.text
    starts = list(_BIBITEM.finditer(text))
    stops = [found.start() for found in starts[1:]] + [len(text)]
    for found, stop in zip(starts, stops, strict=False):
        key = _KEY.match(text, source.after_options(found.end()))
        if key is None:
            continue
        end = text.find("\\end{thebibliography}", key.end(), stop)
        end = min(stop if end < 0 else end, key.end() + _LONGEST)
        blocks = _NEWBLOCK.split(_COMMENT.sub("", text[key.end() : end]))
        plain = "\n".join(" ".join(decode_latex(block).split()) for block in blocks)
        end = key.end() + len(text[key.end() : end].rstrip())
        yield Reference(key=key[1].strip(), text=plain, start=found.start(), end=end)


def listed_references(text: str, start: int, end: int) -> Iterator[Reference]:
    """Give the references of a list that stands between two places of a text.

    They begin with a number each; where none does, each paragraph is one, or, without blank
    lines between them, each line.
    """
    lines = [found for found in _LINE.finditer(text, start, end) if found[0]]
    begins = [_NUMBER.match(line[0]) for line in lines]
    if any(begins):
        is_first = [begin is not None for begin in begins]
    else:
        is_apart = [not line[0].strip() for line in lines]
        has_paragraphs = any(is_apart[:-1])
        is_first = [
            not apart and (not has_paragraphs or number == 0 or is_apart[number - 1])
            for number, apart in enumerate(is_apart)
        ]
    firsts = [number for number, first in enumerate(is_first) if first]
    for first, following in zip(firsts, [*firsts[1:], len(lines)], strict=False):
        begin = begins[first]
        place = lines[first].start() + (len(begin[0]) if begin else 0)
        written = text[place : lines[following - 1].end()][:_LONGEST]
        stop = place + len(written.rstrip())
        plain = " ".join(written.split())
        number = next((group for group in begin.groups() if group), None) if begin else None
        key = number or _author_and_year(plain)
        yield Reference(
            key=key,
            text=plain,
            start=lines[first].start(),
            end=stop,
            is_numbered=number is not None,
        )


def _author_and_year(reference: str) -> str:
    family, year = _FAMILY.search(reference), _YEAR.search(reference)
    return f"{family[0] if family else reference[:20]}, {year[0] if year else 'n.d.'}"
