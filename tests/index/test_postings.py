"""The postings say what BM25 says when it is computed article by article, and find any term."""

import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import index.postings
from index.errors import DamagedSnapshotError
from index.postings import BM25_B, BM25_K1, TITLE_WEIGHT, Postings, write_postings

Passage = tuple[str, str]

# terms that share their first bytes, or differ only past the eighth, or are odd
TERMS = [
    "a",
    "ab",
    "abc",
    "abcdefgh",
    "abcdefghi",
    "abcdefghj",
    "abcdefg\0",
    "\0",
    "é",
    "ée",
    "神経",
    "神経網",
    "🌾",
    "графы",
]
terms = st.sampled_from(TERMS)
texts = st.lists(terms, max_size=12).map(" ".join)
corpora = st.lists(st.tuples(texts, texts), max_size=8)


@contextmanager
def opened(passages: Sequence[Passage], **more: Any) -> Iterator[Postings]:
    """Write titles and abstracts, and open their postings."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "postings", passages, **more)
        yield Postings(Path(folder) / "postings")


def write(folder: Path, passages: Sequence[Passage], first: int = 0, **more: Any) -> None:
    numbered = [(first + number, *one) for number, one in enumerate(passages)]
    write_postings(folder, numbered, str.split, first + len(passages), **more)


def passage(title: str, abstract: str) -> Passage:
    return f"{title} {abstract}".strip(), title


def bm25(field: Sequence[str], question: str, row: int) -> float:
    """Compute BM25 of one word in one field of one article, from the definition."""
    words = [text.split() for text in field]
    n_with = sum(question in of_article for of_article in words)
    idf = math.log(1 + (len(words) - n_with + 0.5) / (n_with + 0.5))
    times = words[row].count(question)
    if not times:
        return 0.0
    mean = sum(map(len, words)) / len(words)
    norm = BM25_K1 * (1 - BM25_B + BM25_B * len(words[row]) / mean)
    return idf * times * (BM25_K1 + 1) / (times + norm)


def expected(passages: Sequence[Passage], question: dict[str, float]) -> list[float]:
    fields = [[text for text, _ in passages], [title for _, title in passages]]
    return [
        sum(
            weight * (bm25(fields[0], term, row) + TITLE_WEIGHT * bm25(fields[1], term, row))
            for term, weight in question.items()
        )
        for row in range(len(passages))
    ]


@given(
    corpus=corpora,
    question=st.dictionaries(terms | st.just("unheard"), st.sampled_from([0.5, 1.0, 2.0, 3.0])),
)
@example([], {"a": 1.0})
@example([("", "")], {"a": 1.0})
@example([("a", "")], {"a": 1.0})
@example([("", "a")], {"a": 1.0})
@settings(deadline=None, max_examples=150)
def test_the_scores_are_those_of_bm25_computed_article_by_article(
    corpus: list[Passage], question: dict[str, float]
) -> None:
    passages = [passage(*one) for one in corpus]

    with opened(passages) as postings:
        scores = postings.scores(question)

        assert scores.shape == (len(passages),)
        assert scores.dtype == np.float32
        assert scores.tolist() == pytest.approx(expected(passages, question), rel=1e-5)
        assert postings.n_articles == len(passages)


@given(corpus=corpora, question=st.dictionaries(terms, st.sampled_from([0.5, 1.0, 2.0])))
@settings(deadline=None, max_examples=60)
def test_of_each_article_the_weights_of_the_terms_it_has_are_added_up(
    corpus: list[Passage], question: dict[str, float]
) -> None:
    passages = [passage(*one) for one in corpus]

    with opened(passages) as postings:
        assert postings.having(question).tolist() == [
            sum(weight for term, weight in question.items() if term in text.split())
            for text, _ in passages
        ]


@given(
    corpus=corpora,
    question=st.dictionaries(terms | st.just("unheard"), st.sampled_from([0.5, 1.0, 2.0])),
    wanted=st.sets(st.integers(0, 7)),
    columns_from=st.sampled_from([0, 4, 1_000]),
)
@example([("a", "a ab"), ("b", "")], {"a": 1.0, "b": 2.0}, {0, 1}, 0)
@settings(deadline=None, max_examples=150)
def test_what_some_articles_score_is_what_they_score_among_all(
    corpus: list[Passage], question: dict[str, float], wanted: set[int], columns_from: int
) -> None:
    passages = [passage(*one) for one in corpus]
    rows = np.array(sorted(row for row in wanted if row < len(corpus)), np.int64)
    weights = dict.fromkeys(question, 0.25)

    with opened(passages, columns_from=columns_from) as postings:
        scores, having = postings.matches(question, weights)
        of_rows = postings.at(rows, question, weights)

        assert of_rows[0].tolist() == pytest.approx(scores[rows].tolist())
        assert of_rows[1].tolist() == having[rows].tolist()


@pytest.mark.parametrize(("n_with", "n_columns"), [(1, 0), (2, 1)])
def test_a_term_has_a_column_where_more_than_one_article_in_eight_has_it(
    tmp_path: Path, n_with: int, n_columns: int
) -> None:
    passages = [("rare", "")] * n_with + [("", "")] * (8 - n_with)

    write(tmp_path / "columns", passages, columns_from=8)
    write(tmp_path / "none", passages, columns_from=9)

    assert np.load(tmp_path / "columns" / "columns.npy").shape == (8 * n_columns, 2)
    assert np.load(tmp_path / "none" / "columns.npy").shape == (0, 2)


@given(corpus=corpora, question=st.dictionaries(terms, st.sampled_from([0.5, 1.0, 2.0])))
@settings(deadline=None, max_examples=60)
def test_the_articles_that_have_a_term_are_scored(
    corpus: list[Passage], question: dict[str, float]
) -> None:
    with opened([passage(*one) for one in corpus]) as postings:
        rows, scores = postings.scored(question)

        expected = postings.scores(question)
        assert rows.tolist() == np.flatnonzero(expected).tolist()
        assert scores.tolist() == pytest.approx(expected[rows].tolist())


@given(corpus=corpora, asked=st.lists(terms | st.text(max_size=12)))
@example([("a", "b")], ["", "aa", "b", "\ud800", "z" * 100_000])
@settings(deadline=None, max_examples=100)
def test_any_term_is_found_in_as_many_articles_as_have_it(
    corpus: list[Passage], asked: list[str]
) -> None:
    passages = [passage(*one) for one in corpus]

    with opened(passages) as postings:
        for term in {*asked, *TERMS, ""}:
            assert postings.n_with(term) == sum(term in text.split() for text, _ in passages)


def test_the_corpus_is_read_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    passages = [passage(f"a t{row % 7}", "ab abc " * (row % 5)) for row in range(50)]
    question = {"a": 1.0, "ab": 1.0, "t3": 2.0}
    with opened(passages) as postings:
        in_one = postings.scores(question)

    monkeypatch.setattr(index.postings, "_BLOCK_ARTICLES", 8)
    monkeypatch.setattr(index.postings, "_MERGED_AT_ONCE", 20)

    with opened(passages) as postings:
        assert postings.scores(question).tolist() == in_one.tolist()
        assert postings.n_with("t3") == 7


@given(corpus=corpora, cut=st.integers(0, 8), replaced=st.none() | st.integers(0, 7))
@settings(deadline=None, max_examples=100)
def test_postings_that_are_added_to_are_those_that_are_written_at_once(
    corpus: list[Passage], cut: int, replaced: int | None
) -> None:
    passages = [passage(*one) for one in corpus]
    before = passages[:cut]
    changed = [(row, *passages[row]) for row in range(len(before), len(passages))]
    if replaced is not None and replaced < len(before):
        before[replaced] = ("ab graph", "ab") if cut % 2 else ("", "")
        changed.insert(0, (replaced, *passages[replaced]))
    question = dict.fromkeys(TERMS, 1.0)
    with tempfile.TemporaryDirectory() as name, opened(passages) as at_once:
        folder = Path(name)
        write(folder / "before", before)
        write_postings(
            folder / "after", changed, str.split, len(passages), earlier=folder / "before"
        )
        added = Postings(folder / "after")
        assert added.scores(question).tolist() == pytest.approx(at_once.scores(question).tolist())
        assert added.having(question).tolist() == at_once.having(question).tolist()
        assert [added.n_with(term) for term in (*TERMS, "graph")] == [
            at_once.n_with(term) for term in (*TERMS, "graph")
        ]


@given(corpus=corpora, order=st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_order_of_the_corpus_does_not_matter(corpus: list[Passage], order: Random) -> None:
    passages = [passage(*one) for one in corpus]
    places = list(range(len(passages)))
    order.shuffle(places)
    question = dict.fromkeys(TERMS, 1.0)

    with opened(passages) as postings, opened([passages[place] for place in places]) as shuffled:
        scores = postings.scores(question)
        assert shuffled.scores(question).tolist() == [scores[place] for place in places]


def test_a_question_of_thousands_of_terms_is_answered() -> None:
    passages = [(f"t{row} t{row + 1}", "") for row in range(3_000)]

    with opened(passages) as postings:
        scores = postings.scores(Counter(f"t{number}" for number in range(4_000)))

        assert (scores > 0).all()


def test_many_threads_get_the_scores_that_one_gets() -> None:
    passages = [passage(term, " ".join(TERMS[:at])) for at, term in enumerate(TERMS)]
    with opened(passages) as postings:
        questions = [{term: 1.0, other: 2.0} for term in TERMS for other in TERMS]
        alone = [postings.scores(question).tolist() for question in questions]

        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda one: postings.scores(one).tolist(), questions))

    assert together == alone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write the postings of two articles."""
    write(tmp_path / "postings", [("a b c", "a"), ("b c d", "")], columns_from=0)
    return tmp_path / "postings"


ARRAYS = ("terms", "term_ends", "heads", "ends", "in_title", "rows", "times", "common", "columns",
          "lengths")  # fmt: skip


def test_every_file_is_one_of_the_arrays(folder: Path) -> None:
    assert {path.stem for path in folder.iterdir()} == set(ARRAYS)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_file_that_is_missing_or_cut_short_is_told(folder: Path, name: str) -> None:
    path = folder / f"{name}.npy"
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:40], b""):
        path.write_bytes(damaged)
        with pytest.raises(DamagedSnapshotError) as caught:
            Postings(folder)
        assert caught.value.path == str(path)
    path.unlink()
    with pytest.raises(DamagedSnapshotError) as caught:
        Postings(folder)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("name", ARRAYS[:-1])
def test_an_array_of_another_length_or_kind_is_told(folder: Path, name: str) -> None:
    path = folder / f"{name}.npy"
    values = np.load(path)
    for wrong in (values[:-1], values[:0], values[:, None], values.astype(np.int16)):
        np.save(path, wrong)
        with pytest.raises(DamagedSnapshotError):
            Postings(folder)
