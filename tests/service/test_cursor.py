"""Cursors: read back as they were written, refused where they are anything else."""

import base64
import datetime
import math
import zlib
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.columns import NO_DAY
from index.errors import CursorExpiredError, QueryError
from service.cursor import Cursor, asked_on, hash_query, start_after, walked_snapshot
from service.parameters import SearchBody, SearchParameters
from service.query import Filters, Query
from service.reranking import MOST_RERANKED

SNAPSHOT = "20261122T180134700Z-885ee6ce26ebe464"
TODAY = datetime.date(2026, 11, 22)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

cursors = st.builds(
    Cursor,
    snapshot=st.just(SNAPSHOT) | st.text(max_size=40),
    query_hash=st.binary(min_size=16, max_size=16).map(bytes.hex),
    key=st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(NO_DAY, 3_000_000).map(float),
    article_id=st.text(max_size=30),
    rank=st.integers(1, 2**32 - 1),
    asked_on=st.none() | st.dates(),
    n_reranked=st.integers(0, MOST_RERANKED),
)


def cursor_of(query: Query, **values: object) -> Cursor:
    given = {"snapshot": SNAPSHOT, "key": 0.5, "article_id": "doi:10.1/a", "rank": 20} | values
    return Cursor(query_hash=hash_query(query), **given)  # type: ignore[arg-type]  # by name


@given(cursor=cursors)
def test_a_cursor_is_read_back_as_it_was_written(cursor: Cursor) -> None:
    text = cursor.to_text()

    back = Cursor.from_text(text)

    assert back == cursor
    assert math.copysign(1, back.key) == math.copysign(1, cursor.key)
    assert set(text) <= set(ALPHABET)


@given(text=st.text() | st.text(ALPHABET, max_size=200) | st.binary().map(bytes.hex))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        Cursor.from_text(text)

    assert refused.value.field == "cursor"


@given(cursor=cursors, data=st.data())
def test_a_cursor_with_one_character_changed_is_refused(
    cursor: Cursor, data: st.DataObject
) -> None:
    text = cursor.to_text()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda character: character != text[place]))

    with pytest.raises(QueryError, match="cursor"):
        Cursor.from_text(text[:place] + other + text[place + 1 :])


@given(cursor=cursors, data=st.data())
def test_a_cursor_cut_or_drawn_out_is_refused(cursor: Cursor, data: st.DataObject) -> None:
    text = cursor.to_text()

    for changed in (
        text[: data.draw(st.integers(0, len(text) - 1))],
        text + data.draw(st.text(ALPHABET + "= \n", min_size=1, max_size=9)),
        text + "=" * (-len(text) % 4 or 4),
        text + "A" * 10_000,
    ):
        with pytest.raises(QueryError):
            Cursor.from_text(changed)


def forged(body: bytes) -> str:
    """Give a cursor with a checksum that is right, as anybody can make one."""
    raw = body + zlib.crc32(body).to_bytes(4)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@given(body=st.binary(max_size=120), head=st.sampled_from([b"", b"\x01", b"\x81"]))
def test_forged_bytes_are_refused_or_a_cursor(body: bytes, head: bytes) -> None:
    text = forged(head + body)

    try:
        cursor = Cursor.from_text(text)
    except QueryError:
        return
    assert cursor.to_text() == text
    assert math.isfinite(cursor.key)
    assert cursor.rank >= 1


@pytest.mark.parametrize(
    "changes",
    [
        {"key": math.nan},
        {"key": math.inf},
        {"key": -math.inf},
        {"rank": 0},
        {"n_reranked": MOST_RERANKED + 1},
    ],
)
def test_a_key_or_rank_that_no_hit_has_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(QueryError):
        Cursor.from_text(cursor_of(Query(), **changes).to_text())


@pytest.mark.parametrize(
    "body",
    [
        b"\x02" + base64.b64decode(cursor_of(Query()).to_text() + "==")[1:-4],
        base64.b64decode(cursor_of(Query()).to_text() + "==")[:-4].replace(b"doi", b"\xff\xff\xff"),
    ],
    ids=["another version", "an id that is no text"],
)
def test_what_another_version_or_no_service_wrote_is_refused(body: bytes) -> None:
    with pytest.raises(QueryError, match="no cursor of this version"):
        Cursor.from_text(forged(body))


ASKED = Query(text="wheat", filters=Filters(authors=("Bo Chen", "Ø. Ek"), published_from="2020"))


@pytest.mark.parametrize(
    "same",
    [
        replace(ASKED, limit=3, cursor="x", facets=("years",), facet_queries={"years": "2"}),
        replace(ASKED, highlight=False, explain=True, counted=(Filters(),)),
        replace(ASKED, text="  wheat "),
        replace(ASKED, filters=replace(ASKED.filters, authors=("Ø. Ek", "Bo Chen", "Bo Chen"))),
        replace(ASKED, filters=replace(ASKED.filters, asked_on=TODAY)),
    ],
)
def test_what_does_not_decide_the_answer_may_change_from_page_to_page(same: Query) -> None:
    assert hash_query(same) == hash_query(ASKED)


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, text="Wheat"),
        replace(ASKED, text=None),
        replace(ASKED, mode="lexical"),
        replace(ASKED, sort="recency"),
        replace(ASKED, min_match=0),
        replace(ASKED, prefer="earliest"),
        replace(ASKED, filters=Filters()),
        replace(ASKED, filters=replace(ASKED.filters, authors=("Bo Chen",))),
        replace(ASKED, filters=replace(ASKED.filters, authors=(), journals=("Bo Chen", "Ø. Ek"))),
        replace(ASKED, filters=replace(ASKED.filters, types=("review",))),
        replace(ASKED, filters=replace(ASKED.filters, languages=("en",))),
        replace(ASKED, filters=replace(ASKED.filters, published_from="2021")),
        replace(ASKED, filters=replace(ASKED.filters, published_to="2026")),
        replace(ASKED, filters=replace(ASKED.filters, has_abstract=False)),
    ],
)
def test_the_cursor_of_another_query_is_refused(other: Query) -> None:
    cursor = cursor_of(ASKED)

    with pytest.raises(QueryError, match="belongs to another query"):
        cursor.check(hash_query(other), SNAPSHOT)
    with pytest.raises(QueryError, match="belongs to another query"):
        walked_snapshot(replace(other, cursor=cursor.to_text()))


def test_every_other_field_of_a_query_counts() -> None:
    # the two lists above name every field there is; a new one belongs into one of them
    assert {field.name for field in fields(Query)} == {
        *("text", "filters", "mode", "sort", "min_match", "prefer"),
        *("limit", "cursor", "facets", "facet_queries", "highlight", "explain", "counted"),
    }
    assert {field.name for field in fields(Filters)} == {
        *("authors", "journals", "types", "languages", "published_from", "published_to"),
        *("has_abstract", "asked_on"),
    }


def test_equal_floors_are_equal_however_they_are_written() -> None:
    assert hash_query(replace(ASKED, min_match=0)) == hash_query(replace(ASKED, min_match=0.0))


def test_a_cursor_of_another_snapshot_has_expired_and_names_it() -> None:
    cursor = cursor_of(ASKED)

    cursor.check(hash_query(ASKED), SNAPSHOT)
    with pytest.raises(CursorExpiredError, match="no longer kept") as expired:
        cursor.check(hash_query(ASKED), "20270101T000000000Z-0123456789abcdef")

    assert expired.value.snapshot == SNAPSHOT


def test_a_query_walks_the_snapshot_of_its_cursor() -> None:
    assert walked_snapshot(ASKED) is None
    assert walked_snapshot(replace(ASKED, cursor=cursor_of(ASKED).to_text())) == SNAPSHOT
    with pytest.raises(QueryError):
        walked_snapshot(replace(ASKED, cursor=""))


@given(
    values=st.lists(st.sampled_from([0.1, 0.1 + 2**-56, 0.5, float(NO_DAY)]), max_size=12),
    limit=st.integers(1, 5),
    is_ranked=st.booleans(),
)
def test_pages_one_after_the_other_are_the_whole_each_article_once(
    values: list[float], limit: int, is_ranked: bool
) -> None:
    ranked = sorted((-value, f"id {place % 10}{place}") for place, value in enumerate(values))
    keys, ids = np.array([-value for value, _ in ranked]), [one for _, one in ranked]

    walked: list[str] = []
    while len(walked) < len(ids):
        start = 0
        if walked:
            last = len(walked) - 1
            # without the right rank the key alone must do
            rank = last + 1 if is_ranked else 10_000
            text = cursor_of(ASKED, key=keys[last], article_id=ids[last], rank=rank).to_text()
            start = start_after(keys, ids.__getitem__, Cursor.from_text(text))
        walked += ids[start : start + limit]

    assert walked == ids


@given(
    values=st.lists(st.integers(-2, 2), max_size=10),
    key=st.integers(-3, 3),
    article_id=st.sampled_from(["", "id 0", "id 4", "id 45", "id 9"]),
    rank=st.integers(1, 2**32 - 1),
)
def test_behind_an_article_that_is_not_there_comes_what_would_stand_behind_it(
    values: list[int], key: int, article_id: str, rank: int
) -> None:
    ranked = sorted((-value, f"id {place}x") for place, value in enumerate(values))
    keys, ids = np.array([-value for value, _ in ranked], dtype=np.int64), [i for _, i in ranked]
    cursor = cursor_of(ASKED, key=float(key), article_id=article_id, rank=rank)

    start = start_after(keys, ids.__getitem__, cursor)

    assert ranked[start:] == [one for one in ranked if one > (-key, article_id)]


def test_the_same_article_at_the_same_place_is_gone_on_from_though_its_key_was_rounded() -> None:
    keys, ids = np.array([0.9, 0.5, 0.5, 0.1]), ["d", "a", "b", "c"]

    for key in (0.5, 0.5 + 2**-53, 0.5 - 2**-54):
        cursor = cursor_of(ASKED, key=key, article_id="b", rank=3)
        assert start_after(keys, ids.__getitem__, cursor) == 3


def test_a_cursor_of_an_answer_that_was_not_reranked_is_written_as_ever() -> None:
    # what a page before this version handed out is read after it
    text = (
        "AQABAgMEBQYHCAkKCwwNDg8_4AAAAAAAAAAAABQAC0pmJDIwMjYxMTIyVDE4MDEzNDcwMFotODg1ZWU2Y2UyNmVi"
        "ZTQ2NGRvaToxMC4xL2GMG1l4"
    )
    day = datetime.date(2026, 11, 22)
    written = Cursor(SNAPSHOT, bytes(range(16)).hex(), 0.5, "doi:10.1/a", 20, day)

    assert Cursor.from_text(text) == written
    assert written.to_text() == text


def test_behind_a_reranked_article_comes_the_next_place_whatever_the_keys() -> None:
    # the first three by a reranker, the others by their keys
    keys, ids = np.array([0.7, 0.9, 0.8, 0.6, 0.5]), ["c", "a", "b", "d", "e"]

    starts = []
    for place in range(5):
        cursor = cursor_of(
            ASKED, key=keys[place], article_id=ids[place], rank=place + 1, n_reranked=3
        )
        starts.append(start_after(keys, ids.__getitem__, cursor))

    assert starts == [1, 2, 3, 4, 5]
    forged_rank = cursor_of(ASKED, rank=90, n_reranked=100)
    assert start_after(keys, ids.__getitem__, forged_rank) == len(keys)


def test_only_some_ids_among_equal_keys_are_looked_at() -> None:
    looked: list[int] = []

    def id_at(place: int) -> str:
        looked.append(place)
        return f"{place:05}"

    cursor = cursor_of(ASKED, key=0.0, article_id="07000", rank=1)

    assert start_after(np.zeros(10_000), id_at, cursor) == 7_001
    assert len(looked) <= 16


def test_a_time_back_is_counted_from_the_day_of_the_first_page() -> None:
    first = SearchParameters.model_validate({"q": "wheat", "from": "-P1M"})
    filters = first.to_filters(TODAY)
    assert (filters.published_from, filters.asked_on) == ("2026-10-22", TODAY)
    query = Query(text="wheat", filters=filters)
    text = cursor_of(query, asked_on=filters.asked_on).to_text()

    tomorrow = TODAY + datetime.timedelta(days=1)
    for next_page in (
        SearchParameters.model_validate({"q": "wheat", "from": "-P1M", "cursor": text}).to_filters(
            tomorrow
        ),
        SearchBody.model_validate({"filters": {"published_from": "-P1M"}}).filters.to_filters(
            text, tomorrow
        ),
    ):
        assert next_page == filters
        assert walked_snapshot(replace(query, filters=next_page, cursor=text)) == SNAPSHOT


def test_the_cursor_of_another_time_back_is_refused() -> None:
    filters = SearchParameters.model_validate({"from": "-P1M"}).to_filters(TODAY)
    text = cursor_of(Query(filters=filters), asked_on=TODAY).to_text()

    other = SearchParameters.model_validate({"from": "-P1Y", "cursor": text}).to_filters(TODAY)

    with pytest.raises(QueryError, match="another query"):
        walked_snapshot(Query(filters=other, cursor=text))


def test_without_a_day_in_the_cursor_today_counts() -> None:
    assert asked_on(None, TODAY) == TODAY
    assert asked_on(cursor_of(ASKED).to_text(), TODAY) == TODAY
    with pytest.raises(QueryError):
        asked_on("no cursor", TODAY)
