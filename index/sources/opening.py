"""How a source's bytes become text: compression, encoding, and the bounds that protect us.

Everything a file can do wrong before its format matters is found here and said in one
`SourceError` that names the file and, where there is one, the line: it is missing, empty,
binary, cut short, not in the encoding it should be in, or one endless line. Readers see
text and line numbers. This module must not know any format.
"""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from index.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 64 * 1024
LINE_LIMIT = 64 * 1024 * 1024
TEXT_LIMIT = 512 * 1024 * 1024
_CHUNK = 1024 * 1024
_MIB = 1024 * 1024

_GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (
    (b"PK\x03\x04", "a ZIP archive or an office document; unpack it, or export it as text"),
    (b"%PDF", "a PDF; Cognate reads lists of references, not full texts"),
    (b"BZh", "compressed with bzip2; unpack it, or compress it with gzip"),
    (b"\xfd7zXZ\x00", "compressed with xz; unpack it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it, or compress it with gzip"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
_XML_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})")
_JABREF_DECLARATION = re.compile(
    rb"(?:^|\n)(?:%|[^\n]*JabRef[^\n]*\n)[ \t]*Encoding:[ \t]*([\w.-]{1,40})"
)
# A file names its own codec, so only character sets may be named: Python also has codecs
# such as unicode_escape and punycode that would change text that is not in them.
_CHARACTER_SET = re.compile(
    r"utf-(8|16)(-[lb]e)?|ascii|iso8859-\d+|cp\d+|gb(k|2312|18030)|big5(hkscs)?|koi8-[rtu]|"
    r"mac-\w+|euc_\w+|shift_jis\w*|iso2022_\w+|tis-620|hz"
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file given to us, opened for recognition; every method reads it anew.

    `name` is how reports call it. `head` is its first 64 KiB as text, lines ending with
    LF, without a byte order mark; what could not be decoded in it is U+FFFD.
    """

    path: Path
    name: str
    encoding: str
    head: str = field(repr=False)
    content: bytes | None = field(default=None, repr=False)

    def binary(self) -> BinaryIO:
        """Open the decompressed bytes as they are, a byte order mark included.

        What goes wrong while reading raises SourceError.
        """
        return io.BufferedReader(_Decompressed(self), _CHUNK)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Give each line's number, from 1, and its text without the line end.

        A line ends with LF, CRLF or CR. Memory is bounded by the longest line, and that by
        64 Mi characters. Raises SourceError where the file cannot be read on.
        """
        number = 0
        with self._text_stream() as stream:
            while True:
                try:
                    text = stream.readline(LINE_LIMIT + 1)
                except UnicodeError as error:
                    raise self._encoding_error() from error
                except SourceError as error:
                    raise SourceError(f"{self.name}, after line {number}", error.reason) from error
                if not text:
                    return
                number += 1
                if len(text) > LINE_LIMIT:
                    raise SourceError(
                        f"{self.name}, line {number}",
                        f"the line is longer than {LINE_LIMIT // _MIB} Mi characters, "
                        "so this is no list of articles that Cognate can read",
                    )
                yield number, text.removesuffix("\n")

    def text(self) -> str:
        """Give the whole text, its lines ending with LF; refuse more than 512 Mi characters."""
        with self._text_stream() as stream:
            try:
                text = stream.read(TEXT_LIMIT + 1)
            except UnicodeError as error:
                raise self._encoding_error() from error
        if len(text) > TEXT_LIMIT:
            raise SourceError(
                self.name,
                f"is longer than {TEXT_LIMIT // _MIB} Mi characters, more than a file of this "
                "format may have; split it, or convert it to JSON Lines",
            )
        return text

    def _text_stream(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(self.binary(), encoding=self.encoding, newline=None)

    def _encoding_error(self) -> SourceError:
        """Read up to the first byte that is not in the encoding, to say where it is."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        shown = "UTF-8" if self.encoding in ("utf-8", "utf-8-sig") else self.encoding.upper()
        line, fault = 1, f"is not {shown}"
        with self.binary() as stream:
            while True:
                chunk = stream.read(_CHUNK)
                try:
                    line += decoder.decode(chunk, final=not chunk).count("\n")
                except UnicodeDecodeError as error:
                    line += error.object[: error.start].count(b"\n")
                    fault = f"byte 0x{error.object[error.start]:02x} is not {shown}"
                    break
                except UnicodeError:
                    break
                if not chunk:
                    break
        return SourceError(
            f"{self.name}, line {line}",
            f"{fault}; convert the file, for example with: "
            f"iconv -f WINDOWS-1252 -t UTF-8 {self.path.name} > converted-{self.path.name}",
        )


class _Decompressed(io.RawIOBase):
    """The bytes of a source, gunzipped where they are gzip, its errors as SourceError."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._name = source.name
        self._given = 0
        self._file = _open_bytes(source)
        try:
            is_gzip = self._file.read(len(_GZIP)) == _GZIP
            self._file.seek(0)
        except OSError as error:
            self._file.close()
            raise _unreadable(source.name, error) from error
        self._gzip = gzip.GzipFile(fileobj=self._file) if is_gzip else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        try:
            # read1 gives what comes before damage; read would lose it.
            data = self._gzip.read1(len(view)) if self._gzip else self._file.read(len(view))
        except EOFError as error:
            raise self._damage("ends too early: it was cut short") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise self._damage(f"is damaged ({error})") from error
        except OSError as error:
            raise _unreadable(self._name, error) from error
        view[: len(data)] = data
        self._given += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _damage(self, what: str) -> SourceError:
        return SourceError(
            self._name, f"the gzip data {what}, after {self._given} unpacked bytes; copy it again"
        )


def open_source(path: Path, name: str | None = None) -> Source:
    """Open a file: find its compression and encoding, and refuse what no reader can read."""
    shown = name or str(path)
    try:
        if not path.exists():
            raise SourceError(shown, "there is no such file")
        if not path.is_file():
            raise SourceError(shown, "is not a regular file; save it as one first")
    except OSError as error:
        raise _unreadable(shown, error) from error
    return _opened(Source(path, shown, "utf-8", ""))


def open_content(content: bytes, name: str) -> Source:
    """Give what is already in memory as a source, for example a pasted BibTeX entry."""
    return _opened(Source(Path(name), name, "utf-8", "", content))


def _opened(source: Source) -> Source:
    head = _head_bytes(source)
    encoding = _encoding_of(head)
    if encoding == "utf-32":
        raise SourceError(source.name, "is in UTF-32; convert it to UTF-8")
    for magic, what in _BINARY:
        if head.startswith(magic):
            raise SourceError(source.name, f"is {what}")
    if b"\0" in head and not encoding.startswith("utf-16"):
        raise SourceError(
            source.name, "is binary, not text (it holds NUL bytes); export the references as text"
        )
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")
    if not text.strip() and len(head) < HEAD_BYTES:
        raise SourceError(source.name, "is empty; export it again")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Source(source.path, source.name, encoding, text, source.content)


def _head_bytes(source: Source) -> bytes:
    """Read the first bytes; damage after the first of them is for the reader to report."""
    head = b""
    with _Decompressed(source) as stream:
        try:
            while len(head) < HEAD_BYTES and (chunk := stream.read(HEAD_BYTES - len(head))):
                head += chunk
        except SourceError:
            if not head:
                raise
    return head


def _encoding_of(head: bytes) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    declared = _XML_DECLARATION.match(head) or _JABREF_DECLARATION.search(head[:1024])
    if declared is None:
        return "utf-8"
    try:
        name = codecs.lookup(declared[1].decode("ascii", "replace")).name
    except LookupError:
        return "utf-8"
    # UTF-16 without its mark declares itself in bytes we could not have read as ASCII.
    if name == "ascii" or name.startswith("utf-16") or not _CHARACTER_SET.fullmatch(name):
        return "utf-8"
    return name


def _open_bytes(source: Source) -> BinaryIO:
    if source.content is not None:
        return io.BytesIO(source.content)
    try:
        return source.path.open("rb")
    except OSError as error:
        raise _unreadable(source.name, error) from error


def _unreadable(name: str, error: OSError) -> SourceError:
    return SourceError(name, f"cannot be read: {error.strerror or error}")
