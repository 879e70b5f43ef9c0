"""How authors are named in JSON values, and in one text that names several.

No format says how such a text is split; these are the forms seen in exports of databases
and reference managers. Where it can be read in two ways it stays one name, so that no
author is made up.
"""

import re

from index.sources.json_values import JsonObject, take_text, wrong_type

_LITERAL = re.compile(r"\[ ?(['\"].*['\"]) ?,? ?\]")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*+)'?|\"((?:[^\"\\]|\\.)*+)\"?")
_AND = re.compile(r",? (?:and|&) ", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.[ -]?)+")
_FAMILY_AND_INITIALS = re.compile(r"[^\W\d_].* (?:(?:[^\W\d_]{1,2}\.[ -]?)+|[A-Z]{1,3})")
_NAME_LIMIT = 200  # longer than any name; it also bounds what the patterns can cost
_NAME_PARTS = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")


def take_authors(record: JsonObject, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the names under a key of a JSON record, and what was mended to get them.

    The value is a list whose items are names, `{"name": …}`, `{"literal": …}`, or
    `{"given": …, "family": …}`; or one text, which is split.
    """
    authors = record.get(key)
    if authors is None:
        return (), ()
    if isinstance(authors, str):
        names = split_authors(authors)
        return names, (f"{key!r} is one text, split into names",) if len(names) > 1 else ()
    if not isinstance(authors, list):
        raise wrong_type(key, authors, "a list")
    known = tuple(name for name in map(name_of, authors) if name)
    n_nameless = len(authors) - len(known)
    return known, nameless(n_nameless) if n_nameless else ()


def name_of(author: object) -> str | None:
    """Give the name of one author, None where there is none."""
    if isinstance(author, str):
        return author.strip()
    if not isinstance(author, dict):
        return None
    name = take_text(author, "name") or take_text(author, "literal")
    parts = (take_text(author, part) for part in _NAME_PARTS)
    return name or " ".join(part for part in parts if part)


def nameless(n_authors: int) -> tuple[str, ...]:
    """Give the repair that says how many authors were left out."""
    return (f"authors left out because they have no name: {n_authors}",)


def split_authors(text: str) -> tuple[str, ...]:
    """Split a text into author names, in their order.

    The first rule that fits is taken:

    1. a list written out, `['Marx, Karl', 'Lindgren, Astrid']`: its items;
    2. a `;`, or else a `|`: what stands between them;
    3. an `and` or `&`: `Marx, Karl and Lindgren, Astrid`; commas part the names too where
       the last name holds none, `Ann Lee, Bob Ray and Cy Dee`, and else as rule 4 says;
    4. commas after initials: `Liu R., Adler D.G.` or `Liu, R., Adler, D.G.`;
    5. commas between names of two words or more: `Ann Lee, Bob Ray`;
    6. else it is one name: `Marx, Karl`.
    """
    text = " ".join(text.split())
    if text.startswith("[") and (literal := _LITERAL.fullmatch(text)):
        names = [single or double for single, double in _QUOTED.findall(literal[1])]
    elif ";" in text:
        names = text.split(";")
    elif "|" in text:
        names = text.split("|")
    elif len(parts := _AND.split(text)) > 1:
        is_list = "," not in parts[-1]
        names = [
            name
            for part in parts
            for name in (part.split(",") if is_list else _split_on_commas(part))
        ]
    else:
        names = _split_on_commas(text)
    return tuple(name for name in (part.strip() for part in names) if name)


def _split_on_commas(text: str) -> list[str]:
    parts = [part for part in (piece.strip() for piece in text.split(",")) if part]
    if len(parts) < 2 or max(map(len, parts)) > _NAME_LIMIT:
        return [text]
    if all(_FAMILY_AND_INITIALS.fullmatch(part) for part in parts):
        return parts
    if len(parts) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return [f"{family}, {initials}" for family, initials in pairs]
    if all(" " in part for part in parts):
        return parts
    return [text]
