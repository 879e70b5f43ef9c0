"""Articles recombined of real ones: any number, each decided by a seed and its number alone.

An abstract is five to nine sentences of two or three articles that lie near each other, each
about where it stood in its own, so that it is about something. A title is the first half of
one and the second half of another, with a word of a third. Authors are drawn from those of
the articles that gave sentences; journal, date, type and language are those of the first,
which is drawn evenly from all: so facets have the values and the shares of the real corpus.

A corpus is the real articles, then the recombined ones: one of 10,000 articles is the
beginning of one of 1,000,000.
"""

import gzip
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
import orjson

from index.article import Article
from index.stopwords import STOPWORDS
from index.text import clean_text
from scripts.recombined.stock import Lookup, RealTexts, Stock, text_keys

SEED = "recombined"
PREFIX = "recombined:"
N_SOURCES = (2, 2, 3)
N_SENTENCES = (5, 9)
NEAREST = 8
"""Sentences come from an article and some of its so many nearest, titles from farther ones."""

_MOST_AUTHORS = 12
_LEAST_HEAD = 2
_LEAST_LETTERS = 5
_AT_ONCE = 8_192
_JOINTS = frozenset(
    ("as", "by", "for", "from", "in", "of", "on", "through", "to", "under", "using", "via", "with")
)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an article is made of, by numbers of the stock: nothing here needs a text.

    `sentences` are pairs of a number and a place among the pieces of its article, in order;
    `head` and `tail` gave the halves of the title, `word` a word of it.
    """

    number: int
    sources: tuple[int, ...]
    sentences: tuple[tuple[int, int], ...]
    head: int
    tail: int
    word: int


def draw_recipe(stock: Stock, number: int) -> Recipe:
    """Draw what the article of this number is made of."""
    draw = random.Random(f"{SEED} {number}")
    first = draw.randrange(len(stock.rows))
    near: list[int] = stock.near[first].tolist()
    others = list(dict.fromkeys(near[:NEAREST]))
    n_others = min(draw.choice(N_SOURCES) - 1, len(others))
    sources = (first, *draw.sample(others, n_others))
    found = []
    for source in sources:
        places = stock.places[stock.starts[source] : stock.starts[source + 1]].tolist()
        # an opening stays in front and a conclusion at the end, whatever it comes from
        found += [(place / places[-1], source, place) for place in places]
    chosen = draw.sample(found, min(draw.randint(*N_SENTENCES), len(found)))
    sentences = tuple((source, place) for _, source, place in sorted(chosen))
    return Recipe(number, sources, sentences, first, draw.choice(near), draw.choice(near))


def recombine(stock: Stock, texts: RealTexts, number: int) -> dict[str, object]:
    """Give the article of this number as the JSON object of our own form."""
    recipe = draw_recipe(stock, number)
    draw = random.Random(f"{SEED} text {number}")
    articles = [texts.articles[stock.rows[source]] for source in recipe.sources]
    titles = [
        texts.articles[stock.rows[one]].title or ""
        for one in (recipe.head, recipe.tail, recipe.word)
    ]
    abstract = " ".join(texts.pieces[stock.rows[one]][place] for one, place in recipe.sentences)
    first = articles[0]
    return {
        "id": f"{PREFIX}{number:07}",
        # as a build reads it: the encoder knows it by its hash
        "title": clean_text(join_titles(*titles, draw=draw)),
        "abstract": abstract,
        "authors": _draw_authors(articles, draw),
    } | _known(journal=first.journal, published=first.published, type=first.type,
               language=first.language)  # fmt: skip


def join_titles(head: str, tail: str, other: str, *, draw: random.Random) -> str:
    """Join the first half of a title and the second half of another, with a word of a third."""
    front, back = _halves(head)[0], _halves(tail)[1]
    places = [match for match in _WORD.finditer(back) if _is_content(match[0])]
    if not places:
        return front + back
    match = draw.choice(places)
    words = [
        word
        for word in _WORD.findall(other)
        if _is_content(word) and word[0].isupper() == match[0][0].isupper()
    ]
    word = draw.choice(words) if words else match[0]
    return f"{front}{back[: match.start()]}{word}{back[match.end() :]}"


def _halves(title: str) -> tuple[str, str]:
    """Cut a title before its first preposition that has two words in front, or at its colon.

    Where it has neither, it is its own front, and its back behind a colon.
    """
    words = title.split()
    for place, word in enumerate(words[:-1]):
        if place >= _LEAST_HEAD and word.casefold() in _JOINTS:
            return " ".join(words[:place]), " " + " ".join(words[place:])
    front, colon, back = title.partition(": ")
    return front.rstrip(".?!: "), f": {back if colon else title}"


def _is_content(word: str) -> bool:
    return len(word) >= _LEAST_LETTERS and word.casefold() not in STOPWORDS


def _draw_authors(articles: Sequence[Article], draw: random.Random) -> list[str]:
    """Draw as many authors as one of the articles has, from those of all of them."""
    names = list(dict.fromkeys(name for article in articles for name in article.authors))
    wanted = min(len(draw.choice(articles).authors), len(names), _MOST_AUTHORS)
    return draw.sample(names, wanted)


def real_record(article: Article) -> dict[str, object]:
    """Give a real article as the JSON object of our own form, without what is not known."""
    return {"id": article.article_id} | _known(
        title=article.title, abstract=article.abstract, authors=list(article.authors),
        n_authors=article.n_authors, doi=article.doi, journal=article.journal,
        published=article.published, type=article.type, url=article.url,
        language=article.language, is_new=article.is_new, retracted=article.retracted,
    )  # fmt: skip


def _known(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value or value is False}


def corpus(stock: Stock, texts: RealTexts, n_articles: int) -> Iterator[dict[str, object]]:
    """Give the corpus of so many articles: the real ones, then recombined ones."""
    made = (recombine(stock, texts, number) for number in range(1, n_articles + 1))
    yield from islice(chain(map(real_record, texts.articles), made), n_articles)


def further(
    stock: Stock, texts: RealTexts, n_articles: int, n_more: int
) -> Iterator[dict[str, object]]:
    """Give the recombined articles that come after a corpus of so many articles."""
    first = max(0, n_articles - stock.n_real) + 1
    return (recombine(stock, texts, number) for number in range(first, first + n_more))


def write_articles(path: Path, records: Iterable[dict[str, object]]) -> Lookup:
    """Write JSON Lines, gzipped, and give what their texts are made of.

    A title finds twice the number of its article, a passage one more.
    """
    keys = [np.empty(0, np.uint64)]
    values = [np.empty(0, np.int64)]
    remaining = iter(records)
    with gzip.open(path, "wb", compresslevel=1) as stream:
        while block := list(islice(remaining, _AT_ONCE)):
            stream.write(b"".join(orjson.dumps(record) + b"\n" for record in block))
            made = [one for one in block if str(one["id"]).startswith(PREFIX)]
            numbers = np.array([int(str(one["id"]).removeprefix(PREFIX)) for one in made], np.int64)
            keys.append(text_keys(str(one["title"]) for one in made))
            keys.append(text_keys(f"{one['title']}\n{one['abstract']}" for one in made))
            values += [2 * numbers, 2 * numbers + 1]
    return Lookup.of(np.concatenate(keys), np.concatenate(values))
