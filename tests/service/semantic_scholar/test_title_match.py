"""Which title is taken for the one that was asked for."""

import pytest

from index.article import Article
from service.results import Hit, Scores
from service.semantic_scholar.title_match import closest_title


def hits(*titles: str | None) -> list[Hit]:
    return [
        Hit(number, None, Scores(), Article(article_id=f"a{number}", title=title), truncated=False)
        for number, title in enumerate(titles)
    ]


@pytest.mark.parametrize(
    ("asked", "titles", "expected"),
    [
        ("Deep learning", ["Deep learning on", "Deep Learning.", "deep learning"], ("a1", 100)),
        ("deep-learning", ["Deep learning"], ("a0", 100)),
        ("Čapek and robots", ["Capek, and ROBOTS!"], ("a0", 100)),
        ("a b c d", ["a b c x"], ("a0", 75)),
        ("a b c", ["a b x"], None),
        ("a b", ["a b c d e f"], ("a0", 50)),
        ("the the", ["the cat"], None),
        ("deep", [None, "shallow"], None),
        ("?!", ["?!"], None),
    ],
)
def test_the_title_with_most_in_common_is_taken_if_it_has_three_quarters_of_the_words(
    asked: str, titles: list[str | None], expected: tuple[str, float] | None
) -> None:
    found = closest_title(asked, hits(*titles))

    assert (found and (found[0].article.article_id, found[1])) == expected
