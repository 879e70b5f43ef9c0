"""Questions that name what they look for, drawn (seeded) from the articles of a corpus.

Each kind is drawn by a seed of its own, so that no other moves it: titles, DOIs, authors,
acronyms, phrases, and the same with a typing error.
"""

import random
import re
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from index.article import Article
from index.corpus import Corpus
from index.identity import fold_name
from index.reading import read_corpus
from index.sources import find_sources
from index.stopwords import STOPWORDS

N_BEARERS = range(2, 21)
N_OF_AUTHOR = range(3, 51)
N_OF_ACRONYM = range(5, 201)
PHRASE_WORDS = 3
LEAST_LETTERS = 5
"""A word of fewer is no place for a typing error: too often it becomes another word."""

_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(rf"[^\W\d_]{{{LEAST_LETTERS},}}")
_ACRONYM = re.compile(r"(?<![^\W_])[A-Z]{3,6}(?![^\W_])")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ERRORS = ("swapped", "dropped", "doubled", "replaced")

_Drawn = TypeVar("_Drawn")


@dataclass(frozen=True, slots=True)
class Known:
    """The articles of an index by their ids, and those of them that are drawn from."""

    articles: Mapping[str, Article]
    drawn_from: Sequence[Article]

    def by_title(self) -> dict[str, list[Article]]:
        """Give all articles by their titles, letter case, punctuation and white space apart."""
        bearers: dict[str, list[Article]] = defaultdict(list)
        for article in self.articles.values():
            if article.title and (title := fold(article.title)):
                bearers[title].append(article)
        return bearers


def read_known(corpus: Path, beside: Sequence[Path] = ()) -> Known:
    """Read sources as a build does; articles are drawn from those that `corpus` gave first."""
    names = {source.name for source in find_sources([corpus])}
    read, _ = read_corpus(find_sources([corpus, *beside]), Corpus(), quiet=True)
    articles = {article.article_id: article for article in read.articles()}
    return Known(articles, [one for one in articles.values() if one.source in names])


def fold(text: str) -> str:
    """Give the words of a text in one case, with one space between them."""
    return " ".join(_WORD.findall(text.casefold()))


@dataclass(frozen=True, slots=True)
class Named:
    """A question that means one article."""

    query: str
    article: Article


def draw_unique_titles(known: Known, n: int) -> list[Named]:
    """Draw titles that occur once among all articles."""
    bearers = known.by_title()
    once = [
        Named(one.title, one)
        for one in known.drawn_from
        if one.title and len(bearers[fold(one.title)]) == 1
    ]
    return _draw("titles", once, n)


def draw_shared_titles(known: Known, n: int) -> list[list[Article]]:
    """Draw titles of 2 to 20 articles, and give the bearers of each."""
    titles = {fold(one.title) for one in known.drawn_from if one.title}
    bearers = known.by_title()
    shared = (bearers[title] for title in sorted(titles) if title)
    return _draw("shared titles", [one for one in shared if len(one) in N_BEARERS], n)


def draw_dois(known: Known, n: int) -> list[Named]:
    """Draw well-formed DOIs."""
    with_doi = [
        Named(one.doi, one) for one in known.drawn_from if one.doi and _DOI.fullmatch(one.doi)
    ]
    return _draw("DOIs", with_doi, n)


def mistyped_titles(titles: Iterable[Named]) -> Iterator[Named]:
    """Put one typing error into each title that has a word long enough for it."""
    draw = random.Random("typing errors in titles")
    for one in titles:
        if (query := mistype(one.query, draw)) is not None:
            yield Named(query, one.article)


def mistype(text: str, draw: random.Random) -> str | None:
    """Make one typing error in one word of five letters or more; None where there is none."""
    places = [match.span() for match in _LETTERS.finditer(text)]
    if not places:
        return None
    start, end = draw.choice(places)
    return text[:start] + _mistyped(text[start:end], draw) + text[end:]


def _mistyped(word: str, draw: random.Random) -> str:
    wrong = word
    while wrong.casefold() == word.casefold():
        at = draw.randrange(len(word) - 1)
        head, letter, after, tail = word[:at], word[at], word[at + 1], word[at + 2 :]
        other = draw.choice(string.ascii_lowercase)
        letters = {"swapped": after + letter, "dropped": after, "doubled": letter + letter + after}
        wrong = head + letters.get(draw.choice(_ERRORS), other + after) + tail
    return wrong


def draw_authors(known: Known, n: int) -> list[str]:
    """Draw names of 3 to 50 articles, as they are written most often."""
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for article in known.drawn_from:
        for name in dict.fromkeys(article.authors):
            written[author_key(name)][name] += 1
    names = [
        min(names, key=lambda name: (-names[name], name))
        for names in written.values()
        if names.total() in N_OF_AUTHOR
    ]
    return _draw("authors", [name for name in names if " " in name and "," not in name], n)


def author_forms(name: str, known: Container[str], draw: random.Random) -> dict[str, str]:
    """Give the ways to ask for an author; the last word is taken for the family name.

    A typing error that would make another of the `known` names is not made; of a short family
    name there is no form with one.
    """
    given, _, family = name.rpartition(" ")
    forms = {"as written": name, "Family, Given": f"{family}, {given}"}
    wrong = mistype(family, draw)
    while wrong is not None and author_key(f"{given} {wrong}") in known:
        wrong = mistype(family, draw)
    return forms if wrong is None else forms | {"typing error": f"{given} {wrong}"}


def author_key(name: str) -> str:
    """Give what all spellings of a person's name have in common."""
    return fold_name(name, is_person=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, and the tests that a text of a hit should pass, by name."""

    query: str
    tests: Mapping[str, Callable[[str], bool]]

    def is_in(self, texts: Iterable[str]) -> bool:
        """Whether one of the texts passes one of the tests."""
        return any(test(text) for text in texts for test in self.tests.values())


def draw_acronyms(known: Known, n: int) -> list[Wanted]:
    """Draw words of 3 to 6 capitals that stand in 5 to 200 titles."""
    n_titles: Counter[str] = Counter()
    for article in known.drawn_from:
        # where all is in capitals, they tell no acronym
        if article.title and not article.title.isupper():
            n_titles.update(dict.fromkeys(_ACRONYM.findall(article.title), 1))
    acronyms = [one for one, n_with in n_titles.items() if n_with in N_OF_ACRONYM]
    return [_wanted_acronym(one) for one in _draw("acronyms", acronyms, n)]


def _wanted_acronym(acronym: str) -> Wanted:
    as_written = re.compile(rf"(?<![^\W_]){acronym}s?(?![^\W_])")
    any_case = re.compile(as_written.pattern, re.IGNORECASE)
    return Wanted(
        acronym,
        {
            "as_written": lambda text: as_written.search(text) is not None,
            "in_any_case": lambda text: any_case.search(text) is not None,
        },
    )


def draw_phrases(known: Known, n: int) -> list[Wanted]:
    """Draw three successive words of an abstract, no stop word at either end, and quote them."""
    draw = random.Random("words of phrases")
    with_abstract = [one for one in known.drawn_from if one.abstract]
    phrases = (
        _phrase(article.abstract or "", draw)
        for article in _draw("phrases", with_abstract, len(with_abstract))
    )
    found = (phrase for phrase in phrases if phrase is not None)
    return [_wanted_phrase(phrase) for phrase, _ in zip(found, range(n), strict=False)]


def _phrase(abstract: str, draw: random.Random) -> str | None:
    words = abstract.split()
    runs = [words[at : at + PHRASE_WORDS] for at in range(len(words) - PHRASE_WORDS + 1)]
    phrases = [
        run
        for run in runs
        if all(map(str.isalnum, run)) and not STOPWORDS & {run[0].lower(), run[-1].lower()}
    ]
    return " ".join(draw.choice(phrases)) if phrases else None


def _wanted_phrase(phrase: str) -> Wanted:
    words = f" {fold(phrase)} "
    return Wanted(f'"{phrase}"', {"verbatim": lambda text: words in f" {fold(text)} "})


def _draw(kind: str, candidates: Sequence[_Drawn], n: int) -> list[_Drawn]:
    return random.Random(kind).sample(candidates, min(n, len(candidates)))
