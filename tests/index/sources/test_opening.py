"""What can be wrong with a file before its format matters."""

import contextlib
import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceError
from index.sources.opening import HEAD_BYTES, LINE_LIMIT, open_content, open_source


def lines(content: bytes) -> list[tuple[int, str]]:
    return list(open_content(content, "file.txt").lines())


@pytest.mark.parametrize(
    "content",
    [
        "één\ntwee\n".encode(),
        "één\r\ntwee".encode(),
        "één\rtwee\r".encode(),
        "\ufefféén\ntwee\n".encode(),
        "één\ntwee\n".encode("utf-16"),
        "één\r\ntwee".encode("utf-16-be").join([b"\xfe\xff", b""]),
        gzip.compress("één\ntwee\n".encode(), mtime=0),
        gzip.compress("één\n".encode(), mtime=0) + gzip.compress(b"twee", mtime=0),
    ],
)
def test_lines_are_numbered_and_decoded_whatever_the_file_is_written_in(content: bytes) -> None:
    assert lines(content) == [(1, "één"), (2, "twee")]
    source = open_content(content, "file.txt")
    assert source.text().rstrip("\n") == "één\ntwee"
    assert source.head.startswith("één")


def test_only_line_ends_part_lines() -> None:
    assert lines("a\u2028b\x0bc\x85d\n".encode()) == [(1, "a\u2028b\x0bc\x85d")]


def test_binary_gives_the_unpacked_bytes_as_they_are() -> None:
    content = b"\xef\xbb\xbf<a/>\r\n"
    with open_content(gzip.compress(content), "a.xml").binary() as stream:
        assert stream.read() == content


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ("% Encoding: GBK\n", "gbk"),
        ("% This file was created with JabRef 2.10.\n% Encoding: Cp1252\n", "cp1252"),
        ("This file was created with JabRef 2.1.\nEncoding: ISO8859_1\n", "latin-1"),
        ('<?xml version="1.0" encoding="windows-1251"?>\n', "cp1251"),
    ],
)
def test_an_encoding_that_the_file_declares_is_believed(declaration: str, encoding: str) -> None:
    text = {"gbk": "中文", "cp1251": "Текст"}.get(encoding, "Müller")
    assert text in open_content((declaration + text).encode(encoding), "f").text()


@pytest.mark.parametrize("codec", ["unicode_escape", "rot13", "punycode", "no-such", "utf-7"])
def test_a_declared_codec_that_is_no_character_set_is_not_used(codec: str) -> None:
    text = f"% Encoding: {codec}\n\\u0041 +AGE-"
    assert open_content(text.encode(), "f.bib").text() == text


def test_bytes_in_another_encoding_are_named_with_their_line_and_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "old.ris"
    path.write_bytes(b"TY  - JOUR\nTI  - fine\n" * 100_000 + b"TI  - caf\xe9\n" + b"x\n" * 9)
    source = open_source(path)
    with pytest.raises(SourceError, match="line 200001: byte 0xe9 is not UTF-8") as raised:
        list(source.lines())
    assert "iconv -f WINDOWS-1252 -t UTF-8 old.ris" in raised.value.reason
    with pytest.raises(SourceError, match="line 200001"):
        source.text()


def test_text_cut_within_a_character_is_named_too() -> None:
    with pytest.raises(SourceError, match=r"line 2: .*is not UTF-8"):
        lines(b"a\n\xe2\x82")
    with pytest.raises(SourceError, match="is not UTF-16"):
        lines(b"\xff\xfea\0\n\0\x00\xd8a\0")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"PK\x03\x04abc", "ZIP archive"),
        (b"%PDF-1.7 \0", "PDF"),
        (b"abc\0def", "binary"),
        ("abc".encode("utf-16-le"), "binary"),
        ("abc".encode("utf-32"), "UTF-32"),
    ],
)
def test_what_no_reader_can_read_is_refused_on_opening(content: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        open_content(content, "file")


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("none.ris", "no such file"), ("", "regular"), ("pipe", "regular")):
        with pytest.raises(SourceError, match=reason):
            open_source(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.ris"
    path.write_text("TY  - JOUR")
    path.chmod(0)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        open_source(path)


def test_a_file_gone_after_opening_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gone.ris"
    path.write_text("TY  - JOUR")
    source = open_source(path)
    path.unlink()
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        source.text()


def test_truncated_gzip_gives_the_lines_before_and_says_how_far() -> None:
    whole = b"".join(b"%d a line of text\n" % n for n in range(50_000))
    source = open_content(gzip.compress(whole)[:-5000], "cut.gz")
    given: list[tuple[int, str]] = []
    with pytest.raises(SourceError, match=r"after line \d+: the gzip data ends too early") as end:
        given.extend(source.lines())  # what was given before the error stays
    assert given == [(n + 1, f"{n} a line of text") for n in range(len(given))]
    assert len(given) > 10_000
    assert end.value.place == f"cut.gz, after line {len(given)}"
    with pytest.raises(SourceError, match=r"after \d+ unpacked bytes"):
        source.text()


def test_damaged_gzip_is_refused() -> None:
    packed = bytearray(gzip.compress(os.urandom(200_000).hex().encode()))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(SourceError, match="gzip data"):
        list(open_content(bytes(packed), "bad.gz").lines())
    with pytest.raises(SourceError, match="gzip data"):
        open_content(b"\x1f\x8b not gzip at all", "bad.gz")


def test_one_endless_line_ends_in_an_error_before_it_fills_the_memory() -> None:
    bomb = b"".join(
        gzip.compress(b"a" * 1_000_000 if n else b"first\n", compresslevel=1) for n in range(100)
    )
    given = open_content(bomb, "bomb.gz").lines()
    assert next(given) == (1, "first")
    with pytest.raises(SourceError, match=f"bomb.gz, line 2: .*{LINE_LIMIT >> 20} Mi characters"):
        next(given)


def test_the_head_is_bounded_and_may_be_cut_within_a_character() -> None:
    source = open_content("€".encode() * HEAD_BYTES, "long")
    assert source.head == "€" * (HEAD_BYTES // 3)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused(content: bytes, is_packed: bool) -> None:
    with contextlib.suppress(SourceError):
        source = open_content(gzip.compress(content) if is_packed else content, "f")
        read = "\n".join(text for _, text in source.lines())
        assert read.rstrip("\n") == source.text().rstrip("\n")


@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), min_size=1))
def test_text_comes_back_as_it_was_written(text: str) -> None:
    if text.strip() and not text.startswith(("\ufeff", "%PDF", "BZh")):
        assert open_content(text.encode(), "f").text() == text
