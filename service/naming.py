"""What a question names: a quoted phrase, an identifier, a whole title, a person.

What is named is found for its name, whatever it resembles. This file knows neither
probabilities nor the order of an answer.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.columns import Selection
from index.lexical import LexicalIndex
from index.people import Bearers
from index.snapshot import Snapshot
from service.ranking import Rows, is_in, union_rows

Marks = npt.NDArray[np.uint8]
MATCH, PHRASE, IDENTIFIER, TITLE, AUTHOR = 1, 2, 4, 8, 16
MARK_NAMES = {
    MATCH: "match",
    PHRASE: "phrase",
    IDENTIFIER: "identifier",
    TITLE: "title",
    AUTHOR: "author",
}
MOST_TYPED = 70
"""A text of more words was pasted: its quotation marks ask for nothing, its words are no slips."""
LEAST_RESPELLED = 5
"""Shorter words are taken as they are."""
MOST_STRANGE = 1 / 3
"""Where more of the words are unknown (and more than one) it is another language, and no slips."""

QUOTED = re.compile(r'["“„«]([^"“”„«»]+)["”“»]')
_AROUND = " \t\r\n\"'“”„«»‘’<>"
_ENDS = ".,;:!? \t\r\n"
_LABELLED = re.compile(
    r"(?:doi|arxiv|pmid|pubmed|openalex|acl)\s*[:.]?\s*(\S+)(?:\s+\[[\w.-]+\])?", re.IGNORECASE
)
_ACL_ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?(?:aclanthology\.(?:org|info)|aclweb\.org/anthology)"
    r"/(?:papers/\w/\w+/)?([\w.-]+?)(?:v\d+)?(?:\.pdf|\.bib)?/?",
    re.IGNORECASE,
)
_OLD_ACL_ID = re.compile(r"[A-Za-z]\d{2}-\d{4,5}")
_NEW_ACL_ID = re.compile(r"\d{4}\.[\w-]+\.\d+", re.ASCII)
_LONGEST_ID = 512
_WORD = re.compile(r"[^\W_]+")
# no part of an address, a number with a unit or a name of a program
SPELLED_OUT = re.compile(r"(?<![\w./@:])[^\W\d_]+(?![\w/@]|[.:]\w)")
_NO_ROWS = np.empty(0, dtype=np.int64)


class Named(NamedTuple):
    """Rows by the way in which a question names them.

    `phrase_rows` are the articles that hold all phrases the question quotes; None where it
    quotes none.
    """

    found: tuple[tuple[int, Rows], ...] = ()
    phrase_rows: Rows | None = None

    @property
    def rows(self) -> Rows:
        """All rows that are named in some way, ascending."""
        return union_rows(*(rows for _, rows in self.found)) if self.found else _NO_ROWS

    def marks_of(self, rows: Rows) -> Marks:
        """Give the reasons for which each of some ascending rows is named, 0 where it is not."""
        marks = np.zeros(len(rows), dtype=np.uint8)
        for mark, named in self.found:
            marks[is_in(rows, named)] |= mark
        return marks


class Namer:
    """Finds what questions name in one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._store = snapshot.store
        self._columns = snapshot.columns
        self._lexical = snapshot.lexical

    def named(self, text: str, respelled: str | None, depth: int) -> Named:
        """Give what a question names; of a single phrase up to `depth` articles.

        `respelled` is what the method of that name gives of it.
        """
        whole = text.strip(_AROUND)
        found = {
            IDENTIFIER: self._identified(text),
            TITLE: self._titled(text, respelled),
            AUTHOR: self._written(whole),
        }
        phrase_rows = self._quoting(text, depth)
        if phrase_rows is not None:
            found[PHRASE] = phrase_rows
            if len(QUOTED.sub("", text).strip(_AROUND + _ENDS)) == 0:
                # what is quoted is the name
                phrase_rows = union_rows(phrase_rows, found[IDENTIFIER], found[AUTHOR])
        return Named(tuple((mark, rows) for mark, rows in found.items() if len(rows)), phrase_rows)

    def respelled(self, text: str) -> str | None:
        """Give a question with its typing errors mended, or None where none is found."""
        return respelled(text, self._lexical, self._columns.people.knows)

    def _quoting(self, text: str, depth: int) -> Rows | None:
        phrases = [phrase for phrase in QUOTED.findall(text) if _WORD.search(phrase)]
        if not phrases or len(text.split()) > MOST_TYPED:
            return None
        # what holds another phrase too may be anywhere among all that hold this one
        k = depth if len(phrases) == 1 else self._lexical.n_articles
        found = np.sort(self._lexical.phrase_rows(phrases[0], "text", k))
        for phrase in phrases[1:]:
            found = found[is_in(found, np.sort(self._lexical.phrase_rows(phrase, "text", k)))]
        return found

    def _identified(self, text: str) -> Rows:
        for form in _forms_of_id(text):
            if (row := self._store.find(form)) is not None:
                return np.array([row], dtype=np.int64)
        whole = text.strip()
        row = self._store.find(whole) if " " in whole and len(whole) <= _LONGEST_ID else None
        # among other words an identifier is a word, but there are ids of several words
        if row is not None and self._store.article_ids([row]) == [whole]:
            return np.array([row], dtype=np.int64)
        return _NO_ROWS

    def _titled(self, text: str, respelled: str | None) -> Rows:
        if not _WORD.search(text):
            return _NO_ROWS
        rows = self._columns.titles.rows(text)
        if not len(rows) and respelled is not None:
            return self._columns.titles.rows(respelled)
        return rows

    def _written(self, text: str) -> Rows:
        """Give the articles by whoever a text names, as long as it is more a name than words."""
        people = self._columns.people
        bearers = people.bearers(text)
        if bearers is not None:
            return self._by(bearers)
        meant = [self._by(one) for one in people.nearly(text, self._is_word)]
        # of several persons the one with the most articles
        return max(meant, key=len, default=_NO_ROWS)

    def _by(self, bearers: Bearers) -> Rows:
        mask = self._columns.mask(Selection(authors=bearers.codes))
        rows = _NO_ROWS if mask is None else np.flatnonzero(mask)
        if bearers.is_certain:
            return rows
        holding = self._lexical.phrase_rows(bearers.text, "text", len(rows))
        return rows if len(holding) < len(rows) else _NO_ROWS

    def _is_word(self, word: str) -> bool:
        return _is_word(word, self._lexical)


def respelled(text: str, lexical: LexicalIndex, is_name: Callable[[str], bool]) -> str | None:
    """Give a question with the words that no article has corrected, or None where none is.

    Short words, those with capitals or digits and what stands in quotes stay, and what `is_name`
    says of; all else is as it was typed. A text of many unknown words is in another language.
    """
    strange = strange_words(text, lexical, is_name)
    if len(strange) > max(1, MOST_STRANGE * len(_WORD.findall(text))):
        return None
    mended, end = [], 0
    for word in filter(_may_be_mistyped, strange):
        if (meant := lexical.spelled(word[0])) is not None:
            is_capital = word[0][0].isupper()
            mended += [text[end : word.start()], meant.capitalize() if is_capital else meant]
            end = word.end()
    return "".join([*mended, text[end:]]) if mended else None


def strange_words(
    text: str, lexical: LexicalIndex, is_name: Callable[[str], bool]
) -> list[re.Match[str]]:
    """Give the words of a question that no article has, outside of quotes.

    None of a text too long to be typed.
    """
    if len(_WORD.findall(text)) > MOST_TYPED:
        return []
    quoted = [match.span() for match in QUOTED.finditer(text)]
    return [
        word
        for word in SPELLED_OUT.finditer(text)
        if not any(start <= word.start() < end for start, end in quoted)
        and not _is_word(word[0], lexical)
        and not is_name(word[0])
    ]


def _may_be_mistyped(word: re.Match[str]) -> bool:
    # capitals within a word make a name or an acronym of it
    return len(word[0]) >= LEAST_RESPELLED and word[0][1:].islower()


def _is_word(word: str, lexical: LexicalIndex) -> bool:
    """Tell whether some article has a word in some form; a stop word is one."""
    stems = lexical.words(word)
    return not stems or any(map(lexical.n_with, stems))


def _forms_of_id(text: str) -> Iterator[str]:
    """Give what a text may be an identifier as; nothing where it is a text of several words."""
    bare = text.strip(_AROUND)
    forms = dict.fromkeys((text.strip(), bare, bare.rstrip(_ENDS).rstrip(_AROUND)))
    for form in forms:
        if form.startswith("(") and form.endswith(")"):
            form = form[1:-1]
        if not form or (len(form.split()) > 1 and not _LABELLED.fullmatch(form)):
            continue
        yield form
        address = _ACL_ADDRESS.fullmatch(form)
        name = address[1] if address else form.removeprefix("acl:")
        if _OLD_ACL_ID.fullmatch(name):
            yield f"acl:{name.upper()}"
        elif _NEW_ACL_ID.fullmatch(name):
            yield f"acl:{name.lower()}"
