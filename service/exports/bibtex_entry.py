"""An article as a BibTeX entry that Cognate's own reader reads back as the same article."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field
from bibtexparser.writer import BibtexFormat

from index.article import Article
from index.sources.bibtex_blocks import MONTHS
from index.text import clean_text
from service.exports.author_name import family_first, is_one_name
from service.exports.notes import to_notes
from service.wording import heading

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

_ENTRY_TYPES = {
    "research-article": ("article", "journal"),
    "review": ("article", "journal"),
    "conference-paper": ("inproceedings", "booktitle"),
    "abstract": ("inproceedings", "booktitle"),
    "book-chapter": ("incollection", "booktitle"),
}
# What our reader takes for the type where the entry's own type says too little.
_DOCUMENT_TYPES = {
    "research-article": "article",
    "review": "review",
    "conference-paper": "conference paper",
    "abstract": "meeting abstract",
    "book-chapter": "book chapter",
    "preprint": "preprint",
}
_TOLD_BY_ENTRY = {
    "research-article": "article",
    "conference-paper": "inproceedings",
    "book-chapter": "incollection",
    "dataset": "dataset",
    "other": "misc",
}
# \\textquotedbl wants another font encoding than the usual one; braces part a quote from letters
# that it is a shorthand with (babel).
_SPECIALS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    '"': '{"}', "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
_TO_ESCAPE = re.compile(r"""[^ !'-;=?-\[\]`a-z|]|-(?=-)|`(?=`)|'(?=')""")
# Styles set titles in lower case: what has a capital behind its first letter keeps its case.
_WORD = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*")
_SAFE_ADDRESS = re.compile(r"[^\s{}\\\"]+")
_UNSAFE = re.compile(r"[\s{}\\\"]")


def to_bibtex(article: Article, key: str) -> str:
    """Give an article as an entry to be cited, with what a list of references shows of it."""
    kind, venue = _entry_type(article)
    fields = [
        *_head(article, article.title or ""),
        (venue, escape_latex(article.journal or "") if kind != "misc" else ""),
        ("year", str(article.year or "")),
        ("doi", article.doi or ""),
        *_eprint(article),
        ("url", article.url if article.url and _SAFE_ADDRESS.fullmatch(article.url) else ""),
    ]
    return _written(kind, key, fields)


def to_whole_bibtex(article: Article, key: str) -> str:
    """Give all of an article that an entry can hold: what is read of it is the same article.

    A title that is unknown is the abstract's first words in brackets, and a note says so.
    """
    kind, venue = _entry_type(article)
    if kind == "misc":
        kind, venue = ("dataset" if article.type == "dataset" else kind), "journal"
    is_told = _TOLD_BY_ENTRY.get(article.type) == kind
    fields = [
        *_head(article, heading(article)),
        (venue, escape_latex(article.journal or "")),
        *_date(article),
        ("doi", article.doi or ""),
        *_eprint(article),
        *_identifiers(article),
        ("url", _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", article.url or "")),
        ("language", article.language or ""),
        ("type", "" if is_told else _DOCUMENT_TYPES.get(article.type, "")),
        ("note", " ".join(to_notes(article))),
        ("abstract", escape_latex(article.abstract or "")),
    ]
    return _written(kind, key, fields)


def _entry_type(article: Article) -> tuple[str, str]:
    kind, venue = _ENTRY_TYPES.get(article.type, ("misc", "howpublished"))
    return (kind, venue) if article.journal else ("misc", venue)


def _head(article: Article, title: str) -> Iterator[tuple[str, str]]:
    yield "author", _authors(article)
    yield "title", _protected(title)


def _written(kind: str, key: str, fields: Iterable[tuple[str, str]]) -> str:
    written = [
        Field(name, value if name == "month" else f"{{{value}}}") for name, value in fields if value
    ]
    form = BibtexFormat()  # type: ignore[no-untyped-call]  # it has no annotations
    form.indent = "  "
    form.trailing_comma = True
    text = write_string(Library([Entry(kind, key, written)]), unparse_stack=[], bibtex_format=form)
    return str(text).strip() + "\n"


def escape_latex(text: str) -> str:
    """Give text as LaTeX that sets it; a character that LaTeX has no sure way for stays."""
    return _TO_ESCAPE.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    # of two hyphens or quotes in a row LaTeX makes one sign
    return found[0] + "{}" if found[0] in "-`'" else _escaped(found[0])


@lru_cache(maxsize=4096)
def _escaped(character: str) -> str:
    if character.isascii():
        return _SPECIALS.get(character, character)
    written = str(_encoder().unicode_to_latex(character))
    # Some of what LaTeX sets is read back as another character; that is kept as it is.
    return written if clean_text(f"a{written}b", "latex") == f"a{character}b" else character


@cache
def _encoder() -> "UnicodeToLatexEncoder":
    # Imported when first needed: it costs tens of milliseconds.
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )


def _protected(title: str) -> str:
    """Escape a title, with braces around what keeps its capitals in every style."""
    parts, end = [], 0
    for found in _WORD.finditer(title):
        if any(letter.isupper() for letter in found[0][1:]):
            parts += [escape_latex(title[end : found.start()]), f"{{{escape_latex(found[0])}}}"]
            end = found.end()
    return "".join((*parts, escape_latex(title[end:])))


def _authors(article: Article) -> str:
    names = [_author(name) for name in article.authors]
    if article.n_authors > len(article.authors) and names:
        names.append("others")
    return " and ".join(names)


def _author(name: str) -> str:
    """Give a name as "Family, Given"; that of a group, or of one word, in braces."""
    if is_one_name(name):
        return f"{{{escape_latex(name)}}}"
    return escape_latex(family_first(name))


def _date(article: Article) -> Iterator[tuple[str, str]]:
    year, *rest = (article.published or "").split("-")
    yield "year", year
    if rest:
        yield "month", list(MONTHS)[int(rest[0]) - 1]
    if len(rest) > 1:
        yield "day", str(int(rest[1]))


def _eprint(article: Article) -> Iterable[tuple[str, str]]:
    arxiv = _arxiv(article)
    if arxiv:
        yield from (("eprint", arxiv.removeprefix("arxiv:")), ("archiveprefix", "arXiv"))


def _arxiv(article: Article) -> str | None:
    return next((one for one in article.identifiers if one.startswith("arxiv:")), None)


def _identifiers(article: Article) -> Iterator[tuple[str, str]]:
    """Give the identifiers that have no field elsewhere."""
    told = {f"doi:{article.doi}", _arxiv(article)}
    pmid = next((one for one in article.identifiers if one.startswith("pmid:")), None)
    yield "pmid", (pmid or "").removeprefix("pmid:")
    others = [one for one in article.identifiers if one not in {*told, pmid}]
    yield "identifiers", " ".join(one for one in others if _SAFE_ADDRESS.fullmatch(one))
