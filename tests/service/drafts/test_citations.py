"""Citations in running text are found, and what only looks like one is not."""

import pytest

from service.drafts.citations import dated, keyed, numbered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shown in [3].", "3"),
        ("shown in [3, 5-7] and [9]", "3 5 6 7 9"),
        ("shown in [3]-[5]", "3 4 5"),
        ("shown in [1–3; 8]", "1 2 3 8"),
        ("shown.[4] Then", "4"),
        ("words[12] here", "12"),
        ("x[3] and a_[2] and [0, 1] and [5](http://x.y) and [a]", ""),
        ("from [7-3]", "7 3"),
    ],
)
def test_numbers_are_written_out(text: str, expected: str) -> None:
    assert [key for one in numbered(text) for key in one.keys] == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so [@a; @b, p. 3] it is", "a b"),
        ("@ray2001 says", "ray2001"),
        ("so [see -@a:b-c]", "a:b-c"),
        ("@{a b} or @{a.b}.", "a.b"),
        ("as @a, and @b.", "a b"),
        ("me@x.org and http://x/@y", ""),
    ],
)
def test_keys_of_pandoc_are_found(text: str, expected: str) -> None:
    assert [key for one in keyed(text) for key in one.keys] == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("so (Smith et al., 2020)", ["Smith et al., 2020"]),
        ("so (see Smith, 2020; Lee & Kim, 2019a, p. 4)", ["Smith, 2020", "Lee & Kim, 2019a"]),
        ("Smith et al. (2020) say", ["Smith et al., 2020"]),
        (
            "van der Berg and Müller (2001, 2003)", ["van der Berg and Müller, 2001",
            "van der Berg and Müller, 2003"],
        ),
        ("so (Smith 2020)", ["Smith, 2020"]),
        ("Smith's (2020) claim", ["Smith, 2020"]),
        ("in summer (June 2020) and in 2020 (May, 2021)", []),
        ("at 8 (2020) and (in 2020)", []),
    ],
)  # fmt: skip
def test_authors_and_years_are_found(text: str, expected: list[str]) -> None:
    assert [key for one in dated(text) for key in one.keys] == expected


def test_names_that_are_words_of_the_sentence_stay_in_it() -> None:
    (found,) = dated("As Smith et al. (2020) say, dogs bark.")

    assert (found.kept, found.is_textual) == ("Smith et al.", True)
