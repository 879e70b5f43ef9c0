"""Names of people are found in every form that a person types, and words are nobody's name."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.identity import fold_name
from index.names import Names, NamesWriter
from index.people import MOST_WORDS, People, Reading, fits, readings

PEOPLE = [
    "Yoav Goldberg",
    "Christopher D. Manning",
    "Christopher Manning",
    "Brian Manning",
    "Jörg Müller",
    "Antal P.J. van den Bosch",
    "Frances Gillis-Webber",
    "Yun-Keun Lee",
    "Kennedy, J P",
    "Müller JP",
    "Negri, Matteo",
    "M. Negri",
    "Ana Price",
    "Bea Price",
    "A. Price",
    "Wei Wang",
    "Wang Wei",
    "Maurice J. Pescitelli, Jr.",
    "李 明",
    "Plato",
    "Felice Dell’Orletta",
    "D. O'Neil",
]


def write_names(path: Path, field: str, names: Sequence[str]) -> None:
    """Write names of a field; those that fold to one key have one code."""
    writer = NamesWriter(path)
    for name in names:
        writer.meet(field, name)
    writer.finish({})
    writer.close()


@contextmanager
def opened(names: Sequence[str]) -> Iterator[People]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "names.sqlite"
        write_names(path, "authors", names)
        with closing(Names(path)) as file:
            yield file.people


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    """Open the people above."""
    with opened(PEOPLE) as people:
        yield people


def found(people: People, text: str) -> set[str]:
    bearers = people.bearers(text)
    return {PEOPLE[code] for code in bearers.codes} if bearers else set()


@pytest.mark.parametrize(
    "text",
    [
        "Yoav Goldberg",
        " yoav  GOLDBERG ",
        "YOAV GOLDBERG",
        "Goldberg, Yoav",
        "Goldberg,Yoav",
        "Y. Goldberg",
        "Y Goldberg",
        "Goldberg Y",
        "Goldberg, Y.",
        "goldberg y.",
        "Goldberg Yoav",
        "Yoav M. Goldberg",
        "Goldberg",
        "Goldberg,",
    ],
)
def test_a_name_is_found_in_any_form(people: People, text: str) -> None:
    assert found(people, text) == {"Yoav Goldberg"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Christopher Manning", {"Christopher D. Manning", "Christopher Manning"}),
        ("Christopher David Manning", {"Christopher D. Manning", "Christopher Manning"}),
        ("Christopher R. Manning", {"Christopher Manning"}),
        ("C. D. Manning", {"Christopher D. Manning", "Christopher Manning"}),
        ("Manning CD", {"Christopher D. Manning", "Christopher Manning"}),
        ("manning", {"Christopher D. Manning", "Christopher Manning", "Brian Manning"}),
        ("Jorg Muller", {"Jörg Müller", "Müller JP"}),
        ("Müller", {"Jörg Müller", "Müller JP"}),
        ("J.-P. Muller", {"Jörg Müller", "Müller JP"}),
        ("Jean-Pierre Müller", {"Müller JP"}),
        ("Jean Pierre Muller", {"Müller JP"}),
        ("John Kennedy", {"Kennedy, J P"}),
        ("van den Bosch", {"Antal P.J. van den Bosch"}),
        ("Bosch, A. van den", {"Antal P.J. van den Bosch"}),
        ("van den Bosch, Antal", {"Antal P.J. van den Bosch"}),
        ("Antal Bosch", {"Antal P.J. van den Bosch"}),
        ("Frances Gillis Webber", {"Frances Gillis-Webber"}),
        ("Gillis Webber, Frances", {"Frances Gillis-Webber"}),
        ("gillis-webber", {"Frances Gillis-Webber"}),
        ("Yun Keun Lee", {"Yun-Keun Lee"}),
        ("Yunkeun Lee", {"Yun-Keun Lee"}),
        ("Pescitelli", {"Maurice J. Pescitelli, Jr."}),
        ("Maurice Pescitelli Jr.", {"Maurice J. Pescitelli, Jr."}),
        ("李 明", {"李 明"}),
        ("plato", {"Plato"}),
        ("Dell'Orletta", {"Felice Dell’Orletta"}),
        ("ONEIL D", {"D. O'Neil"}),
    ],
)
def test_case_accents_hyphens_and_middle_names_do_not_matter(
    people: People, text: str, names: set[str]
) -> None:
    assert found(people, text) == names


def test_the_order_of_family_and_given_name_counts_where_both_are_somebody(people: People) -> None:
    assert found(people, "Wei Wang") == {"Wei Wang"}
    assert found(people, "Wang Wei") == {"Wang Wei"}
    assert found(people, "Wang, Wei") == {"Wei Wang"}


def test_an_initial_counts_for_a_name_where_it_can_be_nobody_else(people: People) -> None:
    assert found(people, "Matteo Negri") == {"Negri, Matteo", "M. Negri"}
    assert found(people, "Ana Price") == {"Ana Price", "A. Price"}
    with opened(["Ana Price", "Anna Price", "A. Price"]) as others:
        assert found_codes(others, "Ana Price") == (0,)
        assert found_codes(others, "A. Price") == (0, 1, 2)
        assert found_codes(others, "Alma Price") == (2,)


def found_codes(people: People, text: str) -> tuple[int, ...]:
    bearers = people.bearers(text)
    return bearers.codes if bearers else ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "?!",
        ",",
        ", ,",
        "-",
        "Yoav",
        "Goldberg et al 2020",
        "Yoav Goldberg and Omer Levy and others too",
        "Yoav Goldberg: parsing",
        "Zoe Goldberg",
        "y",
        "p j",
        "A.B.C.D.E.F. Goldberg",
        "machine translation",
        "\ud800",
        "a" * 3_000,
    ],
)
def test_what_is_nobodys_name_finds_nobody(people: People, text: str) -> None:
    assert people.bearers(text) is None
    assert people.nearly(text, lambda _: True) == []


@pytest.mark.parametrize(
    ("text", "is_certain"),
    [
        ("Yoav Goldberg", True),
        ("Goldberg, Yoav", True),
        ("Y. Goldberg", False),
        ("Goldberg", False),
        ("Plato", False),
        ("David O'Neil", False),
    ],
)
def test_only_a_name_spelled_out_is_certain(people: People, text: str, is_certain: bool) -> None:
    bearers = people.bearers(text)

    assert bearers is not None
    assert bearers.is_certain is is_certain


def test_of_a_longer_text_nobody_is_looked_for() -> None:
    name = " ".join("abcdefg"[:MOST_WORDS]) + "x"
    with opened([name, "Longer " + name]) as people:
        assert found_codes(people, name) == (0,)
        assert found_codes(people, "Longer " + name) == ()


# Typing errors


@pytest.mark.parametrize(
    "text",
    ["Yoav Goldbrg", "Yoav Golddberg", "Yoav Goldbreg", "yoav goldbirg", "Goldbreg, Y.", "goldbrg"],
)
def test_one_slip_in_a_name_finds_the_person(people: People, text: str) -> None:
    assert people.bearers(text) is None

    (nearly,) = people.nearly(text, lambda _: False)

    assert {PEOPLE[code] for code in nearly.codes} == {"Yoav Goldberg"}
    assert "goldberg" in nearly.text


@pytest.mark.parametrize(
    "text",
    [
        "Yoav Goldbg",  # two slips
        "Yoavv Goldbrg",  # in two words
        "Yoav Boldberg",  # in the first letter
        "Plat",  # in a short word
        "Jörg Mannning",  # nobody when it is mended
    ],
)
def test_more_than_one_slip_finds_nobody(people: People, text: str) -> None:
    assert people.nearly(text, lambda _: False) == []


def test_a_word_that_texts_have_is_no_slip(people: People) -> None:
    assert people.nearly("Yoav Goldbrg", lambda word: word == "Goldbrg") == []
    assert people.knows("GILLIS-WEBBER")
    assert not people.knows("goldbrg")


# Laws

_words = st.sampled_from(["Ana", "Bo", "Čedomir", "Dora", "Émile", "Jean-Luc", "Øystein", "Wei"])
_families = st.sampled_from(["Goldberg", "Müller", "Chen", "O'Neil", "Gillis-Webber", "Núñez"])
_names = st.tuples(st.lists(_words, min_size=1, max_size=3), _families)


def folded(name: str) -> str:
    return fold_name(name, is_person=True)


def forms(given_names: Sequence[str], family: str) -> st.SearchStrategy[str]:
    first, *middle = given_names
    initials = [name[0] + "." for name in given_names]
    shapes = ["{} {}", "{}  {}", " {} {} "]
    whole = st.sampled_from([given_names, [first], [first, *[name[0] for name in middle]]])
    spoken = st.tuples(whole.map(" ".join) | st.just(" ".join(initials)), st.sampled_from(shapes))
    written = (whole | st.just(initials)).map(lambda names: f"{family}, {' '.join(names)}")
    return (
        (spoken.map(lambda parts: parts[1].format(parts[0], family)) | written)
        .flatmap(lambda text: st.sampled_from([text, text.upper(), text.lower()]))
        .flatmap(lambda text: st.sampled_from([text, text.replace("ü", "u").replace("Ü", "U")]))
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(_names, min_size=1, max_size=6), st.data())
def test_every_form_of_a_name_finds_its_bearer(
    names: list[tuple[list[str], str]], data: st.DataObject
) -> None:
    whole = [" ".join([*first, family]) for first, family in names]
    codes = {key: code for code, key in enumerate(dict.fromkeys(map(folded, whole)))}
    with opened(whole) as people:
        place = data.draw(st.integers(0, len(names) - 1))
        text = data.draw(forms(*names[place]))

        assert codes[folded(whole[place])] in found_codes(people, text)


@settings(max_examples=60, deadline=None)
@given(_names, _names)
def test_a_person_is_found_written_either_way_round(
    one: tuple[list[str], str], other: tuple[list[str], str]
) -> None:
    spoken = [" ".join([*first, family]) for first, family in (one, other)]
    written = [f"{family}, {' '.join(first)}" for first, family in (one, other)]

    with opened(spoken) as first_way, opened(written) as second_way:
        for text in (*spoken, *written):
            assert found_codes(first_way, text) == found_codes(second_way, text)


@given(st.text(max_size=30))
def test_every_author_has_readings_and_no_text_is_too_odd_to_ask(name: str) -> None:
    assert all(reading.family for reading in readings(name))
    with opened([name.encode(errors="ignore").decode()]) as people:
        people.bearers(name)
        people.nearly(name, lambda _: False)


@given(st.lists(_words, max_size=3), st.lists(_words, max_size=3))
def test_fitting_needs_a_first_name_and_keeps_the_order(asked: list[str], borne: list[str]) -> None:
    if asked and borne and fits(asked, borne):
        assert "".join(asked) == "".join(borne) or asked[0] == borne[0]
    assert fits(asked, asked)


def test_readings_are_all_the_ways_to_cut_a_name() -> None:
    assert readings("Ana van Ek") == {
        Reading("ek", ("ana", "van")),
        Reading("vanek", ("ana",)),
    }
    assert readings("van Ek, A.B.") == {
        Reading("vanek", ("a", "b")),
        Reading("ek", ("a", "b", "van")),
    }
    assert readings("?") == set()


def test_the_file_of_names_without_authors_has_no_people(tmp_path: Path) -> None:
    write_names(tmp_path / "names.sqlite", "journals", ["Nature"])

    with closing(Names(tmp_path / "names.sqlite")) as names:
        assert names.people.bearers("Nature") is None
    with closing(sqlite3.connect(tmp_path / "names.sqlite")) as file:
        assert file.execute("SELECT count(*) FROM people").fetchone() == (0,)
