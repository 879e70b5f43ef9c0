"""Read the plain-text listing: a page of search results, copied from a discovery site.

    - New                              only on entries the site marks so
    - Research Article
    - 10.1016/j.patcog.2025.111963
    - Jan 1, 2026
    - Pattern Recognition
    - Liangfei Zhang + 4 more          or the only author's name, or no line at all
    Multimodal latent emotion recognition from micro-expression and physiological signal

The lines before the first entry are the page's heading. The text below an entry is its
title or its abstract and nothing says which, so `is_abstract` judges by its form; the other
of the two stays unknown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.sources.opening import Source
from index.sources.record import Record, Refused

_ITEM = re.compile(r"\s*[-•*]\s+(\S.*)")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = rf"(?:{_MONTH} \d{{1,2}}, \d{{4}}|\d{{1,2}} {_MONTH} \d{{4}})"
_DATE = re.compile(rf"{_DAY}|{_MONTH} \d{{4}}|\d{{4}}(?:-\d\d(?:-\d\d)?)?")
_MARK = r"[ \t]*[-•*][ \t]+"
_ANCHOR_AND_ITEM = re.compile(
    rf"^{_MARK}(?:10\.\d{{4,9}}/\S+|{_DAY})[ \t]*\n{_MARK}\S", re.MULTILINE
)
_MORE = re.compile(r"(\S.*?) \+ (\d{1,3}(?:,\d{3})+|\d{1,6}) more")
_NEW = "New"

_LONGEST_TITLE = 60
_LONG_TITLE = 40
_LONG_STATEMENT = 30
_SHORTEST_SENTENCE = 4
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_PER_WORD = 2
_STOP = re.compile(r"[.。](?=[\"'”’)\]]*(?:\s|$))|。")
_ENDS = re.compile(r"(?:[.。…!]|\.\.\.)[\"'”’)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|[A-Za-z](?:\.[A-Za-z])+|vs|cf|al|etc|Dr|Mrs?|Ms|Prof|St|No|Nos|Vols?|"
    r"Figs?|Eqs?|approx|ca|spp?|var|subsp|Inc|Ltd|Co|Jr|Sr)$"
)
_AUTHORS_SPEAK = re.compile(
    r"\b(?:we|our (?:results?|findings?|methods?|approach|models?|experiments?|study|work)|"
    r"(?:this|the present|the current) (?:paper|study|article|work|research|review|survey|"
    r"chapter|thesis|report|letter|project))\b"
    r"|^(?:abstract|background|objectives?|introduction|purpose|aims?|motivation|summary|"
    r"context)(?::|\s*[-–—]\s)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Entry:
    """The items of one entry, each with its line, and the lines of text below them."""

    items: list[tuple[int, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def recognise(head: str) -> bool:
    """Say whether a source has a DOI or a date as a list item, and another below it."""
    return _ANCHOR_AND_ITEM.search(head) is not None


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record, or the reason for none, for every entry."""
    entry = _Entry()
    for number, line in source.lines():
        if item := _ITEM.fullmatch(line):
            # An item after the text, or a second "New", cannot belong to the entry.
            text = " ".join(item[1].split())
            if entry.texts or text == _NEW:
                yield from _read_entry(entry)
                entry = _Entry()
            entry.items.append((number, text))
        elif entry.items and line.strip():
            entry.texts.append(line.strip())
    yield from _read_entry(entry)


def is_abstract(text: str) -> bool:
    """Judge whether a text is an abstract rather than a title, by its form alone.

    Titles are short and are no sentences: up to 40 words, rarely up to 60, without a full
    stop at the end, though a question mark, a colon or a stop after "Part 1" may be inside.
    A title that ends with a stop, as PubMed writes them, is one statement. So an abstract is
    what is longer than any title; or has a sentence of at least four words in which the
    authors speak of their paper; or ends with a stop after two sentences, or after one of
    more than 30 words.
    """
    n_words = _count_words(text)
    if n_words > _LONGEST_TITLE:
        return True
    n_sentences = _count_sentences(text)
    ends = _ENDS.search(text) is not None
    speaks = _AUTHORS_SPEAK.search(text) is not None
    if n_words > _LONG_TITLE:
        return ends or speaks or n_sentences > 0
    if speaks and n_sentences > 0:
        return True
    return ends and (n_sentences > 1 or n_words > _LONG_STATEMENT)


def _count_words(text: str) -> int:
    cjk = len(_CJK.findall(text))
    return len(_WORD.findall(_CJK.sub(" ", text))) + cjk // _CJK_PER_WORD


def _count_sentences(text: str) -> int:
    """Count the full stops that end at least four words, leaving those of abbreviations out."""
    count = begin = 0
    for stop in _STOP.finditer(text):
        # An abbreviation is a few letters, so there is no need to look at more.
        if stop[0] == "." and _ABBREVIATION.search(
            text, max(begin, stop.start() - 12), stop.start()
        ):
            continue
        count += _count_words(text[begin : stop.start()]) >= _SHORTEST_SENTENCE
        begin = stop.end()
    return count


def _read_entry(entry: _Entry) -> Iterator[Record | Refused]:
    """Give the entry's record; items of two entries run together if the first lacks its text."""
    dois = [n for n, (_, item) in enumerate(entry.items) if _DOI.fullmatch(item)]
    if len(dois) > 1:
        begin = max(dois[0] + 1, dois[1] - 1)  # the type stands before the DOI
        yield from _read_entry(_Entry(entry.items[:begin]))
        yield from _read_entry(_Entry(entry.items[begin:], entry.texts))
    elif entry.items and not entry.texts:
        yield Refused(entry.items[0][0], "no title or abstract follows the list items")
    elif entry.items:
        yield _record(entry)


def _record(entry: _Entry) -> Record | Refused:
    line, items = entry.items[0][0], [item for _, item in entry.items]
    is_new = items[0] == _NEW
    items = items[1:] if is_new else items
    anchors = [n for n, item in enumerate(items) if _DOI.fullmatch(item) or _DATE.fullmatch(item)]
    if not anchors:
        return Refused(line, "the list items hold neither a DOI nor a date")
    first, last = anchors[0], anchors[-1]
    dates = [item for item in items[first : last + 1] if _DATE.fullmatch(item)]
    doi = next((found[1] for item in items if (found := _DOI.fullmatch(item))), None)
    journal, author, n_authors = _journal_and_author(items[last + 1 :])
    title, abstract, ignored = _told_apart(entry.texts)
    return Record(
        line=line,
        identifiers=(f"doi:{doi}",) if doi else (),
        title=title,
        abstract=abstract,
        authors=(author,) if author else (),
        n_authors=n_authors,
        journal=journal,
        published=dates[0] if dates else None,
        type=items[0] if first > 0 else None,
        is_new=is_new,
        repairs=tuple(f"a line of the entry was not understood: {text!r}" for text in ignored),
    )


def _journal_and_author(names: list[str]) -> tuple[str | None, str | None, int | None]:
    """Give journal, first author and number of authors, from what follows the date.

    A name alone is the journal's, which is hardly ever unknown, unless it counts authors.
    """
    journal = names[0] if names and not _MORE.fullmatch(names[0]) else None
    for name in names:
        if more := _MORE.fullmatch(name):
            return journal, more[1], 1 + int(more[2].replace(",", ""))
    return (journal, names[1], 1) if len(names) > 1 else (journal, None, None)


def _told_apart(texts: list[str]) -> tuple[str | None, str | None, list[str]]:
    """Give title, abstract and the lines that are neither.

    The form has one line of text; an abstract may have been copied as several paragraphs.
    """
    begin = 0 if is_abstract(texts[0]) else 1
    end = next((n for n in range(begin, len(texts)) if not is_abstract(texts[n])), len(texts))
    title = texts[0] if begin else None
    return title, "\n".join(texts[begin:end]) or None, texts[end:]
