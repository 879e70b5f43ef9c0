"""Clean text: from what a source holds to plain Unicode that can be read and searched.

One function, `clean_text`, for every format. What it promises of its answer: NFC, no control
characters, nothing invisible, single spaces, encodable as UTF-8. Most text needs none of the
work, so each step is entered only where a character that calls for it is present.
"""

import re
import unicodedata
from typing import TYPE_CHECKING

from index.latex import decode_latex
from index.markup import decode_entities, strip_tags

if TYPE_CHECKING:  # a name for annotations only; its package loads the readers of all formats
    from index.sources.record import Markup

# Zero-width joiners are letters' business in Arabic and Indic scripts; elsewhere they are debris.
_JOINER = "[\u200c\u200d]"
_JOINED = "[\u0600-\u0dff]"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
    f"|(?<!{_JOINED}){_JOINER}|{_JOINER}(?!{_JOINED})"
)
_C1 = re.compile("[\x80-\x9f]")
_UTF8_READ_AS_LATIN_1 = re.compile(
    "[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}

# "Abstract Meaning Representation" is no label: a label ends in punctuation, or is in capitals
# before a sentence that is not.
_LABEL = re.compile(
    r"(?:(?:abstract|ABSTRACT|Abstract)(?:\s*[:—–]+\s*|\.\s+|\s+-+\s+)"
    r"|ABSTRACT\s+(?=[A-Z][a-z]|[A-Z]\s+[a-z]))+"
)


def clean_text(raw: str, markup: "Markup" = "plain") -> str | None:
    r"""Give raw text as plain Unicode in NFC, or None where nothing is left of it.

    Tags of HTML, JATS and MathML and entities are resolved in both markups. With `latex`,
    all of LaTeX is; with `plain`, only what is evidently LaTeX ("$O(n^2)$", "\textbf{x}",
    "{\'e}"), so that "$5 and $10" and "C:\new" stay. Never raises; its time is bounded by
    a small multiple of the text's length.
    """
    text = _visible(raw)
    if "<" in text:
        text = strip_tags(text)
    if "&" in text:
        text = _decoded(text)
    if _may_hold_latex(text, markup):
        decoded = decode_latex(text, only_evident=markup == "plain")
        # Mendeley writes the tags of a title in LaTeX: \textless i\textgreater.
        hides_tags = "</" in decoded and "</" not in text
        text = strip_tags(decoded) if hides_tags else decoded
    if text is not raw:
        text = _visible(text)
    if "  " in text or not text.isprintable() or text[:1] == " " or text[-1:] == " ":
        text = " ".join(text.split())
    return _without_wrapping(text) or None


def _may_hold_latex(text: str, markup: "Markup") -> bool:
    """Look for the signs of LaTeX; one by one, because `in` is ten times a regex's speed."""
    if "\\" in text or "$" in text or "~" in text or "``" in text:
        return True
    if markup == "latex":
        return "{" in text or "}" in text or "--" in text or "''" in text
    return "{" in text and ("^{" in text or "_{" in text)


def _decoded(text: str) -> str:
    """Decode entities, then the tags that were hidden in them, if they come in pairs."""
    decoded = decode_entities(text)
    return strip_tags(decoded) if "</" in decoded and decoded != text else decoded


def _visible(text: str) -> str:
    """Give text in NFC without control characters and without what nobody can see."""
    if text.isascii():
        return text if text.isprintable() else _INVISIBLE.sub("", text)
    # Removing an invisible character can let its neighbours compose.
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
        if _C1.search(text):
            text = _mend_encoding(text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _mend_encoding(text: str) -> str:
    """Read again what was decoded as Latin-1: UTF-8 sequences, then Windows-1252."""
    text = _UTF8_READ_AS_LATIN_1.sub(_read_as_utf8, text)
    return _INVISIBLE.sub("", text.translate(_WINDOWS_1252))


def _read_as_utf8(match: re.Match[str]) -> str:
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _without_wrapping(text: str) -> str:
    """Take off what exports put around a text: braces, doubled quotes, "Abstract:"."""
    before = None
    while text and text != before:
        before = text
        first, last = text[0], text[-1]
        if first in '{"' or last == '"':
            text = _unwrapped(text, first, last)
        if text[:1] in ("A", "a"):
            text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    return text


def _unwrapped(text: str, first: str, last: str) -> str:
    if first == "{" and last == "}":
        inner = text.lstrip("{").rstrip("}")
        n_pairs = min(len(text) - len(text.lstrip("{")), len(text) - len(text.rstrip("}")))
        if "{" not in inner and "}" not in inner and n_pairs:
            return text[n_pairs:-n_pairs].strip()
    if text[:2] == text[-2:] == '""':
        inner = text.strip('"').strip()
        return f'"{inner}"' if inner else ""
    if first == '"' and '"' not in text[1:]:
        return text[1:].lstrip()  # opened and never closed
    if last == '"' and '"' not in text[:-1] and not text[-2:-1].isdigit():
        return text[:-1].rstrip()  # closed and never opened; 15" are inches
    return text
