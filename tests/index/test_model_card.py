"""What a model's card says of the languages that it was made for."""

from pathlib import Path

import pytest

from index.model_card import CARD, read_languages


@pytest.mark.parametrize(
    ("card", "languages"),
    [
        ("---\nlanguage: en\nlicense: mit\n---\n# A model\n", ("en",)),
        ("---\nlanguage:\n- en\n- deu\n- German\n---\n", ("en", "de")),
        # YAML takes Norwegian for "no"
        ("---\nlanguage: [sv, no]\n---\n", ("sv", "no")),
        ("---\nlanguage: multilingual\n---\n", ()),
        ("---\nlanguage:\n- multilingual\n- fr\n---\n", ("fr",)),
        ("---\nlicense: mit\n---\n", ()),
        ("---\n- en\n---\n", ()),
        ("---\nlanguage: {en: 1}\n---\n", ()),
        ("---\nlanguage: [\n---\n", ()),
        ("# A model\n---\nlanguage: en\n---\n", ()),
        ("", ()),
        ("\xff", ()),
    ],
)
def test_a_card_names_languages_before_its_prose(
    tmp_path: Path, card: str, languages: tuple[str, ...]
) -> None:
    (tmp_path / CARD).write_bytes(card.encode("latin-1"))

    assert read_languages(tmp_path) == languages


def test_a_model_without_a_card_names_no_language(tmp_path: Path) -> None:
    assert read_languages(tmp_path) == ()
