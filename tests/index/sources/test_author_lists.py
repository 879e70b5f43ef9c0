"""One text that names several authors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sources.author_lists import split_authors


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("Marx, Karl", ["Marx, Karl"]),
        ("Marx, K.", ["Marx, K."]),
        ("['Marx, Karl', 'Lindgren, Astrid']", ["Marx, Karl", "Lindgren, Astrid"]),
        ("[\"O'Hara, A\", 'Ray, B',]", ["O'Hara, A", "Ray, B"]),
        ("Marx, Karl; Lindgren, Astrid;", ["Marx, Karl", "Lindgren, Astrid"]),
        ("Ann Lee|Bob Ray", ["Ann Lee", "Bob Ray"]),
        ("Marx, Karl and Lindgren, Astrid", ["Marx, Karl", "Lindgren, Astrid"]),
        ("Ann Lee & Bob Ray", ["Ann Lee", "Bob Ray"]),
        ("Ann Lee, Bob Ray, and Cy Dee", ["Ann Lee", "Bob Ray", "Cy Dee"]),
        ("walker,r.e., stone,a.r. and ray,m.", ["walker, r.e.", "stone, a.r.", "ray, m."]),
        ("Liu R., Adler D.G.", ["Liu R.", "Adler D.G."]),
        ("Van den Berg JA, Li Q", ["Van den Berg JA", "Li Q"]),
        ("Liu, R., Adler, D.-G.", ["Liu, R.", "Adler, D.-G."]),
        ("Ann Lee, Bob Ray", ["Ann Lee", "Bob Ray"]),
        ("Lee, Ray, Dee", ["Lee, Ray, Dee"]),
        ("Ann\n  Lee", ["Ann Lee"]),
        ("Alexandra Sand", ["Alexandra Sand"]),
    ],
)
def test_names_are_split_as_the_rules_say(text: str, names: list[str]) -> None:
    assert list(split_authors(text)) == names


@given(st.text(alphabet="Aa. ,;|&'\"[]\\-", max_size=60))
def test_any_text_gives_names_that_are_not_blank(text: str) -> None:
    assert all(name.strip() for name in split_authors(text))


@pytest.mark.parametrize("piece", ["A. ", "a, ", "'\\", "['", " and", " ", "A.A."])
def test_a_very_long_text_is_split_in_linear_time(piece: str) -> None:
    split_authors(f"['{piece * 300_000}")
    split_authors(piece * 300_000)
