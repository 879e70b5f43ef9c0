"""One sentence of a draft, and how a block of prose is parted into sentences."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from index.sentences import split_sentences
from service.drafts.citations import Citation, dated, without_overlaps
from service.drafts.need import Kind, kind_of, needs_citation
from service.drafts.prose import CITATION, DISPLAY, FORMULA, NAMED_NUMBER, NUMBER, Block

_READ_AS = str.maketrans(dict.fromkeys((CITATION, DISPLAY, FORMULA, NUMBER, NAMED_NUMBER), ""))
_JUDGED_AS = _READ_AS | str.maketrans({FORMULA: "x", NUMBER: "1", NAMED_NUMBER: "Section 1"})
_ABBREVIATED = re.compile(
    r"\b(?:et\s+al|e\.\s?g|i\.\s?e|[Cc]f|[Ff]igs?|[Ee]qn?s?|[Ss]ec(?:s|t|ts)?|[Tt]abs?|[Cc]h(?:ap)?|[Aa]pp|[Rr]efs?|[Tt]hm"
    r"|[Dd]ef|[Pp]rop|[Nn]os|[Vv]ol|[Vv]s|resp|[Aa]pprox|ca|viz|w\.r\.t|w\.l\.o\.g|[Ss]t|[Dd]r|[Pp]rof|[Aa]lg|[Ll]it)\."
    r"|\b(?:[Nn]o|pp?|[A-Z])\.(?=\s*\d|\s?[A-Z])"
)
_NEVER_LAST = re.compile(r"\b(?:et\s+al|etc|e\.g|i\.e)\.$")
_CLOSING = re.compile(r"(?:[.!?…。！？]+[\"'”’»)\]]*|[:;,]+)\s*$")
_STOPS = ".!?…"
_NO_WORDS = DISPLAY + "~,:;"
_SPACE_BEFORE_SIGN = re.compile(r"\s+([,.;:!?)\]])")
_HOLLOW = re.compile(r"\s*[(\[](?:see|e\.g\.|cf\.|i\.e\.|also|by|in|and|[\s,;~])*[)\]]")
_HAS_LETTER = re.compile(r"[^\W\d_]")
_NEXT_IS_CAPITAL = re.compile(r"\s+[\"'“(]?[A-ZÀ-ÖØ-Þ]|\s*$")
_CLOSED = re.compile(r"[.!?…]+[)\]\"'”’»]+(?=\s+[\"'“(]?[A-ZÀ-ÖØ-Þé]|\s*$)")
# What is masked must look like a word: after a lone ASCII letter a full stop ends an initial.
_LETTER = "é"
_GAP = 4
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a draft; places count code points of the draft's source text.

    `text` is plain prose: commands, citations and formulas are gone or replaced by what they
    set. `cites` are keys, or numbers, or an author and a year, as they are written. A citation
    is inserted at `insert_at`: after the last word, before the closing full stop.
    """

    start: int
    end: int
    text: str
    cites: tuple[str, ...] = ()
    insert_at: int
    kind: Kind
    section: str | None = None

    @property
    def needs_citation(self) -> bool:
        """Whether it makes a claim or names prior work, cited or not."""
        return needs_citation(self.kind)


Finder = Callable[[str], Iterable[Citation]]


def sentences_of(block: Block, finders: Iterable[Finder] = ()) -> Iterator[Sentence]:
    """Give the sentences of a block; `finders` find what its plain text cites."""
    text = block.text()
    if not _HAS_LETTER.search(text):
        return
    found = [one for finder in (*finders, dated) for one in finder(text)]
    opaque = block.opaque()
    found += [
        Citation(begin, end, piece.keys, is_textual=piece.is_textual)
        for begin, end, piece in opaque
        if piece.text == CITATION
    ]
    citations = without_overlaps(found)
    shape = _shape(text, citations, [(begin, end) for begin, end, _ in opaque])
    upcoming = 0
    for start, end in split_sentences(shape):
        while upcoming < len(citations) and citations[upcoming].end <= start:
            upcoming += 1
        first = upcoming
        while upcoming < len(citations) and citations[upcoming].start < end:
            upcoming += 1
        if sentence := _sentence(block, text, (start, end), citations[first:upcoming]):
            yield sentence


def _shape(text: str, citations: list[Citation], opaque: list[tuple[int, int]]) -> str:
    """Give a text of the same length in which only full stops of sentences look like one."""
    signs = list(text)
    for found in _ABBREVIATED.finditer(text):
        for place in range(found.start(), found.end()):
            if signs[place] == ".":
                signs[place] = _LETTER
    for begin, end in (*opaque, *((one.start, one.end) for one in citations)):
        signs[begin:end] = _LETTER * (end - begin)
    for citation in citations:
        stop = _stop_before(text, citation)
        if stop is not None and signs[stop] in _STOPS:
            # A citation behind the full stop belongs to what stands before it.
            signs[stop : citation.end] = _LETTER * (citation.end - stop - 1) + "."
    for found in _CLOSED.finditer("".join(signs)):
        signs[found.start() : found.end()] = _LETTER * (found.end() - found.start() - 1) + "."
    # A line break within a paragraph is a space; headings were parted from it before.
    return "".join(signs).replace("\n", " ").replace("\r", " ")


def _stop_before(text: str, citation: Citation) -> int | None:
    """Give the place of the full stop that a citation stands behind, if it does."""
    nearest = max(0, citation.start - _GAP)
    lead = text[nearest : citation.start].rstrip(" ~")
    is_apart = nearest + len(lead) < citation.start
    if not lead or (is_apart and citation.is_textual):
        return None
    return nearest + len(lead) - 1 if _NEXT_IS_CAPITAL.match(text, citation.end) else None


def _sentence(
    block: Block, text: str, place: tuple[int, int], citations: list[Citation]
) -> Sentence | None:
    start, end = place
    plain = _plain(text, place, citations)
    cites = tuple(dict.fromkeys(key[:_LONGEST_KEY] for one in citations for key in one.keys))
    if not _HAS_LETTER.search(plain) and not cites:
        return None
    is_citing = bool(cites) and len(plain.split()) > 1
    judged = tidy(plain.translate(_JUDGED_AS))
    kind = kind_of(judged, is_citing=is_citing, is_caption=block.is_caption, section=block.section)
    return Sentence(
        start=block.source_start(start),
        end=block.source_end(end - 1),
        text=tidy(plain.translate(_READ_AS)),
        cites=cites,
        insert_at=block.insertion_after(_last_word(text, place, citations)),
        kind=kind,
        section=block.section,
    )


def _plain(text: str, place: tuple[int, int], citations: list[Citation]) -> str:
    start, end = place
    parts = []
    for citation in citations:
        parts += [text[start : max(start, citation.start)], citation.kept]
        start = max(start, citation.end)
    return "".join((*parts, text[start:end]))


def tidy(text: str) -> str:
    """Give a text from which something was taken without the gaps that it left."""
    text = _HOLLOW.sub("", text)
    return _SPACE_BEFORE_SIGN.sub(r"\1", " ".join(text.split())).strip(" ,;").replace(",.", ".")


def _last_word(text: str, place: tuple[int, int], citations: list[Citation]) -> int:
    """Give the place of the character that a citation of the sentence is inserted behind."""
    start, end = place
    last = end
    if not _NEVER_LAST.search(text, max(start, end - 10), end):
        closing = _CLOSING.search(text, max(start, end - 10), end)
        last = closing.start() if closing else end
    for citation in citations:
        if citation.start < last < citation.end:
            last = citation.end
    # A formula set apart belongs to the sentence, but nothing is inserted behind it.
    while last > start and (text[last - 1].isspace() or text[last - 1] in _NO_WORDS):
        last -= 1
    return max(last, start + 1) - 1
