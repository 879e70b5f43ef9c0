"""One citation before it is written: what it states, true or altered, of which article."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from index.article import Article
from index.identity import fold_name
from service.exports.author_name import split_name

Fault = str
MOST_AUTHORS = 12
_USUAL_WORDS = (
    "proceedings conference workshop international annual meeting volume papers journal"
    " transactions"
)
_USUAL = frozenset(_USUAL_WORDS.split())


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation states; a style writes as much of it as it has room for."""

    article_id: str
    title: str
    authors: tuple[tuple[str, str], ...] = ()
    year: int | None = None
    venue: str | None = None
    doi: str | None = None
    fault: Fault | None = None

    @classmethod
    def of(cls, article: Article) -> "Cited":
        """State an article as it is."""
        names = (split_name(name) for name in article.authors[:MOST_AUTHORS])
        whole = article.n_authors <= len(article.authors) <= MOST_AUTHORS
        return cls(
            article_id=article.article_id,
            title=article.title or "",
            authors=tuple((one.family, one.given) for one in names if one.family) if whole else (),
            year=article.year,
            venue=article.journal,
            doi=article.doi,
        )


class Corpus(NamedTuple):
    """What faults are made with: the articles that are drawn, and what identifies none."""

    articles: Sequence[Article]
    is_known: Callable[[str], bool]
    is_title: Callable[[str], bool]


def other_year(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Alter the year by one to three."""
    del corpus
    if cited.year is None:
        return None
    return replace(cited, year=cited.year + draw.choice((-3, -2, -1, 1, 2, 3)))


def swapped_authors(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Put another of the authors first."""
    del corpus
    others = [
        number
        for number, one in enumerate(cited.authors)
        if fold_name(one[0], is_person=False) != fold_name(cited.authors[0][0], is_person=False)
    ]
    if not others:
        return None
    number = draw.choice(others)
    authors = [*cited.authors]
    authors[0], authors[number] = authors[number], authors[0]
    return replace(cited, authors=tuple(authors))


def foreign_author(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Put the first author of another article in the place of the first."""
    if not cited.authors:
        return None
    own = {fold_name(family, is_person=False) for family, _ in cited.authors}
    for _ in range(20):
        other = Cited.of(draw.choice(corpus.articles)).authors[:1]
        if other and fold_name(other[0][0], is_person=False) not in own:
            return replace(cited, authors=(*other, *cited.authors[1:]))
    return None


def invented_doi(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Change digits of the DOI until no article has it."""
    if cited.doi is None:
        return None
    for _ in range(20):
        doi = re.sub(r"\d(?=\d*$|\d*[^/]*$)", lambda _: draw.choice("0123456789"), cited.doi)
        if doi != cited.doi and not corpus.is_known(f"doi:{doi}"):
            return replace(cited, doi=doi)
    return None


def foreign_doi(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Give it the DOI of another article."""
    if cited.doi is None:
        return None
    dois = [one.doi for one in draw.choices(corpus.articles, k=40) if one.doi]
    other = next((doi for doi in dois if doi != cited.doi), None)
    return None if other is None else replace(cited, doi=other)


def foreign_venue(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Give it a journal or conference whose name has no telling word in common with its own."""
    own = _telling(cited.venue or "")
    for other in draw.choices(corpus.articles, k=40):
        if other.journal and not own & _telling(other.journal):
            return replace(cited, venue=other.journal)
    return None


def _telling(venue: str) -> set[str]:
    words = {word.casefold() for word in re.findall(r"[^\W\d_]{4,}", venue)}
    return words - _USUAL


def word_replaced(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Put a word of another title in the place of one."""
    words = cited.title.split()
    others = (draw.choice(corpus.articles).title or "").split()
    places = [n for n, word in enumerate(words) if len(word) > 3]
    if not places or not others:
        return None
    place, word = draw.choice(places), draw.choice(others)
    return _titled(cited, [*words[:place], word, *words[place + 1 :]], corpus)


def word_dropped(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Leave a word of the title out."""
    words = cited.title.split()
    if len(words) < 4:
        return None
    place = draw.randrange(len(words))
    return _titled(cited, words[:place] + words[place + 1 :], corpus)


def words_reordered(cited: Cited, corpus: Corpus, draw: random.Random) -> Cited | None:
    """Exchange two neighbouring words of the title."""
    words = cited.title.split()
    if len(words) < 4:
        return None
    place = draw.randrange(len(words) - 1)
    words[place], words[place + 1] = words[place + 1], words[place]
    return _titled(cited, words, corpus)


def _titled(cited: Cited, words: Sequence[str], corpus: Corpus) -> Cited | None:
    title = " ".join(words)
    is_same = fold_name(title, is_person=False) == fold_name(cited.title, is_person=False)
    return None if is_same or corpus.is_title(title) else replace(cited, title=title)


FAULTS: Mapping[Fault, tuple[str, Callable[[Cited, Corpus, random.Random], Cited | None]]] = {
    "year altered": ("year", other_year),
    "authors swapped": ("authors", swapped_authors),
    "foreign first author": ("authors", foreign_author),
    "DOI invented": ("doi", invented_doi),
    "DOI of another article": ("doi", foreign_doi),
    "journal of another article": ("venue", foreign_venue),
    "word of the title replaced": ("title", word_replaced),
    "word of the title left out": ("title", word_dropped),
    "words of the title reordered": ("title", words_reordered),
}
"""Every kind of fault, by the field that it alters."""
