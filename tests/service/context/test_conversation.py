"""A question that can stand alone is searched alone; a follow-up with what was said before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.context.conversation import LONGEST_BEFORE, is_follow_up, resolve

FIRST = "Does vitamin D prevent respiratory infections?"


@pytest.mark.parametrize(
    "turn",
    [
        "and for children?",
        "What about adults over 65?",
        "Why?",
        "Is it safe?",
        "How effective are these drugs?",
        "How long do they last?",
        "What are its side effects?",
        "Can pregnant women take them?",
        "But does dose matter?",
        "more",
        "In which of those was blinding used?",
        "Why is that",
        "Thanks!",
        "???",
        "children",
    ],
)
def test_a_turn_that_points_back_or_says_next_to_nothing_is_a_follow_up(turn: str) -> None:
    assert is_follow_up(turn)


@pytest.mark.parametrize(
    "turn",
    [
        FIRST,
        "How does BERT use its attention heads?",
        "Is it true that coffee prevents diabetes?",
        "Is it safe to combine aspirin and ibuprofen?",
        "When a model overfits small corpora, how can we fix it?",
        "Do bees recognise human faces and remember them?",
        "Which methods that need no labels parse sentences?",
        "Andean glaciers melting",
        "深度学习如何用于蛋白质结构预测？",
        "Hilft Vitamin D gegen Atemwegsinfekte?",
    ],
)
def test_a_question_with_its_subject_in_it_stands_alone(turn: str) -> None:
    assert not is_follow_up(turn)


def test_a_question_that_stands_alone_is_searched_as_it_is() -> None:
    assert resolve([FIRST, " How do bees find flowers?\n"]) == "How do bees find flowers?"


def test_a_follow_up_is_searched_with_the_nearest_question_that_stands_alone() -> None:
    turns = ["How do bees find flowers?", FIRST, "and for children?", "Why is that?"]
    assert resolve(turns) == f"{FIRST} and for children? Why is that?"


def test_the_first_turn_is_searched_alone_however_little_it_says() -> None:
    assert resolve(["and for children?"]) == "and for children?"


def test_white_space_of_earlier_turns_is_closed_up_and_empty_ones_are_passed_over() -> None:
    assert resolve(["Vitamin D\n\n  and infections", "  ", "why?"]) == (
        "Vitamin D and infections why?"
    )


def test_of_what_came_before_the_last_thousand_characters_are_searched() -> None:
    word = "y" * (LONGEST_BEFORE - len("wheat "))
    assert resolve([f"wheat {word}", "why?"]) == f"wheat {word} why?"
    assert resolve([f"wheat {word}y", "why?"]) == f"{word}y why?"
    assert resolve([f"soil wheat {word}", "why?"]) == f"wheat {word} why?"


def test_a_long_run_of_letters_is_cut_where_the_thousand_end() -> None:
    assert resolve(["soil " + "x" * 5_000, "why?"]) == "x" * LONGEST_BEFORE + " why?"


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_what_is_searched_ends_with_the_last_turn_and_is_bounded(turns: list[str]) -> None:
    last = turns[-1].strip()
    asked = resolve(turns)
    assert asked.endswith(last)
    assert len(asked) <= LONGEST_BEFORE + 1 + len(last)
    if not is_follow_up(last):
        assert asked == last
