"""Filters as a value, and what of frameworks' conditions they can say."""

import pytest

from cognate_client import FilterError, Filters
from cognate_client.conditions import Condition, Joined, to_filters


def test_only_the_conditions_that_there_are_go_over_the_wire() -> None:
    filters = Filters(authors=("A", "B"), has_abstract=False)

    assert filters.to_wire() == {"authors": ("A", "B"), "has_abstract": False}
    assert Filters().to_wire() == {}


def test_a_list_is_taken_for_a_tuple_and_a_text_refused() -> None:
    filters = Filters(types=["review"])  # type: ignore[arg-type]  # as it comes from JSON

    assert hash(filters) == hash(Filters(types=("review",)))
    with pytest.raises(ValueError, match=r"journals=\('Nature',\)"):
        Filters(journals="Nature")  # type: ignore[arg-type]  # what everyone writes once


@pytest.mark.parametrize(
    ("condition", "filters"),
    [
        (Condition("authors", "==", "A"), Filters(authors=("A",))),
        (Condition("journal", "in", ["J", "K"]), Filters(journals=("J", "K"))),
        (Condition("type", "==", "review"), Filters(types=("review",))),
        (Condition("language", "in", ["en"]), Filters(languages=("en",))),
        (Condition("year", "==", 2020), Filters(published_from="2020", published_to="2020")),
        (Condition("year", ">=", 2020), Filters(published_from="2020")),
        (Condition("year", ">", 2020), Filters(published_from="2021")),
        (Condition("year", "<=", 987), Filters(published_to="0987")),
        (Condition("year", "<", 2020), Filters(published_to="2019")),
        (Condition("published", ">=", "-P3M"), Filters(published_from="-P3M")),
        (Condition("published", "<=", "2024-03"), Filters(published_to="2024-03")),
        (Condition("has_abstract", "==", True), Filters(has_abstract=True)),
    ],
)
def test_conditions_become_filters(condition: Condition, filters: Filters) -> None:
    assert to_filters(condition) == filters
    assert to_filters(Joined("and", (condition, condition))) == filters


@pytest.mark.parametrize(
    ("dates", "filters"),
    [
        ((">=", "2020", ">=", "2020-02"), Filters(published_from="2020-02")),
        (("<=", "2020", "<=", "2020-02"), Filters(published_to="2020-02")),
        (("<=", "2020-02-03", "<=", "2020-02"), Filters(published_to="2020-02-03")),
        (("<=", "2021", "<=", "2020-12"), Filters(published_to="2020-12")),
    ],
)
def test_of_two_bounds_the_tighter_one_holds(
    dates: tuple[str, str, str, str], filters: Filters
) -> None:
    both = (Condition("published", *dates[:2]), Condition("published", *dates[2:]))

    assert to_filters(Joined("and", both)) == filters
    assert to_filters(Joined("and", both[::-1])) == filters


def test_names_of_one_field_may_be_joined_by_or() -> None:
    wanted = Joined(
        "and",
        (
            Joined("or", (Condition("type", "==", "a"), Condition("type", "in", ["b", "c"]))),
            Joined("and", (Condition("year", ">=", 2000),)),
        ),
    )

    assert to_filters(wanted) == Filters(types=("a", "b", "c"), published_from="2000")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Condition("citations", ">", 5), "citations > 5: the fields are authors, journal"),
        (Condition("journal", "!=", "J"), "journal != 'J': write =="),
        (Condition("journal", "in", []), "in with a list of names"),
        (Condition("authors", "==", 5), "authors == 5"),
        (Condition("year", ">=", "2020"), "compare with a whole number"),
        (Condition("year", "==", True), "compare with a whole number"),
        (Condition("year", "in", [2020, 2021]), "compare with a whole number"),
        (Condition("year", "!=", 2020), "write ==, >= or <="),
        (Condition("published", "<", "2020"), "write ==, >= or <="),
        (Condition("published", ">=", 2020), "compare with a date"),
        (Condition("has_abstract", "==", "yes"), "true or false"),
        (Joined("not", (Condition("type", "==", "a"),)), "cannot join these by 'not'"),
        (Joined("or", (Condition("type", "==", "a"), Condition("journal", "==", "J"))), "'or'"),
        (Joined("or", (Condition("year", ">=", 2000), Condition("year", "<=", 1990))), "'or'"),
        (Joined("or", (Joined("and", (Condition("type", "==", "a"),)),)), "'or'"),
        (Joined("or", ()), "'or'"),
        (
            Joined("and", (Condition("type", "==", "a"), Condition("type", "==", "b"))),
            r"types: both \('a',\) and \('b',\)",
        ),
        (
            Joined(
                "and", (Condition("published", ">=", "-P1Y"), Condition("published", ">=", "2020"))
            ),
            "published_from: both",
        ),
    ],
)
def test_what_cognate_has_no_filter_for_is_refused(wanted: Condition | Joined, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        to_filters(wanted)
