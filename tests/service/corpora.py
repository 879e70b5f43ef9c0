"""Small corpora and queries for the laws of the match set, and what they say by brute force.

Nothing here asks the engine: membership is recomputed from the definitions, over all articles.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from index.article import Article
from index.build import build_index, decide_versions
from index.calibration import (
    COVERED,
    COVERED_FROM,
    ENOUGH_WORDS,
    LEXICAL_SHARE,
    TITLE_ALONE,
)
from index.columns import FIELDS, names_of
from index.dates import date_span
from index.identity import fold_name
from index.snapshot import Snapshot
from index.versions import Prefer, representative
from service.naming import AUTHOR, IDENTIFIER, Namer
from service.query import FacetField, Filters, Limits, Mode, Query, Sort
from service.search import SearchEngine
from tests.building import silent, write_source
from tests.encoders import HashEncoder

Record = dict[str, object]
Values = npt.NDArray[np.float64]

# no two of them have a stem in common, and one is no word to search by
WORDS = [
    "wheat",
    "soil",
    "brain",
    "signal",
    "graph",
    "müller",
    "protein",
    "графы",
    "神経",
    "7",
    "of",
]
PEOPLE = ["Ana Müller", "Muller, Ana", "Bo Chen", "Dora Ek"]
JOURNALS = ["Nature", "NATURE", "Proceedings of Bees", "arXiv"]
TYPES = ["research-article", "review", "preprint"]
DATES = ["1969-12-31", "2023", "2024-02", "2024-02-29", "2024-12-01"]
FACETS: tuple[FacetField, ...] = get_args(FacetField)
ROUNDING = 2e-6
"""How far a probability computed twice can differ, by rounding; what is closer is not judged."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Records, and what was decided of pairs of them; `texts` are what may be asked."""

    records: tuple[Record, ...]
    decisions: tuple[tuple[str, str, bool], ...]

    @property
    def texts(self) -> list[str]:
        """Give what the articles say of themselves: ids, titles, abstracts."""
        values = [record.get(key) for record in self.records for key in ("id", "title", "abstract")]
        return sorted({str(value) for value in values if value})


def _text(least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), min_size=least, max_size=most).map(" ".join)


_sentences = st.lists(_text(3, 6).map(lambda text: text.capitalize() + "."), min_size=1, max_size=6)


@st.composite
def corpora(draw: st.DrawFn, most: int = 12) -> Corpus:
    """Draw corpora in which texts, dates and names repeat, and some articles are one work."""
    titles = draw(st.lists(_text(1, 4), min_size=1, max_size=5))
    abstracts = draw(st.lists(_sentences.map(" ".join), min_size=1, max_size=5))
    n_articles = draw(st.integers(1, most))
    records = []
    for number in range(n_articles):
        has_title, has_abstract = draw(st.sampled_from([(1, 1), (1, 1), (1, 0), (0, 1)]))
        record: Record = {
            "id": f"a{number:02}",
            "title": draw(st.sampled_from(titles)) if has_title else None,
            "abstract": draw(st.sampled_from(abstracts)) if has_abstract else None,
            "authors": [{"name": name} for name in draw(_some(PEOPLE))],
            "journal": draw(st.none() | st.sampled_from(JOURNALS)),
            "published": draw(st.none() | st.sampled_from(DATES)),
            "type": draw(st.sampled_from(TYPES)),
            "language": draw(st.none() | st.sampled_from(["en", "de"])),
        }
        records.append({key: value for key, value in record.items() if value})
    decisions = []
    if n_articles > 1 and draw(st.booleans()):
        pair = st.lists(st.integers(0, n_articles - 1), min_size=2, max_size=2, unique=True)
        first, second = draw(pair)
        decisions.append(
            (f"a{first:02}", f"a{second:02}", draw(st.sampled_from([True, True, False])))
        )
    return Corpus(tuple(records), tuple(decisions))


def _some(values: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


filters = st.builds(
    Filters,
    authors=st.just(()) | _some([*PEOPLE, "Nobody"]).map(tuple),
    journals=st.just(()) | _some([*JOURNALS, "nature"]).map(tuple),
    types=st.just(()) | _some(TYPES).map(tuple),
    languages=st.just(()) | st.sampled_from([("en",), ("de", "en")]),
    published_from=st.none() | st.sampled_from(["1969", "2024-02-10"]),
    published_to=st.none() | st.sampled_from(["2024-02", "2026"]),
    has_abstract=st.none() | st.none() | st.booleans(),
)


def questions(corpus: Corpus) -> st.SearchStrategy[str | None]:
    """Draw words, phrases in quotes, titles, ids, whole abstracts, nonsense, any text."""
    quoted = _text(1, 3).map('"{}"'.format)
    return st.one_of(
        _text(1, 5),
        st.tuples(_text(1, 2), quoted).map(" ".join),
        quoted,
        st.sampled_from(corpus.texts),
        st.sampled_from(corpus.texts).map(lambda text: f"“{text.upper()}”"),
        st.sampled_from(["xyzzy qqq", "?!", "the of", 'a:b AND ("', "A" * 3_000]),
        st.text(max_size=20).filter(_is_text),
        st.none(),
    )


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def queries(corpus: Corpus) -> st.SearchStrategy[Query]:
    """Draw whole queries of a corpus."""
    return st.builds(
        Query,
        text=questions(corpus),
        filters=st.just(Filters()) | filters,
        mode=st.sampled_from(get_args(Mode)),
        sort=st.sampled_from(get_args(Sort)),
        limit=st.integers(1, 5),
        min_match=st.one_of(
            st.none(), st.none(), st.sampled_from([0.0, 1.0]), st.floats(0, 0.2), st.floats(0, 1)
        ),
        prefer=st.sampled_from(get_args(Prefer)),
        facets=st.lists(st.sampled_from(FACETS), unique=True, max_size=4).map(tuple),
        highlight=st.just(value=False),
    )


class Opened(NamedTuple):
    """A corpus as a snapshot on disk, its engine, and what brute force needs of it."""

    corpus: Corpus
    directory: Path
    snapshot: Snapshot
    engine: SearchEngine
    articles: tuple[Article, ...]

    def bounded(self, bound: int) -> SearchEngine:
        """Give an engine over the same snapshot whose match sets have a bound."""
        return SearchEngine(self.snapshot, Limits(max_matches=bound))


@contextmanager
def opened(corpus: Corpus) -> Iterator[Opened]:
    """Build a corpus in a temporary folder, and open it."""
    with TemporaryDirectory() as name:
        folder, encoder = Path(name), HashEncoder()
        source = write_source(folder / "corpus.jsonl", *corpus.records)
        build_index([source], folder / "index", encoder=encoder, say=silent, quiet=True)
        for first, second, same in corpus.decisions:
            decide_versions(
                (first, second),
                folder / "index",
                same=same,
                encoder=encoder,
                say=silent,
                quiet=True,
            )
        snapshot = Snapshot.open(folder / "index", load_encoder=HashEncoder.load)
        with closing(SearchEngine(snapshot)) as engine:
            articles = tuple(snapshot.store)
            yield Opened(corpus, folder / "index", snapshot, engine, articles)


# Brute force


class Judged(NamedTuple):
    """The ids of the works that certainly match, and of those that rounding decides."""

    certain: set[str]
    doubtful: set[str]


def judge(lib: Opened, query: Query) -> Judged:
    """Decide of every article whether it matches, by the definitions; then filter the works."""
    assert query.question is not None
    probabilities = match_probabilities(lib, query)
    floor = query.min_match
    if floor is None:
        floor = lib.snapshot.manifest.calibration.curve(query.mode, query.question).floor
    certain, doubtful = set(), set()
    for row, article in enumerate(lib.articles):
        work = lib.articles[work_of(lib, row, query.prefer)]
        is_meant = is_quoted_in(query.question, article) or is_quoted_name(lib, query, article)
        if not passes(work, query.filters) or not is_meant:
            continue
        probability = probabilities[row]
        if (
            is_named(lib, query.question, article)
            or probability >= floor + ROUNDING
            or floor == 0 <= probability
        ):
            certain.add(work.article_id)
        elif probability > floor - ROUNDING:
            doubtful.add(work.article_id)
    return Judged(certain, doubtful - certain)


def match_probabilities(lib: Opened, query: Query) -> list[float]:
    """Give each article's probability from its own cosine and words; -1 where no leg knows it."""
    text = query.question or ""
    curve = lib.snapshot.manifest.calibration.curve(query.mode, text)
    lexical = lib.snapshot.lexical
    shares = np.array([min(score / (lexical.ceiling(text) or 1.0), 1.0)
                       for score in lexical.scores(text).astype(np.float64)])  # fmt: skip
    words = Counter(lexical.words(text))
    weights = {word: n * lexical.rarity(word) for word, n in words.items()}
    weight = sum(weights.values())
    coverage = np.array([
        sum(weights[word] for word in set(lexical.words(article.passage())) & set(weights))
        / (weight or 1.0)
        for article in lib.articles
    ])  # fmt: skip
    covered = np.clip((coverage - COVERED_FROM) / (1 - COVERED_FROM), 0, 1)
    of_words = LEXICAL_SHARE * shares + COVERED * min(1.0, weight / ENOUGH_WORDS) * covered
    stored = np.load(_folder(lib) / "vectors" / "embeddings.npy").astype(np.float64)
    cosines = stored @ lib.snapshot.encoder.encode_query(text).astype(np.float64)
    cosines -= TITLE_ALONE * np.array([article.abstract is None for article in lib.articles])
    evidence: dict[Mode, Values] = {
        "hybrid": cosines + of_words,
        "semantic": cosines,
        "lexical": shares,
    }
    odds = curve.intercept + curve.slope * evidence[query.mode]
    probabilities = 1 / (1 + np.exp(-odds))
    if query.mode == "lexical":
        probabilities[shares == 0] = -1.0
    return [float(probability) for probability in probabilities]


def _folder(lib: Opened) -> Path:
    return lib.directory / "snapshots" / lib.snapshot.name


def work_of(lib: Opened, row: int, prefer: Prefer) -> int:
    """Give the row that stands for an article's work."""
    return representative(lib.snapshot.versions.members(row), lib.articles, prefer)


def is_named(lib: Opened, question: str, article: Article) -> bool:
    """Tell whether a question has the article's id, its title or an author, or quotes it."""
    row = lib.articles.index(article)
    namer = Namer(lib.snapshot)
    named = namer.named(question, namer.respelled(question), len(lib.articles))
    return row in named.rows


def is_quoted_in(question: str, article: Article) -> bool:
    """Tell whether an article has every phrase that a question quotes, word for word."""
    phrases = map(_words, re.findall(r'["“„«]([^"“”„«»]+)["”“»]', question))
    return all(_holds(_words(article.passage()), phrase) for phrase in phrases)


def is_quoted_name(lib: Opened, query: Query, article: Article) -> bool:
    """Tell whether a question is, quotes apart, the article's id or the name of an author."""
    question = query.question or ""
    if re.sub(r'["“„«]([^"“”„«»]+)["”“»]', "", question).strip(" \t\r\n\"'“”„«»‘’<>.,;:!?"):
        return False
    named = Namer(lib.snapshot).named(question, None, len(lib.articles))
    row = lib.articles.index(article)
    return any(row in rows for mark, rows in named.found if mark in (IDENTIFIER, AUTHOR))


def _words(text: str) -> list[str]:
    """Give the words of a text in order."""
    return re.findall(r"[^\W_]+", text.casefold().replace("ü", "u"))


def _holds(words: list[str], phrase: list[str]) -> bool:
    return not phrase or any(
        words[start : start + len(phrase)] == phrase
        for start in range(len(words) - len(phrase) + 1)
    )


def passes(article: Article, asked: Filters) -> bool:
    """Tell whether an article satisfies every filter, without codes and columns."""
    for field in FIELDS:
        wanted = {fold_name(name, is_person=field == "authors") for name in getattr(asked, field)}
        own = {fold_name(name, is_person=field == "authors") for name in names_of(article, field)}
        if wanted and not wanted & own:
            return False
    if asked.has_abstract is not None and (article.abstract is not None) != asked.has_abstract:
        return False
    first, last = asked.first_date, asked.last_date
    if first is None and last is None:
        return True
    if article.published is None:
        return False
    from_day, to_day = date_span(article.published)
    return (first is None or to_day >= first) and (last is None or from_day <= last)


def values_of(article: Article, field: FacetField) -> set[str]:
    """Give an article's values of a facet, folded as names are compared."""
    if field == "years":
        return set() if article.year is None else {f"{article.year:04}"}
    return {fold_name(name, is_person=field == "authors") for name in names_of(article, field)}


def without_field(asked: Filters, field: FacetField) -> Filters:
    """Drop a field's own filter."""
    if field == "years":
        return replace(asked, published_from=None, published_to=None)
    dropped: dict[FacetField, Callable[[], Filters]] = {
        "authors": lambda: replace(asked, authors=()),
        "journals": lambda: replace(asked, journals=()),
        "types": lambda: replace(asked, types=()),
    }
    return dropped[field]()
