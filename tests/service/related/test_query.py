"""What can be asked of a draft, and what is refused."""

import pytest

from index.errors import QueryError
from service.query import Limits
from service.related.query import MOST_CANDIDATES, RelatedQuery


@pytest.mark.parametrize(
    ("asked", "field", "reason"),
    [
        ({"text": " \n"}, "draft", "is empty"),
        ({"text": "a\ud800"}, "draft", "half a character"),
        ({"limit": 0}, "limit", f"0 is not between 1 and {MOST_CANDIDATES}"),
        ({"limit": MOST_CANDIDATES + 1}, "limit", "21 is not between"),
        ({"min_match": 0.0}, "min_match", "0.0 is not above 0"),
        ({"min_match": 1.5}, "min_match", "at most 1"),
        ({"insert_from": 0.0}, "insert_from", "0.0 is not above 0"),
        ({"name": "\ud800"}, "name", "half a character"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    asked: dict[str, object], field: str, reason: str
) -> None:
    with pytest.raises(QueryError) as caught:
        RelatedQuery(**({"text": "A draft."} | asked))  # type: ignore[arg-type]

    assert caught.value.field == field
    assert reason in caught.value.reason


def test_the_least_and_the_most_are_answered() -> None:
    for limit in (1, MOST_CANDIDATES):
        query = RelatedQuery(text="A draft.", limit=limit, min_match=1.0, neighbours=0)
        query.check(Limits(max_limit=1))


@pytest.mark.parametrize("field", ["draft", "bibliography"])
def test_a_text_has_a_longest_length(field: str) -> None:
    def query(n_chars: int) -> RelatedQuery:
        long = "x" * n_chars
        return RelatedQuery(text=long if field == "draft" else "A.", bibliography=long)

    limits = Limits(max_draft_chars=10)
    query(10).check(limits)
    with pytest.raises(QueryError, match="11 characters; the most is 10; send it in parts") as one:
        query(11).check(limits)

    assert one.value.field == field


def test_no_more_neighbours_are_given_than_hits() -> None:
    RelatedQuery(text="A.", neighbours=3).check(Limits(max_limit=3))
    with pytest.raises(QueryError, match="4 is not between 1 and 3") as caught:
        RelatedQuery(text="A.", neighbours=4).check(Limits(max_limit=3))

    assert caught.value.field == "neighbours"
