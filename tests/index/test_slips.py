"""Slips: the distance of words, and the words at a distance of one."""

from hypothesis import given
from hypothesis import strategies as st

from index.slips import first_slips, letters_apart, slips
from tests.index.test_lexical import distance

few_letters = st.text("abkz", max_size=8)


@given(word=few_letters, others=st.lists(few_letters))
def test_words_are_as_far_apart_as_the_table_of_all_their_beginnings_says(
    word: str, others: list[str]
) -> None:
    assert letters_apart(word, others).tolist() == [distance(word, other) for other in others]


@given(word=st.text("abkz", min_size=2, max_size=8), other=few_letters)
def test_what_is_one_letter_away_is_a_slip_in_the_first_letter_or_behind_it(
    word: str, other: str
) -> None:
    every = {*slips(word), *first_slips(word)} - {word}

    assert (other in every) == (distance(word, other) == 1)
    assert set(letters_apart(word, sorted(every)).tolist()) == {1}
