"""The lexical index takes whatever people type, and its filters are those of the columns."""

import math
import os
import random
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.columns import Columns, Selection, write_columns
from index.lexical import MAX_TERMS, LexicalIndex, write_lexical
from index.stopwords import STOPWORDS

SUBJECTS = [
    "wheat",
    "soil",
    "yield",
    "brain",
    "signal",
    "network",
    "emotion",
    "copyright",
    "law",
    "protein",
]
N_ARTICLES = 80
NOBODY = 65_534


def library() -> list[Article]:
    """Give random articles, the same ones every time."""
    choose = random.Random(5)
    return [
        Article(
            article_id=str(row),
            title=" ".join(choose.choices(SUBJECTS, k=4)),
            abstract=choose.choice([None, " ".join(choose.choices(SUBJECTS, k=12))]),
            authors=tuple(choose.sample(["Bo Chen", "Ana Ek", "Li Ming"], k=choose.randrange(3))),
            journal=choose.choice([None, "Nature", "Cell"]),
            type=choose.choice(["review", "other"]),
            language=choose.choice([None, "en", "de"]),
            published=choose.choice([None, "1968", "1969-12-31", "2024-02", "2024-03-01"]),
        )
        for row in range(N_ARTICLES)
    ]


@dataclass(frozen=True, slots=True)
class Opened:
    """The library's columns and lexical index, and the folder of the latter."""

    columns: Columns
    lexical: LexicalIndex
    folder: Path


@contextmanager
def opened(folder: Path, articles: list[Article]) -> Iterator[Opened]:
    write_columns(folder / "columns", articles)
    columns = Columns(folder / "columns")
    write_lexical(folder / "lexical", articles, columns)
    lexical = LexicalIndex(folder / "lexical")
    yield Opened(columns, lexical, folder / "lexical")
    lexical.close()
    columns.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Build and open the library's index once."""
    with opened(tmp_path_factory.mktemp("lexical"), library()) as built:
        yield built


def one_each(*titles: str) -> list[Article]:
    return [Article(article_id=str(row), title=title) for row, title in enumerate(titles)]


def found(lexical: LexicalIndex, text: str) -> list[int]:
    return [int(row) for row in lexical.search(text, 100).rows]


codes = st.none() | st.lists(st.integers(0, 2), max_size=2).map(tuple)
days = st.none() | st.sampled_from([-20_000, -671, -1, 0, 19_753, 19_783, 25_000])
selections = st.builds(
    Selection,
    authors=codes,
    journals=codes,
    types=codes,
    languages=codes,
    first_day=days,
    last_day=days,
    has_abstract=st.none() | st.booleans(),
)


@given(selection=selections, words=st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=3))
@settings(deadline=None, max_examples=200)
def test_a_selection_gives_exactly_the_rows_its_mask_lets_pass_with_the_same_scores(
    built: Opened, selection: Selection, words: list[str]
) -> None:
    everything = built.lexical.search(" ".join(words), N_ARTICLES)
    mask = built.columns.mask(selection)
    passes = np.ones(N_ARTICLES, np.bool_) if mask is None else mask

    selected = built.lexical.search(" ".join(words), N_ARTICLES, selection)

    assert selected.rows.tolist() == everything.rows[passes[everything.rows]].tolist()
    assert selected.scores.tolist() == everything.scores[passes[everything.rows]].tolist()


@given(text=st.text(max_size=200))
@example("a:b")
@example("foo AND (")
@example('title:"brain')
@example("wheat\x00soil")
@example("🌾 wheat 🧠")
@example("-brain +[1 TO *] ~2 ^3 \\ /.*/")
@example("x" * 1_000_000)
@example(" ".join(f"word{number}" for number in range(10_000)))
@settings(deadline=None, max_examples=200)
def test_whatever_people_type_is_answered(built: Opened, text: str) -> None:
    ranked = built.lexical.search(text, 10)

    assert len(ranked.rows) == len(ranked.scores) <= 10


@pytest.mark.parametrize("text", ["", "   ", "?!", "what is the of", " ".join(sorted(STOPWORDS))])
def test_a_question_without_a_word_of_its_own_finds_nothing(built: Opened, text: str) -> None:
    ranked = built.lexical.search(text, 10)

    assert len(ranked.rows) == len(ranked.scores) == 0
    assert built.lexical.words(text) == []


def test_the_best_come_first_and_equal_scores_in_row_order(built: Opened) -> None:
    ranked = built.lexical.search("wheat soil", N_ARTICLES)

    pairs = [*zip(-ranked.scores, ranked.rows, strict=True)]
    assert pairs == sorted(pairs)
    assert (ranked.scores > 0).all()


def test_only_the_best_k_are_given(built: Opened) -> None:
    everything = built.lexical.search("wheat soil", N_ARTICLES)

    best = built.lexical.search("wheat soil", 7)

    assert best.rows.tolist() == everything.rows[:7].tolist()


def test_a_word_said_twice_counts_twice(built: Opened) -> None:
    def scores(text: str) -> dict[int, float]:
        ranked = built.lexical.search(text, N_ARTICLES)
        return dict(zip(ranked.rows.tolist(), ranked.scores.tolist(), strict=True))

    wheat, soil = scores("wheat"), scores("soil")

    both = scores("wheat soil wheat")

    assert both == {
        row: pytest.approx(2 * wheat.get(row, 0) + soil.get(row, 0), rel=1e-5)
        for row in wheat.keys() | soil.keys()
    }


def test_of_a_very_long_question_the_most_frequent_words_count(built: Opened) -> None:
    long = " ".join(f"word{number}" for number in range(2 * MAX_TERMS))

    assert len(built.lexical.search(f"{long} wheat", 10).rows) == 0
    assert found(built.lexical, f"{long} wheat wheat") == found(built.lexical, "wheat")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("networks", [0]),
        ("NETWORKING", [0]),
        ("muller", [1]),
        ("Müllers", [1]),
        ("smorrebrod", [2]),
        ("mRNA", [3]),
        ("covid", [3]),
        ("19", [3]),
        ("2024.naacl", []),
        ("network müller", [0, 1]),
    ],
)
def test_words_are_found_by_stem_without_case_or_accents(
    tmp_path: Path, text: str, rows: list[int]
) -> None:
    titles = ("A graph network", "Müller's theorem", "Smørrebrød", "An mRNA vaccine for COVID-19")
    with opened(tmp_path, one_each(*titles)) as built:
        assert sorted(found(built.lexical, text)) == rows


def test_title_and_abstract_are_both_searched(tmp_path: Path) -> None:
    articles = [
        Article(article_id="a", title="wheat"),
        Article(article_id="b", abstract="wheat"),
        Article(article_id="c", title="soil", abstract="soil"),
    ]
    with opened(tmp_path, articles) as built:
        assert sorted(found(built.lexical, "wheat")) == [0, 1]
        assert built.lexical.n_articles == 3


def test_an_article_that_repeats_a_word_without_end_scores_the_ceiling(tmp_path: Path) -> None:
    with opened(tmp_path, [Article(article_id="a", abstract="wheat " * 1_000)]) as built:
        (score,) = built.lexical.search("wheat", 1).scores

        assert score == pytest.approx(built.lexical.ceiling("wheat"), rel=0.01)


def test_the_ceiling_is_that_of_each_word_added_up(built: Opened) -> None:
    wheat, soil = built.lexical.ceiling("wheat"), built.lexical.ceiling("soil")

    assert built.lexical.ceiling("wheat of the soil, wheat") == pytest.approx(2 * wheat + soil)
    assert built.lexical.ceiling("unheard-of") > wheat > built.lexical.ceiling("of the") == 0


def test_the_rarity_of_a_word_is_its_inverse_document_frequency(tmp_path: Path) -> None:
    titles = ("wheat soil", "wheat wheat", "wheat law", "brain")
    with opened(tmp_path, one_each(*titles)) as built:
        for term, n_with in (("wheat", 3), ("brain", 1), ("unheard", 0)):
            expected = math.log(1 + (4 - n_with + 0.5) / (n_with + 0.5))
            assert built.lexical.rarity(term) == pytest.approx(expected)
        assert built.lexical.rarity("wheat") > 0


PHRASES = [
    Article(article_id="0", title="Deep learning", abstract="We learn deep nets."),
    Article(article_id="1", title="Learning deep", abstract="On the state of the art."),
    Article(article_id="2", title="Müller's deep learning!", abstract=None),
    Article(article_id="3", title=None, abstract="Deep, learning. A state for art; state-of-art."),
    Article(article_id="4", title="Deep and learning", abstract="deep machine learning"),
]


@pytest.mark.parametrize(
    ("phrase", "in_text", "in_title"),
    [
        ("deep learning", [0, 2, 3], [0, 2]),
        ("DEEP Learned", [0, 2, 3], [0, 2]),
        ("deep-learning", [0, 2, 3], [0, 2]),
        ("learning", [0, 1, 2, 3, 4], [0, 1, 2, 4]),
        ("muller's deep", [2], [2]),
        # a stop word keeps its place, and may be any word
        ("deep and learning", [4], [4]),
        ("deep of learning", [4], [4]),
        ("state of the art", [1], []),
        ("state of art", [3], []),
        ("the deep learning", [0, 2, 3], [0, 2]),
        ("deep learning unheard", [], []),
        ("deep deep", [], []),
    ],
)
def test_a_phrase_is_found_where_its_words_stand_together(
    tmp_path: Path, phrase: str, in_text: list[int], in_title: list[int]
) -> None:
    with opened(tmp_path, PHRASES) as built:
        assert sorted(built.lexical.phrase_rows(phrase, "text", 10)) == in_text
        assert sorted(built.lexical.phrase_rows(phrase, "title", 10)) == in_title


def test_of_the_rows_that_hold_a_phrase_no_more_than_asked_for_are_given(tmp_path: Path) -> None:
    with opened(tmp_path, PHRASES) as built:
        everything = built.lexical.phrase_rows("deep learning", "text", 10)

        assert len(built.lexical.phrase_rows("deep learning", "text", 2)) == 2
        assert set(built.lexical.phrase_rows("deep learning", "text", 2)) < set(everything)


@pytest.mark.parametrize("phrase", ["", " ", "?!", "of the", "_", "the " * 10_000])
def test_a_phrase_without_a_word_of_its_own_is_nowhere(built: Opened, phrase: str) -> None:
    assert built.lexical.phrase_rows(phrase, "text", 10).tolist() == []


@given(phrase=st.text(max_size=80))
@example("wheat\x00soil")
@example("x" * 100_000)
@example("a_b wheat__soil")
@example(" ".join(["wheat soil"] * 2_000))
@settings(deadline=None, max_examples=100)
def test_any_phrase_can_be_asked_for(built: Opened, phrase: str) -> None:
    for field in ("text", "title"):
        assert len(built.lexical.phrase_rows(phrase, field, 10)) <= 10


def test_words_are_given_in_their_order_as_they_are_searched(built: Opened) -> None:
    assert built.lexical.words("The Networks of a Müller, and networks") == [
        "network",
        "muller",
        "network",
    ]


def test_two_builds_of_a_corpus_answer_alike(built: Opened, tmp_path: Path) -> None:
    with opened(tmp_path, library()) as again:
        for word in SUBJECTS:
            first = built.lexical.search(f"{word} soil", N_ARTICLES)
            second = again.lexical.search(f"{word} soil", N_ARTICLES)
            assert first.rows.tolist() == second.rows.tolist()
            assert first.scores.tolist() == second.scores.tolist()


def test_many_threads_get_the_answers_that_one_gets(built: Opened) -> None:
    questions = [f"{word} {other}" for word in SUBJECTS for other in SUBJECTS]
    alone = [found(built.lexical, question) for question in questions]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: found(built.lexical, question), questions))

    assert together == alone


def test_opening_asking_and_closing_leave_the_folder_as_it_was(built: Opened) -> None:
    def contents() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in built.folder.iterdir()}

    before = contents()

    lexical = LexicalIndex(built.folder)
    found(lexical, "wheat")
    lexical.close()

    assert contents() == before
    assert not [name for name in before if name.endswith(".lock")]


def test_every_file_can_be_read_by_other_users(built: Opened) -> None:
    assert all(path.stat().st_mode & stat.S_IROTH for path in built.folder.iterdir())


def test_closing_removes_the_private_folder(
    built: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", os.fspath(tmp_path))
    lexical = LexicalIndex(built.folder)
    (private,) = tmp_path.iterdir()
    assert {path.name for path in private.iterdir()} >= {p.name for p in built.folder.iterdir()}

    lexical.close()

    assert list(tmp_path.iterdir()) == []


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be a user whom the permissions of files bind, for the length of a `with`."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_served_from() -> None:
    with tempfile.TemporaryDirectory() as outer, opened(Path(outer), library()) as built:
        Path(outer).chmod(0o555)
        built.folder.chmod(0o555)
        for path in built.folder.iterdir():
            path.chmod(0o444)
        with without_privileges():
            assert not os.access(built.folder, os.W_OK, effective_ids=True)
            lexical = LexicalIndex(built.folder)
            rows = found(lexical, "wheat")
            lexical.close()
        assert rows == found(built.lexical, "wheat")
        built.folder.chmod(0o755)
        Path(outer).chmod(0o755)
