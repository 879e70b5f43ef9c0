"""Citation keys for articles that the bibliography does not have."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from string import ascii_lowercase

from index.article import Article
from index.identity import fold_name
from service.exports.author_name import split_name

_SEPARATOR = r"[:_./+-]?"
_FAMILY_YEAR = re.compile(
    rf"(?P<family>[A-Z]?[a-z]+)(?P<before>{_SEPARATOR})(?P<year>\d{{4}}|\d\d)(?:(?P<between>{_SEPARATOR})(?P<word>[A-Za-z]{{2,}}))?[a-z]?"
)
_FAMILY_WORD = re.compile(
    rf"(?P<family>[A-Za-z]+?)(?P<before>[:_./+-]|(?=[A-Z]))(?P<word>[A-Z]?[a-z]+)(?P<between>{_SEPARATOR})(?P<year>\d{{4}}|\d\d)[a-z]?"
)
_ANTHOLOGY = re.compile(r"[a-z]+(?:-[a-z]+)?-(?:(?:etal|[a-z]+)-)?\d{4}-[a-z]+")
_FEWEST_OF_A_STYLE = 2
_SHARE_OF_A_STYLE = 0.4
_NO_WORDS = (
    "a an the on of for in to and or with from by at as is are do does can how what why when who"
    " towards toward using via into over under about its their our we it this that der die das le"
    " la les un une ein eine"
)
_NO_WORD_SET = frozenset(_NO_WORDS.split())
_VALID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_./+-]{0,99}")
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]")
_ONE_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class _Style:
    """How keys are made of family name, year and a word of the title."""

    before: str = ""
    between: str = ""
    has_word: bool = True
    is_word_first: bool = False
    is_family_capital: bool = False
    is_word_capital: bool = False
    n_digits: int = 4
    is_anthology: bool = False

    def key(self, article: Article) -> str:
        """Give the key of an article, not yet made unique."""
        family = _folded(split_name(article.authors[0]).family) if article.authors else ""
        family = family or "anon"
        year = str(article.year)[-self.n_digits :] if article.year else ""
        word = _first_word(article.title or "")
        if self.is_anthology:
            return "-".join(part for part in (family, _others(article), year, word) if part)
        family = family.capitalize() if self.is_family_capital else family
        word = (word.capitalize() if self.is_word_capital else word) if self.has_word else ""
        parts = (word, year) if self.is_word_first else (year, word)
        first = self.before if parts[0] else ""
        second = self.between if all(parts) else ""
        return f"{family}{first}{parts[0]}{second}{parts[1]}"


class KeyMaker:
    """Gives one key after the other, in the style of the existing ones, unlike all before.

    Where they have no style it is `familyYEARword`; ASCII, and valid in BibTeX.
    """

    def __init__(self, existing: Iterable[str] = ()) -> None:
        existing = tuple(existing)
        self._style = _style_of(existing)
        self._taken = {key.casefold() for key in existing}
        self._variants: dict[str, Iterator[str]] = {}

    def new_key(self, article: Article) -> str:
        """Make a key of what is known of an article."""
        key = self._style.key(article)
        # kept, so that the thousandth article with one key does not try the first 999 again
        variants = self._variants.setdefault(key.casefold(), _variants(key))
        return self._take(next(one for one in variants if one.casefold() not in self._taken))

    def key(self, article: Article) -> str:
        """Give the article's own key if its source named one that is valid and free, else make one.

        So a bibliography that is exported again is still cited by the same keys.
        """
        own = article.citation_key or ""
        if _VALID.fullmatch(own) and own.casefold() not in self._taken:
            return self._take(own)
        return self.new_key(article)

    def _take(self, key: str) -> str:
        self._taken.add(key.casefold())
        return key


def new_keys(articles: Sequence[Article], existing: Iterable[str] = ()) -> tuple[str, ...]:
    """Give a new key for each article, in the style of the existing ones, as `KeyMaker` does."""
    keys = KeyMaker(existing)
    return tuple(keys.new_key(article) for article in articles)


def _variants(key: str) -> Iterator[str]:
    """Give the key, then the key with letters behind it: a to z, aa and so on."""
    letters = chain.from_iterable(product(ascii_lowercase, repeat=n) for n in range(1, 9))
    yield key
    yield from (f"{key}{'' if key[-1].isdigit() else '-'}{''.join(more)}" for more in letters)


def _style_of(keys: Sequence[str]) -> _Style:
    """Give the style that most of the keys have, the default where none has many."""
    styles = Counter(style for key in keys if (style := _read_style(key)) is not None)
    if not styles:
        return _Style()
    style, number = styles.most_common(1)[0]
    is_usual = number >= _FEWEST_OF_A_STYLE and number >= _SHARE_OF_A_STYLE * len(keys)
    return style if is_usual else _Style()


def _read_style(key: str) -> _Style | None:
    if _ANTHOLOGY.fullmatch(key):
        return _Style(is_anthology=True)
    found = _FAMILY_YEAR.fullmatch(key)
    is_word_first = found is None
    found = found or _FAMILY_WORD.fullmatch(key)
    if found is None:
        return None
    word = found["word"] or ""
    return _Style(
        before=found["before"],
        between=found["between"] or "",
        has_word=bool(word),
        is_word_first=is_word_first,
        is_family_capital=found["family"][0].isupper(),
        is_word_capital=word[:1].isupper(),
        n_digits=len(found["year"]),
    )


def _others(article: Article) -> str:
    if article.n_authors > 2 or len(article.authors) > 2:
        return "etal"
    return _folded(split_name(article.authors[1]).family) if len(article.authors) == 2 else ""


def _folded(text: str) -> str:
    return _NOT_IN_KEYS.sub("", fold_name(text, is_person=False))


def _first_word(title: str) -> str:
    """Give the first word of a title that says something, folded; "" where ASCII has none."""
    words = [_folded(word) for word in _ONE_WORD.findall(title)]
    return next((word for word in words if len(word) > 1 and word not in _NO_WORD_SET), "")
