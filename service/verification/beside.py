"""What stands beside a verified citation, read with caution: years, names and titles that differ.

A citation is read by the forms that people write most. What else stands in its sentence may be of
it too, in a form that is not known here: where that would not agree, nothing is verified.
"""

import re
from collections.abc import Iterator, Sequence

from index.article import Article
from index.identity import fold_name
from service.exports.author_name import split_name
from service.verification.statement import YEAR, years_in
from service.verification.titles import n_words

_NEAR = 160
_LEAST_TITLE = 4
_NEARLY = 0.6
_MORE_WORDS = 8
"""Names and a year may stand between a title and the identifier."""
_WORD = re.compile(r"[^\W\d_](?:[\w’'-]*\w)?")
_ANY_WORD = re.compile(r"[^\W_]+")
_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]*\.?"
_FULL = rf"(?P<names>{_NAME}(?:[ ]{_NAME})+)"
_AFTER = re.compile(
    r"[\"”’*_>\])]{0,4}[,:;]?\s{1,2}(?:[(–—-]\s?)?"
    rf"(?:(?:which|that)\s(?:is|was)?\s?)?(?:(?:written\s)?by\s|from\s)?{_FULL}"
)
_SOMEBODYS = re.compile(
    rf"(?P<names>{_NAME})(?:\set\sal\.?)?[’']s?\s(?:(?:1[5-9]|20)\d\d\s)?"
    r"(?:paper|article|study|work|survey|review|book|report)\b[^.;]{0,20}$"
)
_ET_AL = re.compile(rf"(?P<names>{_NAME}),?\s(?:et\sal|and\s(?:others|colleagues))\b")
_BRACKETED = re.compile(r"[>\])]{0,2}\s?\((?P<held>[^()]*(?:\([^()]*\)[^()]*)*)\)")


def doubt(before: str, after: str, articles: Sequence[Article]) -> str | None:
    """Say what beside a citation does not agree with the versions of its work; None: nothing.

    `before` and `after` are the text of its sentence around it, up to the next citations.
    """
    before, after = before[-_NEAR:], after[:_NEAR]
    return _year(before, after, articles) or _names(before, after, articles)


def doubt_of_title(before: str, after: str, articles: Sequence[Article]) -> str | None:
    """Say that what stands before an identifier is nearly the title of its work, but not quite.

    Or that what stands behind it in brackets is not the title.
    """
    written = [one.title for one in articles if one.title]
    if any(_is_nearly_in(title, before) for title in written):
        return "What stands before it is nearly its title, but not quite."
    titles = [fold_name(title, is_person=False) for title in written]
    found = _BRACKETED.match(after)
    held = YEAR.sub("", found["held"]) if found else ""
    if n_words(held) < _LEAST_TITLE:
        return None
    plain = fold_name(held, is_person=False)
    if any(title in plain or plain in title for title in titles):
        return None
    return "What stands behind it in brackets is not its title."


def _year(before: str, after: str, articles: Sequence[Article]) -> str | None:
    found = (*years_in(before), *years_in(after))
    own = {one.year for one in articles if one.year}
    if not found or not own or own & {*found}:
        return None
    return f"{found[0]} stands beside it, and the work is of {min(own)}."


def _names(before: str, after: str, articles: Sequence[Article]) -> str | None:
    authors = [one.authors for one in articles if one.authors]
    if not authors:
        return None
    everybody = {word for names in authors for name in names for word in _family(name)}
    first = {word for names in authors for word in _family(names[0])}
    for side in (before, after):
        met = [word for word in _folded_words(side) if word in everybody]
        if met and met[0] not in first:
            return "Names of its authors stand beside it in another order than theirs."
        strangers = None if met else _strangers(side, is_before=side is before)
        if strangers and not everybody & {*_folded_words(strangers)}:
            return f"{strangers} stands beside it, and is none of its authors."
    return None


def _strangers(side: str, *, is_before: bool) -> str | None:
    """Give what is written like the authors of a work, right beside it."""
    found = _SOMEBODYS.search(side) if is_before else _AFTER.match(side)
    found = found or _ET_AL.search(side)
    return found["names"] if found else None


def _family(name: str) -> tuple[str, ...]:
    """Give the words of a family name by which it can be met; particles do not tell anybody."""
    return tuple(word for word in _folded_words(split_name(name).family) if len(word) > 1)


def _folded_words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if word[0].isupper():
            yield fold_name(re.sub(r"[’']s?$", "", word), is_person=False)


def _is_nearly_in(title: str, before: str) -> bool:
    """Tell whether a text ends with most words of a title, and does not hold it."""
    own, near = _plain_words(title), _plain_words(before[-2 * len(title) - _NEAR :])
    if len(own) < _LEAST_TITLE or " ".join(own) in " ".join(near):
        return False
    return len({*own} & {*near[-len(own) - _MORE_WORDS :]}) >= _NEARLY * len({*own})


def _plain_words(text: str) -> list[str]:
    return [word.casefold() for word in _ANY_WORD.findall(text)]
