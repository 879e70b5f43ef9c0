"""Questions that name what they look for are drawn by rule, and asked of a real service."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.stopwords import STOPWORDS
from scripts import draws, known_items
from scripts.draws import LEAST_LETTERS, Known, Named, author_forms, author_key, mistype
from scripts.known_items import DOI_FORMS, Hit, bearers_come_first, place_of
from service.cli import main as cognate
from tests.building import write_source
from tests.tiny_models import save_tiny_model

PREPRINT: dict[str, object] = {
    "id": "arxiv:2406.00001",
    "title": "Bees remember flowers and dance",
    "abstract": "Bees that dance remember flowers. They fly far.",
    "authors": [{"name": "Ana Müller"}],
    "type": "preprint",
}
PAPER = PREPRINT | {"id": "doi:10.5555/dance", "type": "conference-paper"}
EDITORIALS: list[dict[str, object]] = [
    {"id": f"x:{name}", "title": "Editorial", "authors": [{"name": name}]} for name in "AB"
]


def known(*articles: Article, beside: Sequence[Article] = ()) -> Known:
    return Known({one.article_id: one for one in (*articles, *beside)}, articles)


def titled(*titles: str) -> list[Article]:
    return [Article(article_id=f"x:{place}", title=title) for place, title in enumerate(titles)]


def hit(article_id: str, *versions: str) -> Hit:
    return {
        "article": {"article_id": article_id, "versions": [{"article_id": v} for v in versions]}
    }


def test_a_title_that_occurs_twice_is_never_drawn_as_unique() -> None:
    once, *twice = titled("Wheat and soil", "On Bees", "ON  bees!", "Of rain")
    beside = Article(article_id="y:1", title="of-rain?")
    drawn = draws.draw_unique_titles(known(once, *twice, beside=[beside]), 9)
    assert drawn == [Named("Wheat and soil", once)]
    assert len(draws.draw_unique_titles(known(once, *twice), 9)) == 2


def test_a_title_is_shared_by_two_to_twenty_articles() -> None:
    articles = titled(*["one"], *["two"] * 2, *["Twenty"] * 20, *["many"] * 21)
    drawn = draws.draw_shared_titles(known(*articles), 9)
    assert sorted(len(bearers) for bearers in drawn) == [2, 20]


def test_bearers_beside_the_corpus_count_but_draw_nothing() -> None:
    own, *beside = titled("On bees", "On bees", "Of rain", "Of rain")
    assert [len(one) for one in draws.draw_shared_titles(known(own, beside=beside), 9)] == [2]


@pytest.mark.parametrize(
    "draw",
    [
        draws.draw_unique_titles,
        draws.draw_shared_titles,
        draws.draw_dois,
        draws.draw_authors,
        lambda known, n: [one.query for one in draws.draw_acronyms(known, n)],
        lambda known, n: [one.query for one in draws.draw_phrases(known, n)],
    ],
)
def test_a_draw_is_the_same_each_time_and_holds_nothing_twice(
    draw: Callable[[Known, int], list[object]],
) -> None:
    articles = [
        Article(
            article_id=f"x:{n}",
            title=f"On BEES{'ABCDE'[n % 5]}" if n < 40 else f"Of rain {n}",
            abstract=f"word{n} stands alone",
            authors=(f"Ana Author{n % 12}",),
            doi=f"10.5555/{n}",
        )
        for n in range(60)
    ]
    drawn = draw(known(*articles), 4)
    assert drawn == draw(known(*articles), 4)
    assert len({str(one) for one in drawn}) == len(drawn) == 4


def test_only_well_formed_dois_are_drawn() -> None:
    articles = [
        Article(article_id=f"x:{doi}", title="x", doi=doi)
        for doi in ("10.5555/abc", "10.55/abc", "http://hdl.net/1", None)
    ]
    assert [one.query for one in draws.draw_dois(known(*articles), 9)] == ["10.5555/abc"]


@given(
    st.lists(st.text("abcdéfgxyzßA1-", min_size=1), min_size=1).map(" ".join),
    st.integers(0, 99),
)
def test_a_typing_error_changes_exactly_one_word_by_one_letter(text: str, seed: int) -> None:
    wrong = mistype(text, random.Random(seed))
    if wrong is None:
        return
    pairs = list(zip(text.split(" "), wrong.split(" "), strict=True))
    ((before, after),) = [pair for pair in pairs if pair[0] != pair[1]]
    assert sum(map(str.isalpha, before)) >= LEAST_LETTERS
    assert before.casefold() != after.casefold()
    assert abs(len(before) - len(after)) <= 1


def test_every_error_of_typing_is_made() -> None:
    made = {mistype("abcde", random.Random(seed)) for seed in range(200)}
    assert {"bacde", "acde", "aabcde"} <= made
    assert any(wrong and len(wrong) == 5 and sorted(wrong) != sorted("abcde") for wrong in made)
    assert "abcde" not in made


def test_no_error_is_made_in_short_words() -> None:
    assert mistype("A tale of 2 cats", random.Random(0)) is None
    (only,) = draws.mistyped_titles(Named(title, Article(article_id=title)) for title in
                                    ("A tale of cats", "A tale of horses"))  # fmt: skip
    assert only.article.article_id == "A tale of horses"


def test_authors_have_three_to_fifty_articles_however_they_are_written() -> None:
    def of(n: int, *names: str) -> list[Article]:
        return [Article(article_id=f"{n} {names[0]} {at}", authors=names) for at in range(n)]

    articles = [*of(2, "Two Few"), *of(51, "Too Many"), *of(3, "Anonymous"), *of(2, "José Paz")]
    articles += of(1, "Jose Paz")
    assert draws.draw_authors(known(*articles), 9) == ["José Paz"]


def test_an_author_is_asked_for_in_three_forms() -> None:
    forms = author_forms("Ana de la Fuente", set(), random.Random(0))
    assert forms["as written"] == "Ana de la Fuente"
    assert forms["Family, Given"] == "Fuente, Ana de la"
    assert forms["typing error"].startswith("Ana de la ")
    assert forms["typing error"] != "Ana de la Fuente"


def test_a_typing_error_makes_no_other_authors_name() -> None:
    taken = author_forms("Ana Fuente", set(), random.Random(0))["typing error"]
    other = author_forms("Ana Fuente", {author_key(taken)}, random.Random(0))
    assert other["typing error"] != taken


def test_a_short_family_name_is_asked_for_without_a_typing_error() -> None:
    assert author_forms("Xiaoming Wang", set(), random.Random(0)).keys() == {
        "as written",
        "Family, Given",
    }


def test_an_acronym_stands_in_five_to_two_hundred_titles() -> None:
    articles = titled(
        *["On EEG and EEG"] * 4, *["MRI of bees"] * 5, *["MANY things"] * 201,
        *["AUTHOR INDEX"] * 5, *["a B AB ABCDEFG B2B"] * 5,
    )  # fmt: skip
    (wanted,) = draws.draw_acronyms(known(*articles), 9)
    assert wanted.query == "MRI"
    as_written, any_case = wanted.tests["as_written"], wanted.tests["in_any_case"]
    assert [as_written(text) for text in ("fMRI", "two MRIs", "MRI-based", "mri")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert [any_case(text) for text in ("mri", "mris", "mrix")] == [True, True, False]


@given(st.lists(st.sampled_from(["the", "of", "bees", "Dance", "far,", "again"]), min_size=3))
def test_a_phrase_stands_in_its_abstract_without_a_stop_word_at_an_end(words: list[str]) -> None:
    article = Article(article_id="x:1", abstract=" ".join(words))
    for wanted in draws.draw_phrases(known(article), 9):
        phrase = wanted.query.strip('"')
        first, _, last = phrase.split()
        assert phrase in " ".join(words)
        assert not STOPWORDS & {first.lower(), last.lower()}
        assert wanted.is_in([" ".join(words)])


def test_a_phrase_is_told_by_its_very_words() -> None:
    (wanted,) = draws.draw_phrases(known(Article(article_id="x:1", abstract="Bees in spring")), 1)
    assert wanted.query == '"Bees in spring"'
    assert wanted.is_in(["nothing", "See: bees, in  Spring."])
    assert not wanted.is_in(["bee in spring", "bees of spring", "honeybees in spring", ""])


def test_an_article_is_where_a_hit_lists_it_among_its_versions() -> None:
    hits = [hit("a"), hit("b", "c"), hit("c")]
    assert [place_of(one, hits) for one in "abcd"] == [1, 2, 2, None]


def test_bearers_come_first_when_nothing_stands_between_them() -> None:
    assert bearers_come_first("ab", 2, [hit("a"), hit("b"), hit("x")])
    assert bearers_come_first("abc", 3, [hit("a", "c"), hit("b")])
    assert bearers_come_first("ab", 2, [hit("work", "a", "b")])
    assert not bearers_come_first("ab", 2, [hit("a"), hit("x"), hit("b")])
    assert not bearers_come_first("ab", 2, [hit("a")])


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a work of two versions, and two works of one title."""
    return write_source(tmp_path_factory.mktemp("source") / "w.jsonl", PREPRINT, PAPER, *EDITORIALS)


@pytest.fixture(scope="module")
def index(works: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index of the sample library, and of these works, with a tiny random model."""
    folder = tmp_path_factory.mktemp("index")
    build = ["build", str(known_items.SAMPLE), str(works), "--into", str(folder / "sample")]
    assert cognate([*build, "--model", str(save_tiny_model(folder)), "--quiet"]) == 0
    return folder / "sample"


def run(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    results = tmp_path / "results.json"
    assert known_items.main([*arguments, "--results", str(results)]) == 0
    figures: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    return figures


def test_the_sample_finds_what_is_asked_for_by_name(index: Path, tmp_path: Path) -> None:
    figures = run(tmp_path, "--smoke", "--index", str(index))
    n = known_items.N_SMOKE
    for of_kind in (figures["titles"], *(figures["dois"][form] for form in DOI_FORMS)):
        assert (of_kind["n"], of_kind["first"], of_kind["first_itself"]) == (n, 1, 1)
        assert of_kind["misses"] == []
    # the one title that two of its articles share is that of a work's two versions
    shared = figures["shared_titles"]
    assert (shared["n"], shared["all_first"], shared["all_first_themselves"]) == (1, 1, 0)
    assert 0 < figures["titles_with_a_typing_error"]["n"] <= n
    for form in figures["authors"].values():
        assert 0 <= form["precision_at_10_or_all"] <= 1
    assert figures["acronyms"]["n_hits"] <= 10 * figures["acronyms"]["n"]
    assert figures["quoted_phrases"]["verbatim"] >= figures["quoted_phrases"]["verbatim_itself"]
    assert {"commit", "snapshot", "command"} <= figures.keys()


def test_bearers_and_versions_are_counted_leniently_and_strictly(
    works: Path, index: Path, tmp_path: Path
) -> None:
    beside = ["--beside", str(known_items.SAMPLE)]
    figures = run(tmp_path, str(works), "--index", str(index), *beside, "--n", "10")
    assert figures["titles"]["n"] == 0  # both titles have two bearers
    shared = figures["shared_titles"]
    # one work stands for two bearers of its title; the other title is that of two works
    assert (shared["n"], shared["all_first"], shared["all_first_themselves"]) == (2, 1, 1 / 2)
    assert figures["dois"]["bare"] == {
        "n": 1, "n_empty": 0, "first": 1, "first_itself": 1, "in_first_10": 1, "misses": [],
    }  # fmt: skip


def test_either_a_corpus_or_the_sample_is_asked_about(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["--smoke", "corpus.jsonl"], []):
        with pytest.raises(SystemExit):
            known_items.main([*arguments, "--index", str(index)])
        assert "name a corpus, or ask for --smoke" in capsys.readouterr().err
