"""The formats that articles are exported in: one table, and articles written in any of them."""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

from index.identity import fold_name
from service.exports.bibtex_entry import to_whole_bibtex
from service.exports.citation_keys import KeyMaker
from service.exports.csl_item import to_csl
from service.exports.json_line import to_json_line
from service.exports.ris_entry import to_ris
from service.exports.table_row import BYTE_ORDER_MARK, HEADER, to_row, written
from service.results import FoundArticle

ExportFormat = Literal["bibtex", "ris", "csl-json", "csv", "jsonl"]

_BLOCK_BYTES = 65_536
_LONGEST_NAME = 60
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Form:
    """How a format is called on the wire and on disk, and how articles are written in it."""

    media_type: str
    extension: str
    write: Callable[[Iterable[FoundArticle]], Iterator[bytes]]


def export(name: ExportFormat, articles: Iterable[FoundArticle]) -> Generator[bytes, None, None]:
    """Give articles in a format, in blocks of some 64 KiB; they are read as they are written.

    Citation keys are unique over all of them.
    """
    block = bytearray()
    for piece in FORMS[name].write(articles):
        block += piece
        if len(block) >= _BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def file_name(name: ExportFormat, text: str | None) -> str:
    """Give a name for the file of an export, made of the beginning of what was asked."""
    words = [fold_name(word, is_person=False) for word in _WORD.findall(text or "")]
    ascii_words = [word for word in words if word.isascii()] or ["articles"]
    stem = "cognate"
    for word in ascii_words:
        if len(stem) + len(word) >= _LONGEST_NAME:
            break
        stem += f"-{word}"
    return f"{stem}.{FORMS[name].extension}"


def _write_bibtex(articles: Iterable[FoundArticle]) -> Iterator[bytes]:
    keys = KeyMaker()
    for found in articles:
        yield to_whole_bibtex(found.article, keys.key(found.article)).encode() + b"\n"


def _write_ris(articles: Iterable[FoundArticle]) -> Iterator[bytes]:
    keys = KeyMaker()
    for found in articles:
        yield to_ris(found.article, keys.key(found.article)).encode()


def _write_csl(articles: Iterable[FoundArticle]) -> Iterator[bytes]:
    keys = KeyMaker()
    yield b"["
    for number, found in enumerate(articles):
        yield b",\n" if number else b"\n"
        yield orjson.dumps(to_csl(found.article, keys.key(found.article)))
    yield b"\n]\n"


def _write_csv(articles: Iterable[FoundArticle]) -> Iterator[bytes]:
    keys = KeyMaker()
    yield (BYTE_ORDER_MARK + written(HEADER)).encode()
    for found in articles:
        yield to_row(found.article, keys.key(found.article)).encode()


def _write_json_lines(articles: Iterable[FoundArticle]) -> Iterator[bytes]:
    return map(to_json_line, articles)


FORMS: Mapping[ExportFormat, Form] = {
    "bibtex": Form("application/x-bibtex; charset=utf-8", "bib", _write_bibtex),
    "ris": Form("application/x-research-info-systems; charset=utf-8", "ris", _write_ris),
    "csl-json": Form("application/vnd.citationstyles.csl+json", "json", _write_csl),
    "csv": Form("text/csv; charset=utf-8; header=present", "csv", _write_csv),
    "jsonl": Form("application/x-ndjson", "jsonl", _write_json_lines),
}
