"""An article as a formatted reference, much as the APA's manual (7th edition) has it.

Where a source does not say enough, nothing is made up: no publisher, no pages, and "n.d.".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from index.article import Article
from service.addresses import work_url
from service.exports.author_name import is_one_name, split_name
from service.wording import heading

_MOST_AUTHORS = 20
_SHOWN_OF_MORE = 19
_KINDS = {
    "preprint": "Preprint",
    "dataset": "Data set",
    "conference-paper": "Conference paper",
    "abstract": "Conference abstract",
}
_ENDS = (".", "?", "!", "…")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reference: plain text, to be escaped; set in italics, or leading to `url`.

    `url` is of the web, always.
    """

    text: str
    is_italic: bool = False
    url: str | None = None


def reference(article: Article) -> str:
    """Give the reference as plain text."""
    return "".join(piece.text for piece in reference_pieces(article))


def reference_pieces(article: Article) -> tuple[Piece, ...]:
    """Give the reference in pieces, in their order; all of them together are the text."""
    return tuple(piece for piece in _pieces(article) if piece.text)


def _pieces(article: Article) -> Iterator[Piece]:
    year = f"({article.year or 'n.d.'})."
    title = [*_title(article)]
    if authors := _authors(article):
        yield Piece(f"{authors} {year} ")
        yield from title
    else:
        # a work without authors begins with its title
        yield from title
        yield Piece(f" {year}")
    yield from _venue(article)
    url = work_url(article)
    if url:
        yield Piece(" ")
        yield Piece(url, url=url)
    elif arxiv := next((one for one in article.identifiers if one.startswith("arxiv:")), None):
        number = arxiv.removeprefix("arxiv:")
        yield Piece(" ")
        yield Piece(f"arXiv:{number}", url=f"https://arxiv.org/abs/{number}")


def _title(article: Article) -> Iterator[Piece]:
    notes = [_KINDS[article.type]] if article.type in _KINDS else []
    notes += [] if article.title else ["Title unknown"]
    notes += ["Retracted"] if article.retracted else []
    title = heading(article)
    # what is part of something greater is not in italics
    yield Piece(title, is_italic=article.title is not None and not article.journal)
    if notes:
        yield Piece(f" [{'; '.join(notes)}].")
    elif not title.endswith(_ENDS):
        yield Piece(".")


def _venue(article: Article) -> Iterator[Piece]:
    if not article.journal:
        return
    is_in = article.type in ("conference-paper", "abstract", "book-chapter")
    yield Piece(" In " if is_in else " ")
    yield Piece(article.journal, is_italic=True)
    if not article.journal.endswith(_ENDS):
        yield Piece(".")


def _authors(article: Article) -> str:
    """Give the authors; of more than twenty the first nineteen and the last."""
    names = [_author(name) for name in article.authors]
    if not names:
        return ""
    if article.n_authors > len(names):
        return f"{', '.join(names)}, et al."
    if len(names) > _MOST_AUTHORS:
        text = f"{', '.join(names[:_SHOWN_OF_MORE])}, … {names[-1]}"
    elif len(names) > 1:
        text = f"{', '.join(names[:-1])}, & {names[-1]}"
    else:
        text = names[0]
    return text if text.endswith(".") else f"{text}."


def _author(name: str) -> str:
    if is_one_name(name):
        return name
    parts = split_name(name)
    initials = " ".join(map(_initials, parts.given.split()))
    return ", ".join(part for part in (parts.family, initials, parts.suffix) if part)


def _initials(given: str) -> str:
    """Give the initials of one given name: "J.-P." of "Jean-Paul", "J. P." of "J.P."."""
    parts = (part.rstrip(".").split("-") for part in given.replace(".", ". ").split())
    return " ".join("-".join(map(_initial, part)) for part in parts)


def _initial(word: str) -> str:
    first = word[:1]
    # scripts without cases have no initials
    return f"{first.upper()}." if first.upper() != first.lower() else word
