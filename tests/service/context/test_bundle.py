"""A bundle comes back from its id; what is damaged, forged or endless is refused."""

import base64
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import QueryError
from service.context.bundle import DIGEST_BYTES, FIELDS, LONGEST_BUNDLE_ID, Bundle, Handed
from service.context.keys import hashed

SNAPSHOT = "20251125T192052513Z-017a67c2c55a9c71"

ids = st.text(max_size=40) | st.sampled_from(["doi:10.5555/x", "acl:P17-1", "33370"])


@st.composite
def excerpts(draw: st.DrawFn) -> Handed:
    """Draw excerpts, some with a key that follows from their id."""
    article_id = draw(ids)
    borders = draw(st.lists(st.integers(0, 1 << 32), max_size=8))
    borders = sorted(borders[: len(borders) // 2 * 2])
    key = draw(st.text(max_size=20) | st.just(f"ray2017dogs-{hashed(article_id)}"))
    return Handed(
        number=draw(st.integers(0, 100)),
        key=key,
        article_id=article_id,
        field=draw(st.sampled_from(FIELDS)),
        spans=tuple(zip(borders[::2], borders[1::2], strict=True)),
        digest=draw(st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES)),
    )


bundles = st.builds(Bundle, st.text(max_size=40), st.lists(excerpts(), max_size=6).map(tuple))


def typical(n: int = 10) -> Bundle:
    """Give a bundle of articles of the Anthology, each with two runs of sentences."""
    draw = random.Random(7)
    words = ["parsing", "neural", "towards", "large", "learning", "dense", "question", "open"]
    names = ["wang", "zhang", "goldberg", "manning", "nguyen", "okonkwo", "li", "garcia"]
    handed = []
    for number in range(1, n + 1):
        year = draw.randrange(2010, 2025)
        article_id = f"acl:{year}.acl-long.{draw.randrange(900)}"
        places = sorted(draw.sample(range(1500), 4))
        key = f"{draw.choice(names)}{year}{draw.choice(words)}-{hashed(article_id)}"
        spans = ((places[0], places[1]), (places[2], places[3]))
        digest = draw.randbytes(DIGEST_BYTES)
        handed.append(Handed(number, key, article_id, "abstract", spans, digest))
    return Bundle(SNAPSHOT, tuple(handed))


@given(bundles)
def test_a_bundle_comes_back_from_its_id(bundle: Bundle) -> None:
    text = bundle.to_id()
    assert Bundle.from_id(text) == bundle
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(bundles, st.data())
def test_one_character_changed_dropped_or_added_is_refused(
    bundle: Bundle, data: st.DataObject
) -> None:
    text = bundle.to_id()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("AZaz09-_=+ é\ud800").filter(lambda one: one != text[place]))
    for damaged in (
        text[:place] + other + text[place + 1 :],
        text[:place] + text[place + 1 :],
        text[:place] + other + text[place:],
        text[:place],
    ):
        if damaged != text:
            with pytest.raises(QueryError, match="this is no bundle of this version") as caught:
                Bundle.from_id(damaged)
            assert caught.value.field == "bundle_id"


def test_a_typical_bundle_has_a_short_id() -> None:
    # 18 letters of key, 20 of id, 8 random bytes and two runs of sentences, ten times
    assert len(typical().to_id()) < 600


@settings(max_examples=30)
@given(st.binary(max_size=300))
def test_what_has_a_right_checksum_and_is_no_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(QueryError, match="no bundle"):
        Bundle.from_id(sealed(content))
    with pytest.raises(QueryError, match="no bundle"):
        Bundle.from_id(sealed(b"\x01" + zlib.compress(content, 9, -15)))


def test_what_would_unfold_to_more_than_a_megabyte_is_not_unfolded() -> None:
    bomb = sealed(b"\x01" + zlib.compress(bytes(100_000_000), 9, -15))
    assert len(bomb) < LONGEST_BUNDLE_ID
    with pytest.raises(QueryError, match="no bundle"):
        Bundle.from_id(bomb)


def test_a_number_without_an_end_is_refused() -> None:
    with pytest.raises(QueryError, match="no bundle"):
        Bundle.from_id(sealed(b"\x01" + zlib.compress(b"\xff" * 1_000_000, 9, -15)))


def test_the_longest_id_is_read_and_one_character_more_is_not() -> None:
    with pytest.raises(QueryError, match="no bundle"):
        Bundle.from_id("A" * LONGEST_BUNDLE_ID)
    with pytest.raises(QueryError, match=f"the longest is {LONGEST_BUNDLE_ID}"):
        Bundle.from_id("A" * (LONGEST_BUNDLE_ID + 1))


def test_the_largest_bundle_has_room() -> None:
    draw = random.Random(1)
    handed = []
    for number in range(1, 51):
        article_id = "".join(chr(draw.randrange(0x10000, 0x110000)) for _ in range(512))
        places = sorted(draw.sample(range(20_000), 400))
        spans = tuple(zip(places[::2], places[1::2], strict=True))
        digest = draw.randbytes(DIGEST_BYTES)
        key = "k" * 54 + "-" + hashed(article_id)
        handed.append(Handed(number, key, article_id, "abstract", spans, digest))
    bundle = Bundle(SNAPSHOT, tuple(handed))
    assert len(bundle.to_id()) <= LONGEST_BUNDLE_ID
    assert Bundle.from_id(bundle.to_id()) == bundle


@pytest.mark.parametrize(
    ("spans", "digest", "field", "number"),
    [
        (((5, 4),), bytes(8), "abstract", 1),
        (((0, 4), (3, 6)), bytes(8), "abstract", 1),
        (((-1, 4),), bytes(8), "abstract", 1),
        (((0, 4),), bytes(7), "abstract", 1),
        (((0, 4),), bytes(8), "text", 1),
        (((0, 4),), bytes(8), "abstract", -1),
    ],
)
def test_what_no_excerpt_can_be_is_refused(
    spans: tuple[tuple[int, int], ...], digest: bytes, field: str, number: int
) -> None:
    with pytest.raises(ValueError, match="excerpt"):
        Handed(number, "key", "id", field, spans, digest)  # type: ignore[arg-type]


def sealed(body: bytes) -> str:
    """Give bytes as an id with the checksum that they should have."""
    raw = body + zlib.crc32(body).to_bytes(4)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
