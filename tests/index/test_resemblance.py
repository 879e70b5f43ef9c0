"""How alike two texts and two lists of names are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.resemblance import (
    alike_abstracts,
    jaccard,
    shared_authors,
    shingles,
    title_marks,
    title_words,
)

WORDS = [f"{first}{second}" for first in "bdfgklmnprst" for second in ("am", "elo", "irun", "ost")]
texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)


@given(texts, texts)
def test_abstracts_are_alike_by_the_runs_of_three_words_they_share(first: str, second: str) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return set(zip(words, words[1:], words[2:], strict=False))

    ours, theirs = runs(first), runs(second)

    found = jaccard(shingles(first), shingles(second))

    expected = len(ours & theirs) / len(ours | theirs) if ours and theirs else None
    assert found == expected


def test_case_and_punctuation_of_an_abstract_do_not_matter() -> None:
    assert jaccard(shingles("Bees dance: at home!"), shingles("bees dance at home")) == 1


def test_pairs_that_share_rare_phrases_are_found_across_chunks_and_others_are_not() -> None:
    # every text has its own words; those that follow an even one repeat most of it
    abstracts: list[str | None] = [
        " ".join(f"w{number - number % 2}x{place}" for place in range(80)) for number in range(6)
    ]
    padding: list[str | None] = [None, *(f"a{n} b{n} c{n} d{n} e{n}" for n in range(5000))]

    found = set(alike_abstracts([*abstracts[:3], *padding, *abstracts[3:]]))

    places = [0, 1, 2, *(len(padding) + 3 + place for place in range(3))]
    assert found == {pair for number, pair in enumerate(pairwise(places)) if number % 2 == 0}


@pytest.mark.parametrize("abstracts", [[], [None], ["a few words", "a few words"]])
def test_texts_too_short_to_have_phrases_are_no_pairs(abstracts: list[str | None]) -> None:
    assert list(alike_abstracts(abstracts)) == []


def test_what_very_many_abstracts_say_says_nothing() -> None:
    phrase = " ".join(f"word{number}" for number in range(60))

    assert list(alike_abstracts([phrase] * 9)) == []
    assert len(list(alike_abstracts([phrase] * 8))) == 8 * 7 // 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ana Müller", "Muller, Ana"),
        ("Ana Müller", "A. Müller"),
        ("Bonnie J. Dorr", "Bonnie Dorr"),
        ("Ana Beatriz Müller", "Ana Müller Beatriz"),
        ("Jian-Jun Zhang", "Jianjun Zhang"),
        ("Wei Zhang", "Zhang Wei"),
        ("Plato", "PLATO"),
    ],
)
def test_names_of_one_person_agree(first: str, second: str) -> None:
    assert shared_authors([first], [second]) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [("Ana Müller", "Bo Müller"), ("Ana Müller", "Ana Meier"), ("Ana", "Ana Müller"), ("Ana", ".")],
)
def test_names_of_two_persons_do_not(first: str, second: str) -> None:
    assert shared_authors([first], [second]) == 0


def test_a_name_counts_once() -> None:
    assert shared_authors(["A. Li", "Ann Li"], ["Ann Li"]) == 1
    assert shared_authors(["A. Li", "Ann Li"], ["Ann Li", "Adam Li"]) == 2
    assert shared_authors([], ["Ann Li"]) == 0


@pytest.mark.parametrize(
    ("title", "marks"),
    [
        ("Overview of WMT21", {"21"}),
        ("Overview of WMT 2021", {"21"}),
        ("The second part, III", {"second", "iii"}),
        ("M³ and C++", {"3", "++"}),
        ("Bees", set()),
        (None, set()),
    ],
)
def test_numbers_ordinals_and_plus_signs_mark_a_title(title: str | None, marks: set[str]) -> None:
    assert title_marks(title) == marks


def test_the_words_of_a_title_are_those_of_three_letters_and_numbers() -> None:
    assert title_words("On 5 bees: a SURVEY of 蜜蜂") == {"5", "bees", "survey", "蜜蜂"}
    assert title_words(None) == frozenset()
