"""Bundles: what was handed to a language model, as an id that is the bundle itself.

Nothing is kept on a server, so any worker can check an answer against what was handed over, and
one that was started anew as well. An id needs no secret and is not trusted: who forges one only
deceives himself about what his model was given.
"""

import base64
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple, Self, get_args

from index.errors import QueryError
from service.context.keys import hashed

ExcerptField = Literal["abstract", "title"]
FIELDS: tuple[ExcerptField, ...] = get_args(ExcerptField)

LONGEST_BUNDLE_ID = 262_144
"""Characters: more than the largest bundle, of the longest ids there can be, has."""
DIGEST_BYTES = 8

_VERSION = 1
_MOST_BYTES = 1_048_576
"""What an id may unfold to: a few bytes of a forged one could else fill the memory."""
_CHECKSUM = struct.Struct(">I")
_LARGEST = 1 << 32
_MOST_BITS = 42


@dataclass(frozen=True, slots=True)
class Handed:
    """One excerpt as it was handed over.

    `spans` count code points in that field of the article; `digest` is how the SHA-256 of the
    excerpt's text begins.
    """

    number: int
    key: str
    article_id: str
    field: ExcerptField
    spans: tuple[tuple[int, int], ...]
    digest: bytes

    def __post_init__(self) -> None:
        borders = [0, *(place for span in self.spans for place in span), _LARGEST]
        if len(self.digest) != DIGEST_BYTES or self.number < 0 or self.field not in FIELDS:
            raise ValueError("no excerpt has such a number, field or digest")
        if any(second < first for first, second in pairwise(borders)):
            raise ValueError("the spans of an excerpt are in order and do not overlap")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was handed over from one snapshot, in order."""

    snapshot: str
    handed: tuple[Handed, ...]

    def to_id(self) -> str:
        """Give the bundle as text that is safe in an address."""
        body = bytes([_VERSION]) + zlib.compress(b"".join(_parts(self)), 9, -zlib.MAX_WBITS)
        # what is random has nothing to gain by being deflated
        body += b"".join(one.digest for one in self.handed)
        raw = body + _CHECKSUM.pack(zlib.crc32(body))
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def from_id(cls, text: str) -> Self:
        """Read a bundle back; QueryError for anything that `to_id` did not write."""
        if len(text) > LONGEST_BUNDLE_ID:
            reason = f"{len(text)} characters; the longest is {LONGEST_BUNDLE_ID}"
            raise QueryError("bundle_id", reason)
        try:
            return cls._from_id(text)
        except (ValueError, IndexError, struct.error, zlib.error) as error:
            reason = (
                "this is no bundle of this version, or not all of one; send it as /v1/context gave "
                "it, or leave it out"
            )
            raise QueryError("bundle_id", reason) from error

    @classmethod
    def _from_id(cls, text: str) -> Self:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        body, end = raw[: -_CHECKSUM.size], raw[-_CHECKSUM.size :]
        if body[0] != _VERSION or end != _CHECKSUM.pack(zlib.crc32(body)):
            raise ValueError("not one of ours")
        unfolding = zlib.decompressobj(-zlib.MAX_WBITS)
        plain = unfolding.decompress(body[1:], _MOST_BYTES)
        if not unfolding.eof:
            raise ValueError("not whole, or too much")
        bundle = cls(*_read(_Reader(plain), unfolding.unused_data))
        # the same bytes can be written in more than one way
        if bundle.to_id() != text:
            raise ValueError("not as we write it")
        return bundle


class _Key(NamedTuple):
    """A key as it is written: without the letters that follow from the article's id."""

    text: str
    is_cut: bool

    @classmethod
    def of(cls, one: Handed) -> Self:
        end = f"-{hashed(one.article_id)}"
        is_cut = one.key.endswith(end)
        return cls(one.key.removesuffix(end), is_cut)

    def whole(self, article_id: str) -> str:
        return f"{self.text}-{hashed(article_id)}" if self.is_cut else self.text


def _parts(bundle: Bundle) -> Iterator[bytes]:
    """Give a bundle's values, each kind together: what is alike deflates better."""
    handed = bundle.handed
    keys = [_Key.of(one) for one in handed]
    yield from _texts([bundle.snapshot])
    yield _number(len(handed))
    yield from _rising(one.number for one in handed)
    for one, key in zip(handed, keys, strict=True):
        yield _number(2 * (FIELDS.index(one.field) + 2 * len(one.spans)) + key.is_cut)
    for one in handed:
        yield from _rising(place for span in one.spans for place in span)
    yield from _texts([key.text for key in keys])
    yield from _texts([one.article_id for one in handed])


def _texts(texts: list[str]) -> Iterator[bytes]:
    encoded = [text.encode() for text in texts]
    yield from (_number(len(text)) for text in encoded)
    yield from encoded


def _rising(values: Iterable[int]) -> Iterator[bytes]:
    """Give numbers by how much each is more than the one before it, or less."""
    last = 0
    for value in values:
        step = value - last
        yield _number(2 * step if step >= 0 else -2 * step - 1)
        last = value


def _number(value: int) -> bytes:
    """Give a number in bytes of seven bits, the last one below 128."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(written) + bytes([value])


def _read(reader: "_Reader", digests: bytes) -> tuple[str, tuple[Handed, ...]]:
    (snapshot,) = reader.texts(1)
    n = reader.number()
    if n * DIGEST_BYTES != len(digests):
        raise ValueError("more or fewer digests than excerpts")
    numbers = reader.rising(n)
    kinds = [reader.number() for _ in range(n)]
    places = [reader.rising(2 * (kind // 4)) for kind in kinds]
    stems, ids = reader.texts(n), reader.texts(n)
    handed = tuple(
        Handed(
            number=numbers[place],
            key=_Key(stems[place], bool(kinds[place] & 1)).whole(ids[place]),
            article_id=ids[place],
            field=FIELDS[kinds[place] // 2 % 2],
            spans=tuple(zip(places[place][::2], places[place][1::2], strict=True)),
            digest=digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES],
        )
        for place in range(n)
    )
    return snapshot, handed


class _Reader:
    """Reads the values of a bundle from its bytes; ValueError or IndexError where they end."""

    def __init__(self, plain: bytes) -> None:
        self._plain = plain
        self._place = 0

    def number(self) -> int:
        value = 0
        for shift in range(0, _MOST_BITS, 7):
            byte = self._plain[self._place]
            self._place += 1
            value |= (byte & 0x7F) << shift
            if byte <= 0x7F:
                return value
        raise ValueError("a number without an end")

    def rising(self, n: int) -> list[int]:
        values: list[int] = []
        for _ in range(n):
            step = self.number()
            last = values[-1] if values else 0
            values.append(last + (step // 2 if step % 2 == 0 else -(step + 1) // 2))
        return values

    def texts(self, n: int) -> list[str]:
        return [self._text(length) for length in [self.number() for _ in range(n)]]

    def _text(self, length: int) -> str:
        start = self._place
        self._place += length
        if self._place > len(self._plain):
            raise ValueError("the text ends before it should")
        return self._plain[start : self._place].decode()
