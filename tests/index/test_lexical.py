"""The lexical index takes whatever people type, finds phrases word by word, and mends words."""

import math
import os
import random
import shutil
import stat
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.errors import DamagedSnapshotError
from index.lexical import (
    LEAST_SPELLED,
    MAX_PHRASE_WORDS,
    MAX_TERMS,
    LexicalIndex,
    PhraseField,
    write_lexical,
)
from index.stopwords import STOPWORDS
from tests.building import all_new

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
FIELDS: tuple[PhraseField, ...] = ("text", "title")


def library() -> list[Article]:
    """Give random articles, the same ones every time."""
    choose = random.Random(5)
    return [
        Article(
            article_id=str(row),
            title=" ".join(choose.choices(SUBJECTS, k=4)),
            abstract=choose.choice([None, " ".join(choose.choices(SUBJECTS, k=12))]),
        )
        for row in range(N_ARTICLES)
    ]


@dataclass(frozen=True, slots=True)
class Opened:
    """The library's lexical index, and its folder."""

    lexical: LexicalIndex
    folder: Path


@contextmanager
def opened(folder: Path, articles: list[Article]) -> Iterator[Opened]:
    with all_new(articles) as changes:
        write_lexical(folder / "lexical", changes)
    lexical = LexicalIndex(folder / "lexical")
    with closing(lexical):
        yield Opened(lexical, folder / "lexical")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Build and open the library's index once."""
    with opened(tmp_path_factory.mktemp("lexical"), library()) as built:
        yield built


def one_each(*titles: str) -> list[Article]:
    return [Article(article_id=str(row), title=title) for row, title in enumerate(titles)]


def found(lexical: LexicalIndex, text: str) -> list[int]:
    return [int(row) for row in lexical.search(text, 100).rows]


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
    Article(article_id="5", title="To be, or not to be", abstract="Not to be or to be, 深い学習"),
]


@pytest.mark.parametrize(
    ("phrase", "in_text", "in_title"),
    [
        ("deep learning", [0, 2, 3], [0, 2]),
        ("DEEP Learning", [0, 2, 3], [0, 2]),
        ("deep-learning", [0, 2, 3], [0, 2]),
        # words are taken as they are written
        ("deep learned", [], []),
        ("learn deep nets", [0], []),
        ("learning", [0, 1, 2, 3, 4], [0, 1, 2, 4]),
        ("learn", [0], []),
        ("muller's deep", [2], [2]),
        ("MÜLLER’S", [2], [2]),
        ("深い学習", [5], []),
        ("学習", [], []),
        # stop words are words
        ("deep and learning", [4], [4]),
        ("deep of learning", [], []),
        ("state of the art", [1], []),
        ("state of art", [3], []),
        ("the deep learning", [], []),
        ("to be or not to be", [5], [5]),
        ("not to be or to be", [5], []),
        ("or", [5], [5]),
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


def test_a_word_too_long_for_the_index_may_be_any_word_of_a_phrase(tmp_path: Path) -> None:
    long = "acid" * 20
    with opened(tmp_path, one_each(f"the {long} test", "the test", "the acid test")) as built:
        assert sorted(built.lexical.phrase_rows(f"the {long} test", "title", 10)) == [0, 2]
        assert sorted(built.lexical.phrase_rows(f"{long} test", "title", 10)) == [0, 1, 2]
        assert sorted(built.lexical.phrase_rows(long, "title", 10)) == []


def test_of_a_very_long_phrase_the_first_words_count(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(MAX_PHRASE_WORDS)]
    with opened(tmp_path, one_each(" ".join(words), " ".join(words[:-1]))) as built:
        assert built.lexical.phrase_rows(" ".join([*words, "unheard"]), "title", 10).tolist() == [0]


spoken = st.lists(st.sampled_from(["to", "be", "or", "Bée"]), min_size=1, max_size=8)


@given(
    titles=st.lists(spoken.map(" ".join), min_size=1, max_size=30),
    phrases=st.lists(spoken.map(" ".join), min_size=10, max_size=20),
)
@settings(deadline=None, max_examples=15)
def test_a_phrase_is_found_exactly_where_reading_finds_it(
    titles: list[str], phrases: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), one_each(*titles)) as built:
        for phrase in phrases:
            expected = [row for row, title in enumerate(titles) if f" {phrase} " in f" {title} "]
            for field in FIELDS:
                for asked in (phrase, phrase.replace("Bée", "BEE")):
                    assert sorted(built.lexical.phrase_rows(asked, field, 30)) == expected


def test_of_the_rows_that_hold_a_phrase_no_more_than_asked_for_are_given(tmp_path: Path) -> None:
    with opened(tmp_path, PHRASES) as built:
        everything = built.lexical.phrase_rows("deep learning", "text", 10)

        assert len(built.lexical.phrase_rows("deep learning", "text", 2)) == 2
        assert set(built.lexical.phrase_rows("deep learning", "text", 2)) < set(everything)


@pytest.mark.parametrize("phrase", ["", " ", "?!", "_", "x" * 100])
def test_a_phrase_without_a_word_is_nowhere(built: Opened, phrase: str) -> None:
    assert built.lexical.phrase_rows(phrase, "text", 10).tolist() == []


@given(phrase=st.text(max_size=80))
@example("wheat\x00soil")
@example("x" * 100_000)
@example("a_b wheat__soil")
@example(" ".join(["wheat soil"] * 2_000))
@settings(deadline=None, max_examples=100)
def test_any_phrase_can_be_asked_for(built: Opened, phrase: str) -> None:
    for field in FIELDS:
        assert len(built.lexical.phrase_rows(phrase, field, 10)) <= 10


def test_words_are_given_in_their_order_as_they_are_searched(built: Opened) -> None:
    assert built.lexical.words("The Networks of a Müller, and networks") == [
        "network",
        "muller",
        "network",
    ]


def test_the_scores_of_all_articles_are_those_of_a_search(built: Opened) -> None:
    ranked = built.lexical.search("wheat soil", N_ARTICLES)

    scores = built.lexical.scores("wheat soil")

    assert np.flatnonzero(scores).tolist() == sorted(ranked.rows)
    assert scores[ranked.rows].tolist() == ranked.scores.tolist()
    assert scores.shape == (N_ARTICLES,)


def test_what_the_words_say_of_every_article_is_their_score_and_how_many_it_has(
    tmp_path: Path,
) -> None:
    with opened(tmp_path, one_each("wheat soil", "wheat", "law", "soil soil", "brain")) as built:
        lexical = built.lexical
        matches = lexical.matches("Of wheat, wheat, and the unheard of soil")

        wheat, soil, unheard = map(lexical.rarity, ("wheat", "soil", "unheard"))
        assert matches.weight == pytest.approx(2 * wheat + soil + unheard)
        shares = np.array([2 * wheat + soil, 2 * wheat, 0, soil, 0]) / matches.weight
        assert matches.coverage.tolist() == pytest.approx(shares.tolist())
        assert matches.scores.tolist() == lexical.scores("wheat wheat unheard soil").tolist()
        assert lexical.matches("of the").coverage.tolist() == [0.0] * 5


MISTYPED = [
    ("langauge", "language"),
    ("lagnuage", "language"),
    ("languge", "language"),
    ("languagee", "language"),
    ("languaxe", "language"),
    ("LANGUGE", "language"),
    ("Netwörk", None),  # a word of the corpus, accents apart
    ("netwrok", "network"),
    ("mulelr", "muller"),
    ("brian", "brain"),
    # the more frequent of two; of equally frequent ones the first in the alphabet
    ("baron", "baton"),
    ("maron", "macon"),
    ("xanguage", None),  # the first letter is another
    ("lnaguge", None),  # two letters are
    ("sgnal", "signal"),
    ("soul", None),  # short
    ("soill", "soil"),
    ("languages", None),  # another form of a known word
    ("within", None),
    ("withhin", "within"),
    ("language model", None),
    ("langu4ge", None),
    ("графа", None),
    ("神経回路網", None),
    ("", None),
    ("x" * 10_000, None),
]


@pytest.mark.parametrize(("word", "meant"), MISTYPED)
def test_a_mistyped_word_is_mended_by_one_letter(
    tmp_path: Path, word: str, meant: str | None
) -> None:
    titles = ("A language network", "Müller's brain signal", "Soil within", "графы")
    alike = ("bacon", "baton", "baton", "mason", "macon")
    with opened(tmp_path, one_each(*titles, *alike)) as built:
        assert built.lexical.spelled(word) == meant


def distance(first: str, second: str) -> int:
    """Give the optimal string alignment distance of two words."""
    table = [[abs(i - j) for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i in range(1, len(first) + 1):
        for j in range(1, len(second) + 1):
            differ = first[i - 1] != second[j - 1]
            ways = [table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + differ]
            if i > 1 and j > 1 and first[i - 2 : i] == second[j - 2 : j][::-1]:
                ways.append(table[i - 2][j - 2] + 1)
            table[i][j] = min(ways)
    return table[-1][-1]


# words that do not end as an English form of another does
few_letters = st.text("abkz", min_size=1, max_size=7)


@given(
    titles=st.lists(few_letters, min_size=1, max_size=30),
    words=st.lists(few_letters, min_size=50, max_size=100),
)
@settings(deadline=None, max_examples=15)
def test_the_mended_word_is_the_most_frequent_of_those_one_letter_away(
    titles: list[str], words: list[str]
) -> None:
    counts = Counter(titles)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), one_each(*titles)) as built:
        for word in words:
            near = [known for known in counts if known[0] == word[0] and distance(known, word) == 1]
            is_asked = len(word) >= LEAST_SPELLED and word not in counts
            best = min(near, key=lambda known: (-counts[known], known), default=None)

            assert built.lexical.spelled(word) == (best if is_asked else None)


@given(
    titles=st.lists(few_letters, min_size=1, max_size=30),
    words=st.lists(few_letters, min_size=10, max_size=20),
    most_apart=st.integers(1, 2),
)
@settings(deadline=None, max_examples=15)
def test_near_words_are_all_of_the_same_first_letter_and_those_one_letter_away(
    titles: list[str], words: list[str], most_apart: int
) -> None:
    counts = Counter(titles)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), one_each(*titles)) as built:
        for word in words:
            apart = {known: distance(word, known) for known in counts}
            near = [
                known
                for known, n in apart.items()
                if 0 < n <= (most_apart if known[0] == word[0] else 1)
            ]
            near.sort(key=lambda known: (apart[known], -counts[known], known))

            assert [tuple(one) for one in built.lexical.near(word, most_apart)] == [
                (known, counts[known], apart[known]) for known in near
            ]
            assert built.lexical.n_written(word.upper()) == counts[word]


@given(word=st.text(max_size=30))
@settings(deadline=None, max_examples=200)
def test_any_word_can_be_asked_for_its_spelling(built: Opened, word: str) -> None:
    assert built.lexical.spelled(word) in {None, *SUBJECTS}
    assert all(0 < one.n_apart <= 2 and one.n_with for one in built.lexical.near(word, 2))
    assert built.lexical.n_written(word) >= 0


@pytest.mark.parametrize("articles", [[], [Article(article_id="0", abstract="?!")]])
def test_a_corpus_without_words_answers_nothing(tmp_path: Path, articles: list[Article]) -> None:
    with opened(tmp_path, articles) as built:
        lexical = built.lexical
        assert lexical.n_articles == len(articles)
        assert lexical.scores("wheat").tolist() == [0.0] * len(articles)
        assert lexical.search("wheat", 10).rows.tolist() == []
        assert lexical.phrase_rows("wheat soil", "text", 10).tolist() == []
        assert lexical.spelled("wheats") is None
        assert lexical.near("wheats", 2) == []
        assert lexical.n_written("wheats") == 0
        assert lexical.rarity("wheat") > 0


def test_two_parts_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    for name, words in (("one", ["wheat"]), ("two", ["wheat", "soil"])):
        with all_new(one_each(*words)) as changes:
            write_lexical(tmp_path / name, changes)
    shutil.rmtree(tmp_path / "one" / "postings")
    (tmp_path / "two" / "postings").rename(tmp_path / "one" / "postings")

    with pytest.raises(DamagedSnapshotError, match="words of 1 articles, postings of 2"):
        LexicalIndex(tmp_path / "one")


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
        files = (path for path in built.folder.rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in files}

    before = contents()

    lexical = LexicalIndex(built.folder)
    found(lexical, "wheat")
    lexical.close()

    assert contents() == before
    assert not [name for name in before if name.endswith(".lock")]


def test_every_file_can_be_read_by_other_users(built: Opened) -> None:
    assert all(path.stat().st_mode & stat.S_IROTH for path in built.folder.rglob("*"))


def test_closing_removes_the_private_folder(
    built: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", os.fspath(tmp_path))
    lexical = LexicalIndex(built.folder)
    (private,) = tmp_path.iterdir()
    words = {path.name for path in (built.folder / "words").iterdir()}
    assert {path.name for path in private.iterdir()} >= words

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
        for path in (built.folder, *built.folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        with without_privileges():
            assert not os.access(built.folder, os.W_OK, effective_ids=True)
            lexical = LexicalIndex(built.folder)
            rows = found(lexical, "wheat")
            lexical.close()
        assert rows == found(built.lexical, "wheat")
        for path in (built.folder, *built.folder.iterdir(), Path(outer)):
            path.chmod(0o755)


@given(
    titles=st.lists(spoken.map(" ".join), min_size=1, max_size=30),
    phrases=st.lists(spoken.map(" ".join), min_size=10, max_size=20),
)
@settings(deadline=None, max_examples=10)
def test_a_begun_phrase_is_found_exactly_where_reading_finds_it(
    titles: list[str], phrases: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), one_each(*titles)) as built:
        for phrase in phrases:
            begun = phrase[:-1] if len(phrase.split()[-1]) > 1 else phrase
            plain = begun.casefold().replace("é", "e")
            held = [f" {title}".casefold().replace("é", "e") for title in titles]
            expected = [row for row, title in enumerate(held) if f" {plain}" in title]
            for asked in (begun, begun.upper()):
                assert sorted(built.lexical.begun_rows(asked, "title", 30)) == expected


def test_what_has_no_word_begins_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, PHRASES) as built:
        assert built.lexical.begun_rows("?! .*", "title", 10).tolist() == []
