"""Words that only the page uses."""

import pytest

from service.page.wording import abstract_pieces, lead, long_date, match_words, took
from service.results import Exactness, Highlight, Results


@pytest.mark.parametrize(
    ("published", "expected"),
    [("2025-12-03", "3 December 2025"), ("2025-01", "January 2025"), ("2025", "2025")],
)
def test_a_date_is_written_as_exactly_as_it_is_known(published: str, expected: str) -> None:
    assert long_date(published) == expected


@pytest.mark.parametrize(
    ("match", "words"),
    [(1, "almost surely"), (0.7, "very likely"), (0.5, "likely"), (0.1, "unlikely"), (0, "hardly")],
)
def test_a_probability_is_put_into_words(match: float, words: str) -> None:
    assert match_words(match) == words


def test_the_words_of_a_probability_never_contradict_a_higher_one() -> None:
    order = ["hardly", "unlikely", "possibly", "likely", "very likely", "almost surely"]
    places = [order.index(match_words(number / 1000)) for number in range(1001)]

    assert places == sorted(places)
    assert set(places) == set(range(len(order)))


def test_a_lead_ends_between_words() -> None:
    text = "word, " * 100

    assert lead("short") == "short"
    assert lead(text).endswith("word …")
    assert len(lead(text)) <= 222
    assert lead("神経回路網" * 100) == "神経回路網" * 44 + " …"


def test_an_abstract_in_pieces_is_the_abstract() -> None:
    abstract = "One. Two. Three. Four."
    marked = [Highlight("abstract", "Two.", 5, 9, 0.5), Highlight("abstract", "Four.", 17, 22, 0.5)]

    pieces = abstract_pieces(abstract, marked)

    assert "".join(text for text, _ in pieces) == abstract
    assert [text for text, matched in pieces if matched] == ["Two.", "Four."]
    assert abstract_pieces(abstract, []) == [(abstract, False)]


def test_sentences_that_overlap_are_shown_once() -> None:
    overlapping = [Highlight("abstract", "ab", 0, 2, 1), Highlight("abstract", "bc", 1, 3, 1)]

    assert "".join(text for text, _ in abstract_pieces("abcd", overlapping)) == "abcd"


@pytest.mark.parametrize(
    ("took_ms", "words"), [(0.4, "under 1 ms"), (1, "1 ms"), (23.6, "24 ms"), (1234, "1.2 s")]
)
def test_the_time_of_an_answer_is_rounded(took_ms: float, words: str) -> None:
    results = Results(
        hits=(),
        total=0,
        total_is_exact=True,
        answerable=False,
        respelled=None,
        facets={},
        next_cursor=None,
        snapshot="",
        exactness=Exactness("exact", 0, 0, False),
        took_ms=took_ms,
    )

    assert took(results) == words
