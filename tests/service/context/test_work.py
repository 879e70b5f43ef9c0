"""A work is cut at sentences; what goes on from another sentence takes it along."""

from collections.abc import Sequence

import pytest

from index.article import Article
from service.context.work import CHARS_A_TOKEN, Costs, Work

ABSTRACT = "Bees fly. They dance. This tells others. Wheat grows. However, it rains."


def work(abstract: str | None = ABSTRACT, title: str | None = "On bees") -> Work:
    return Work.of(Article(article_id="x", title=title, abstract=abstract), 0.5)


def test_a_work_is_the_abstract_in_sentences() -> None:
    assert [work().text[slice(*span)] for span in work().sentences] == [
        "Bees fly.", "They dance.", "This tells others.", "Wheat grows.", "However, it rains.",
    ]  # fmt: skip
    assert work().field == "abstract"


def test_a_work_without_an_abstract_is_its_title_and_the_heading_does_not_repeat_it() -> None:
    bare = work(abstract=None)
    assert (bare.field, bare.text, bare.sentences) == ("title", "On bees", [(0, 7)])
    assert "On bees" not in bare.heading
    assert "On bees" in work().heading


@pytest.mark.parametrize(
    ("number", "expected"), [(0, {0}), (1, {0, 1}), (2, {0, 1, 2}), (3, {3}), (4, {3, 4})]
)
def test_a_sentence_takes_along_what_it_goes_on_from(number: int, expected: set[int]) -> None:
    assert work().with_what_it_needs(number) == expected


def test_no_more_than_two_sentences_are_taken_along() -> None:
    going_on = work("Bees fly. They dance. They sing. They hum.")
    assert going_on.with_what_it_needs(3) == {1, 2, 3}


def test_sentences_that_follow_each_other_are_one_span() -> None:
    spans = work().spans([3, 0, 1])
    assert spans == ((0, 21), (41, 53))
    assert work().excerpt(spans) == "Bees fly. They dance. … Wheat grows."
    assert work().parts({3, 0, 1}) == ["Bees fly.", "They dance.", "Wheat grows.", " … "]


def test_texts_are_counted_once_and_very_long_words_take_more_than_a_token() -> None:
    asked: list[str] = []

    def count(texts: Sequence[str]) -> list[int]:
        asked.extend(texts)
        return [len(text.split()) for text in texts]

    costs = Costs(count)
    endless = "a" * (4 * CHARS_A_TOKEN)
    assert costs.of("two words", "two words", "one") == 5
    assert costs.of(endless) == 4
    assert costs.of("one") == 1
    assert asked == ["two words", "one", endless]
