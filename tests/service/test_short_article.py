"""An article in short says the same in Python and in JSON, and names five authors at most."""

import pytest

from index.article import Article
from service.short_article import MOST_NAMED, ShortArticle, ShortArticleWire


def test_an_article_in_short_is_written_as_its_model_describes() -> None:
    article = Article(
        article_id="doi:10.5555/x",
        doi="10.5555/x",
        title="A title",
        authors=tuple(f"Author {n}" for n in range(500)),
        n_authors=501,
        journal="A journal",
        published="2017-04",
        type="review",
        retracted=True,
    )
    wire = ShortArticle.of(article).to_wire()
    assert ShortArticleWire.model_validate(wire).model_dump() == wire
    assert wire["authors"] == [f"Author {n}" for n in range(MOST_NAMED)]
    assert (wire["n_authors"], wire["year"], wire["is_retracted"]) == (501, 2017, True)


@pytest.mark.parametrize("n", [0, MOST_NAMED, MOST_NAMED + 1])
def test_as_many_authors_are_named_as_there_are_up_to_the_most(n: int) -> None:
    article = Article(article_id="x", abstract="Text.", authors=("A B",) * n, n_authors=n)
    short = ShortArticle.of(article)
    assert (len(short.authors), short.n_authors) == (min(n, MOST_NAMED), n)
    assert not short.is_retracted
