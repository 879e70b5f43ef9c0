"""Names as they are cited, held against authors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from service.verification.person_names import CitedNames

THREE = Article(
    article_id="x", authors=("Ana Müller", "Jan-Peter de Vries", "Bo Chen"), n_authors=3
)
TWO = Article(article_id="y", authors=("Sung-hyon Myaeng", "Maarten O'Brien"), n_authors=2)
MANY = Article(article_id="z", authors=("Ana Müller",), n_authors=40)


@pytest.mark.parametrize(
    "text",
    [
        "Ana Müller, Jan-Peter de Vries, and Bo Chen",
        "Müller A, de Vries J-P, Chen B",
        "Müller A., Vries JP., Chen B.",
        "Müller, A., de Vries, J.-P., & Chen, B.",
        "A. Mueller, J.P. de Vries and B. Chen",
        "Muller et al.",
        "Müller A, de Vries J, et al",
        "Müller and colleagues",
        "Müller, A., ... & Chen, B.",
        "Müller, Ana and de Vries, Jan-Peter and Chen, Bo",
        "Müller AB, Vries JP, Chen B",
        "MÜLLER, A.; DE VRIES, J.P.; CHEN, B.",
        "Müller, Vries & Chen",
        "A. B. Müller, J. P. de Vries, B. Chen",
    ],
)
def test_the_same_people_are_known_in_every_style(text: str) -> None:
    assert CitedNames(text).are_of(THREE)


@pytest.mark.parametrize(
    "text",
    [
        "Chen et al.",
        "Müller, Chen, and de Vries",
        "Müller and Chen",
        "Müller",
        "Müller, B., de Vries, J., & Chen, B.",
        "Müller A., Vries JP., Chen B., Lee K.",
        "Müller, A., C. de Vries, B. Chen",
        "Chen Bo, Müller Ana, de Vries Jan-Peter",
        "Möller, A., de Vries, J., Chen, B.",
        "Müller, A., Lee, ... & Chen, B.",
        "2020",
        "",
    ],
)
def test_other_people_another_order_or_one_too_few_are_told_apart(text: str) -> None:
    assert not CitedNames(text).are_of(THREE)


@pytest.mark.parametrize(
    "text",
    [
        "S.-H. Myaeng, M. O'Brien",
        "Myaeng S, OBrien M",
        "Sunghyon Myaeng and M. O Brien",
        "Myaeng, S. H. and O’Brien, M.",
        "Myaeng, Jr., S.-H., and O'Brien, M.",
    ],
)
def test_hyphens_apostrophes_and_suffixes_make_no_difference(text: str) -> None:
    assert CitedNames(text).are_of(TWO)


def test_a_first_author_alone_is_enough_only_in_running_text() -> None:
    assert CitedNames("Müller", may_be_first_alone=True).are_of(THREE)
    assert not CitedNames("Müller and de Vries", may_be_first_alone=True).are_of(THREE)


def test_a_list_that_the_index_has_cut_needs_to_say_that_there_are_more() -> None:
    assert CitedNames("Müller et al.").are_of(MANY)
    assert not CitedNames("Ana Müller").are_of(MANY)


@pytest.mark.parametrize(
    ("authors", "text"),
    [
        (("Kunxun Qi", "Jianfeng Du"), "Qi, K., & Du, J."),
        (("Manuel Montes-y-Gómez",), "Montes-y-Gómez, Manuel"),
        (("Chia-Yu Hung",), "C. Y. Hung"),
        (("Nour Al-khdour", "Mohammad AL-Smadi"), "Nour Al-khdour, Mohammad AL-Smadi"),
        (("Smith, J",), "John Smith"),
        (("Zoë Ångström",), "Aangstroem, Z."),
    ],
)
def test_names_that_were_hard_in_practice(authors: tuple[str, ...], text: str) -> None:
    assert CitedNames(text).are_of(Article(article_id="a", authors=authors))


_LETTERS = st.text("abdefghiklmnoprstu", min_size=3, max_size=8).map(str.capitalize)
_NAMES = st.tuples(_LETTERS, _LETTERS)


@given(st.lists(_NAMES, min_size=2, max_size=5, unique_by=lambda name: name[0]), st.data())
def test_whoever_is_put_first_instead_is_noticed(
    people: list[tuple[str, str]], data: st.DataObject
) -> None:
    families = {family for family, _ in people}
    if families & {given for _, given in people}:
        return
    authors = tuple(f"{given} {family}" for family, given in people)
    article = Article(article_id="a", authors=authors, n_authors=len(authors))
    number = data.draw(st.integers(1, len(people) - 1))
    swapped = [*people]
    swapped[0], swapped[number] = swapped[number], swapped[0]

    for write in (_as_apa, _as_spoken, _as_vancouver):
        assert CitedNames(write(people)).are_of(article)
        assert not CitedNames(write(swapped)).are_of(article)
    assert not CitedNames(f"{swapped[0][0]} et al.").are_of(article)


def _as_apa(people: list[tuple[str, str]]) -> str:
    names = [f"{family}, {given[0]}." for family, given in people]
    return f"{', '.join(names[:-1])}, & {names[-1]}"


def _as_spoken(people: list[tuple[str, str]]) -> str:
    names = [f"{given} {family}" for family, given in people]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _as_vancouver(people: list[tuple[str, str]]) -> str:
    return ", ".join(f"{family} {given[0]}" for family, given in people)
