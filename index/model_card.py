"""The card of a model: what its authors say of it, before the prose of its README."""

import re
from pathlib import Path

import yaml

from index.languages import parse_language

CARD = "README.md"

_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?\n)---\s*$", re.DOTALL | re.MULTILINE)


def read_languages(folder: Path) -> tuple[str, ...]:
    """Give the languages that a model was made for, as codes; none where its card does not say.

    A card that says no more than "multilingual" names none.
    """
    try:
        found = _FRONT_MATTER.match((folder / CARD).read_text(encoding="utf-8"))
        said = yaml.safe_load(found[1]) if found else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ()  # prose: what computes does not depend on it
    language = said.get("language") if isinstance(said, dict) else None
    names = language if isinstance(language, list) else [language]
    # YAML reads Norwegian, `no`, as false
    texts = ("no" if name is False else name for name in names)
    codes = (parse_language(text) for text in texts if isinstance(text, str))
    return tuple(dict.fromkeys(code for code in codes if code is not None))
