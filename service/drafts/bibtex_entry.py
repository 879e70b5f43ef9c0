"""An article as a BibTeX entry that Cognate's own reader reads back as the same article."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field
from bibtexparser.writer import BibtexFormat

from index.article import Article
from index.text import clean_text
from service.drafts.author_name import split_name

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

_ENTRY_TYPES = {
    "research-article": ("article", "journal"),
    "review": ("article", "journal"),
    "conference-paper": ("inproceedings", "booktitle"),
    "abstract": ("inproceedings", "booktitle"),
    "book-chapter": ("incollection", "booktitle"),
}
_SPECIALS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    '"': r"{\textquotedbl}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
_LIGATURE = re.compile(r"-(?=-)|`(?=`)|'(?=')")
# Styles set titles in lower case: what has a capital behind its first letter keeps its case.
_WORD = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*")
_AND = re.compile(r"\band\b", re.IGNORECASE)
_GROUP = re.compile(
    r"\b(?:consortium|collaboration|group|team|committee|organi[sz]ation|institute|university|society|association"
    r"|network|project|foundation|agency|ministry|council|center|centre|investigators|initiative)\b|[&/\d]",
    re.IGNORECASE,
)
_MOST_NAMES = 4
_SAFE_ADDRESS = re.compile(r"[^\s{}\\\"]+")


def to_bibtex(article: Article, key: str) -> str:
    """Give an article as a BibTeX entry; Cognate's own reader gives the same article back."""
    kind, venue = _ENTRY_TYPES.get(article.type, ("misc", "howpublished"))
    if kind != "misc" and not article.journal:
        kind = "misc"
    fields = [
        ("author", _authors(article)),
        ("title", _protected(article.title or "")),
        (venue, escape_latex(article.journal or "") if kind != "misc" else ""),
        ("year", str(article.year or "")),
        ("doi", article.doi or ""),
        *_eprint(article),
        ("url", article.url if article.url and _SAFE_ADDRESS.fullmatch(article.url) else ""),
    ]
    written = [Field(name, f"{{{value}}}") for name, value in fields if value]
    form = BibtexFormat()  # type: ignore[no-untyped-call]  # it has no annotations
    form.indent = "  "
    form.trailing_comma = True
    text = write_string(Library([Entry(kind, key, written)]), unparse_stack=[], bibtex_format=form)
    return str(text).strip() + "\n"


def escape_latex(text: str) -> str:
    """Give text as LaTeX that sets it; a character that LaTeX has no sure way for stays."""
    return "".join(map(_escaped, _LIGATURE.sub(r"\g<0>\0", text))).replace("\0", "{}")


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
    if "," in name and not _AND.search(name):
        return escape_latex(name)
    words = name.split()
    if len(words) < 2 or len(words) > _MOST_NAMES + 1 or _GROUP.search(name) or _AND.search(name):
        return f"{{{escape_latex(name)}}}"
    parts = split_name(name)
    written = [parts.family, *([parts.suffix] if parts.suffix else []), parts.given]
    return escape_latex(", ".join(written))


def _eprint(article: Article) -> Iterable[tuple[str, str]]:
    arxiv = next((one for one in article.identifiers if one.startswith("arxiv:")), None)
    if arxiv:
        yield from (("eprint", arxiv.removeprefix("arxiv:")), ("archiveprefix", "arXiv"))
