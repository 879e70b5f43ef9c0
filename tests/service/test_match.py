"""The match set: what makes an article a member, and what the bound leaves of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from index.build import decide_versions
from index.columns import Selection
from index.snapshot import Snapshot
from service.match import MOST_BY_WORDS, Matcher, MatchSet
from service.naming import AUTHOR, IDENTIFIER, MATCH, PHRASE, TITLE
from service.query import Limits, Mode
from tests.building import open_snapshot, silent
from tests.encoders import HashEncoder
from tests.service.library import build_library

BOUND = Limits().max_matches
NO_WORDS = "qqq"
"""A word of no article: what is found beside it is found by name."""

ARTICLES: list[dict[str, object]] = [
    {"id": "deep", "title": "Deep learning", "abstract": "Of graphs and of brains."},
    {
        "id": "apart",
        "title": "Learning deep",
        "abstract": "So learning is deep, and learning deep.",
    },
    {"doi": "10.5555/doi.1", "title": "Soil and wheat"},
    {"id": "longer", "title": "Soil and wheat: a review", "abstract": "Learned deep learning."},
    {"id": "untitled", "abstract": "Graph networks read feelings."},
]


class Opened:
    """A matcher, and what names the rows it gives."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.matcher = Matcher(snapshot)

    def ask(
        self,
        text: str,
        *,
        mode: Mode = "hybrid",
        min_match: float | None = None,
        bound: int = BOUND,
        selection: Selection | None = None,
    ) -> MatchSet:
        question = self.matcher.question(text, mode, min_match, bound)
        return self.matcher.match_set(question, "published", selection)

    def marks(self, text: str, mode: Mode = "hybrid") -> dict[str, int]:
        found = self.ask(text, mode=mode)
        return dict(zip(self.ids(found), found.marks.tolist(), strict=True))

    def ids(self, found: MatchSet) -> list[str]:
        return self.snapshot.store.article_ids([int(row) for row in found.rows])


@contextmanager
def opened(directory: Path) -> Iterator[Opened]:
    snapshot = open_snapshot(directory)
    lib = Opened(snapshot)
    with closing(snapshot), closing(lib.matcher):
        yield lib


@pytest.fixture(scope="module")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a matcher of a few articles."""
    with opened(build_library(tmp_path_factory.mktemp("match"), ARTICLES)) as lib:
        yield lib


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
@pytest.mark.parametrize("quotes", ['"{}"', "“{}”", "„{}“", "«{}»"])
def test_a_phrase_in_quotes_makes_a_member_of_every_article_that_holds_it(
    lib: Opened, mode: Mode, quotes: str
) -> None:
    phrase = quotes.format("deep learning")

    marks = lib.marks(f"{NO_WORDS} {NO_WORDS} {NO_WORDS} {NO_WORDS} {phrase}", mode)

    assert {article_id for article_id, mark in marks.items() if mark & PHRASE} == {"deep", "longer"}


def test_words_without_quotes_are_no_phrase(lib: Opened) -> None:
    marks = lib.marks(f"{NO_WORDS} {NO_WORDS} deep learning {NO_WORDS}")

    assert not any(mark & PHRASE for mark in marks.values())


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_only_what_holds_all_phrases_is_a_member(lib: Opened, mode: Mode) -> None:
    assert lib.marks('deep "soil and wheat" learned "deep learning"', mode).keys() == {"longer"}
    assert lib.marks('"read feelings" or "soil and wheat"', mode) == {}


@pytest.mark.parametrize("text", ['""', '" "', '"of the"', '"?!"', '"deep learning', "deep” “x"])
def test_quotes_around_nothing_name_nothing(lib: Opened, text: str) -> None:
    assert not any(mark & PHRASE for mark in lib.marks(text).values())


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
@pytest.mark.parametrize(
    "text", ["10.5555/doi.1", " https://doi.org/10.5555/DOI.1 ", "doi:10.5555/doi.1"]
)
def test_an_identifier_finds_its_article_with_certainty_and_first(
    lib: Opened, mode: Mode, text: str
) -> None:
    found = lib.ask(text, mode=mode)

    (place,) = np.flatnonzero(found.marks & IDENTIFIER)
    assert lib.ids(found)[place] == "doi:10.5555/doi.1"
    assert found.match[place] == 1.0
    assert found.fused[place] == found.fused.max()


def test_an_identifier_among_other_words_is_a_word(lib: Opened) -> None:
    assert not any(mark & IDENTIFIER for mark in lib.marks("see 10.5555/doi.1").values())


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
@pytest.mark.parametrize("text", ["Soil and wheat", "SOIL AND WHEAT.", "  “soil” and wheat?"])
def test_a_whole_title_finds_its_article_with_certainty(lib: Opened, mode: Mode, text: str) -> None:
    found = lib.ask(text, mode=mode)

    (place,) = np.flatnonzero(found.marks & TITLE)
    assert lib.ids(found)[place] == "doi:10.5555/doi.1"
    assert found.match[place] == 1.0
    assert found.fused[place] == found.fused.max()


@pytest.mark.parametrize("text", ["Soil wheat", "Wheat and soil", "Soil and", "Soil and wheat a"])
def test_nearly_a_title_is_none(lib: Opened, text: str) -> None:
    assert not any(mark & TITLE for mark in lib.marks(text).values())


def test_what_reaches_the_floor_is_marked_so_beside_what_names_it(lib: Opened) -> None:
    marks = lib.marks('"Deep learning"')

    assert marks["deep"] == MATCH | PHRASE | TITLE
    assert lib.marks("feelings")["untitled"] == MATCH


def test_nothing_in_common_is_no_match(lib: Opened) -> None:
    for mode in ("hybrid", "semantic", "lexical"):
        assert len(lib.ask(f"{NO_WORDS} {NO_WORDS}", mode=mode)) == 0


def test_a_leg_that_did_not_run_has_no_scores(lib: Opened) -> None:
    assert lib.ask("deep learning", mode="semantic").lexical is None
    assert lib.ask("deep learning", mode="lexical").semantic is None


def test_many_threads_get_the_answers_that_one_gets(lib: Opened) -> None:
    texts = [
        f'{word} "{other} {word}"' for word in ("deep", "soil") for other in ("graph", "wheat")
    ]

    def ask(text: str) -> bytes:
        return lib.ask(text, min_match=0).fused.tobytes()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, texts * 8)) == [ask(text) for text in texts] * 8


# Many articles


N_EDITORIALS = 230


@pytest.fixture(scope="module")
def editorials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a matcher of many articles of one title, others that begin so, and a review."""
    articles: list[dict[str, object]] = [
        {"id": f"e{number:03}", "title": "Editorial", "abstract": f"Of issue {number}."}
        for number in range(N_EDITORIALS)
    ]
    articles += [
        {"id": f"s{number}", "title": f"Editorial of season {number}"} for number in range(9)
    ]
    articles.append(
        {"id": "review", "title": "Remarks", "type": "review", "abstract": "Editorial."}
    )
    with opened(build_library(tmp_path_factory.mktemp("editorials"), articles)) as lib:
        yield lib


def test_every_article_of_a_title_is_found_by_it_however_many_there_are(
    editorials: Opened,
) -> None:
    found = editorials.ask("Editorial")

    assert np.count_nonzero(found.marks & TITLE) == N_EDITORIALS


def test_the_bound_leaves_what_was_named_before_what_only_resembles(editorials: Opened) -> None:
    found = editorials.ask("e007", min_match=0, bound=3)

    assert found.is_cut
    assert "e007" in editorials.ids(found)


def test_more_articles_with_a_phrase_than_the_bound_are_said_to_be_more(
    editorials: Opened,
) -> None:
    found = editorials.ask(f'"editorial" {NO_WORDS}', min_match=1, bound=5)

    assert (len(found), found.is_cut) == (5, True)


def test_a_filter_finds_what_holds_a_phrase_behind_the_bound(editorials: Opened) -> None:
    reviews = Selection(types=editorials.snapshot.columns.codes("types", ["review"]))

    found = editorials.ask(f'"editorial" {NO_WORDS}', min_match=1, bound=1, selection=reviews)

    assert (editorials.ids(found), found.is_cut) == (["review"], False)
    assert found.n_scanned == 1


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
@pytest.mark.parametrize("min_match", [None, 0.0, 0.001, 0.3])
def test_how_many_the_legs_propose_at_first_changes_no_member(
    editorials: Opened, monkeypatch: pytest.MonkeyPatch, mode: Mode, min_match: float | None
) -> None:
    question = "remarks of the third season"
    expected = editorials.ask(question, mode=mode, min_match=min_match)
    monkeypatch.setattr("service.match.FIRST_LOOK", 2)

    found = editorials.ask(question, mode=mode, min_match=min_match)

    assert found.rows.tolist() == expected.rows.tolist()
    assert found.match.tolist() == expected.match.tolist()


@pytest.mark.parametrize("min_match", [None, 0.0, 0.001, 0.3, 1.0])
def test_how_many_the_words_propose_changes_no_member_that_the_embeddings_do(
    editorials: Opened, monkeypatch: pytest.MonkeyPatch, min_match: float | None
) -> None:
    question = "remarks of the third season editorial"
    expected = editorials.ask(question, min_match=min_match)
    monkeypatch.setattr("service.match.MOST_BY_WORDS", 2)

    found = editorials.ask(question, min_match=min_match)

    assert found.rows.tolist() == expected.rows.tolist()
    assert found.match.tolist() == expected.match.tolist()


@pytest.mark.parametrize("n_by_words", [1, 5, MOST_BY_WORDS])
@pytest.mark.parametrize("question", ["season of issue 7", "season issue"])
def test_how_few_the_legs_propose_at_first_loses_no_member_of_the_words(
    editorials: Opened, monkeypatch: pytest.MonkeyPatch, n_by_words: int, question: str
) -> None:
    expected = editorials.ask(question, min_match=0.3)
    monkeypatch.setattr("service.match.FIRST_LOOK", 2)
    monkeypatch.setattr("service.match.MOST_BY_WORDS", n_by_words)

    found = editorials.ask(question, min_match=0.3)

    assert (found.rows.tolist(), found.is_cut) == (expected.rows.tolist(), False)


def test_a_work_of_several_versions_is_one_member_with_the_marks_of_all(tmp_path: Path) -> None:
    ada = "Ada Lovelace"
    articles: list[dict[str, object]] = [
        *ARTICLES,
        {"id": "life", "title": ada, "abstract": "Of her life."},
        {"id": "notes", "title": "Notes on an engine", "authors": [{"name": ada}]},
    ]
    directory = build_library(tmp_path, articles)
    decide_versions(
        ("life", "notes"), directory, same=True, encoder=HashEncoder(), say=silent, quiet=True
    )
    with opened(directory) as lib:
        found = lib.ask(ada)

        (mark,) = found.marks
        assert mark & TITLE
        assert mark & AUTHOR
        # the scores are those of the version that matches best
        assert lib.snapshot.store.article_ids([int(row) for row in found.best]) == ["life"]
