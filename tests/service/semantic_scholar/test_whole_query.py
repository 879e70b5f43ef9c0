"""What stands behind a bare "&" is put back into the query, and nothing else is."""

from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.semantic_scholar.parameters import NAMES
from service.semantic_scholar.whole_query import whole

# on the way to us a plus, a per cent and an equals sign are lost, and equal pieces put together
pieces = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="&+%="),
    min_size=1,
    max_size=8,
).filter(lambda piece: piece not in NAMES)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("query=a&fields=title", {"query": "a", "fields": "title"}),
        ("query=Q&A+of+bees=&fields=title", {"query": "Q&A of bees", "fields": "title"}),
        ("query=a+&+b=&c=&limit=3", {"query": "a & b&c", "limit": "3"}),
        # a mistyped name has a value, and a known one is never taken for words
        ("query=a&limt=3", {"query": "a", "limt": "3"}),
        ("query=a&openAccessPdf=", {"query": "a", "openAccessPdf": ""}),
        ("query=a&year=", {"query": "a", "year": ""}),
        ("fields=title&b=", {"fields": "title", "b": ""}),
        ("b=", {"b": ""}),
        ("", {}),
    ],
)
def test_names_without_a_value_behind_a_query_are_part_of_it(
    sent: str, expected: dict[str, str]
) -> None:
    given = parse_qsl(whole(sent.encode(), NAMES).decode(), keep_blank_values=True)

    assert given == list(expected.items())


@given(text=st.lists(pieces, min_size=1, max_size=4, unique=True).map("&".join))
def test_a_query_comes_as_it_was_asked_for(text: str) -> None:
    # as the client does: the text stands among the parameters as it is
    sent = str(httpx.QueryParams(f"query={text}&fields=title&offset=0"))

    came = parse_qsl(whole(sent.encode(), NAMES).decode(), keep_blank_values=True)

    assert came == [("query", text), ("fields", "title"), ("offset", "0")]
