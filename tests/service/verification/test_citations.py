"""Citations of an answer: verified only where all that is stated agrees."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.search import SearchEngine
from tests.service.verification.answering import (
    BEES,
    PARSING,
    PREPRINT,
    SOIL,
    fields,
    only,
    statuses,
    verify,
)

APA = (
    "Müller, A., de Vries, J.-P., & Chen, B. (2020). Deep parsing of very long trees. *Journal of"
    " Trees*, 12(3), 45–67. https://doi.org/10.5555/parse.1"
)
BIBTEX = (
    "@article{m, author={Müller, Ana and de Vries, Jan-Peter and Chen, Bo}, title={{Deep parsing of"
    " very long trees}}, journal={Journal of Trees}, year={2020}, doi={10.5555/parse.1}}"
)


@pytest.mark.parametrize(
    "text",
    [
        APA,
        BIBTEX,
        "[1] A. Müller et al., “Deep Parsing of Very Long Trees,” in J. Trees, 2020, pp. 1–2.",
        "As Müller et al. (2020, doi:10.5555/parse.1) show, it works.",
        'The paper "Deep parsing of very long trees" by Ana Müller, Jan-Peter de Vries, and Bo Chen'
        " (2020) shows it.",
        "[Deep parsing of very long trees](https://doi.org/10.5555/parse.1) (Müller et al., 2020)",
        "*Deep parsing of very long trees* is well known.",
        "See https://doi.org/10.5555/PARSE.1.",
        "It works (10.5555/parse.1).",
    ],
)
def test_a_true_citation_is_verified_in_every_style(guard: SearchEngine, text: str) -> None:
    found = verify(guard, text)

    assert found.citations
    assert {one.status for one in found.citations} == {"verified"}
    assert {one.article.article_id for one in found.citations if one.article} <= {PARSING, PREPRINT}
    for one in found.citations:
        assert found.is_sound
        assert not found.is_wrong
        assert text[one.start : one.end] == one.text


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("2020", "2021", "year"),
        ("Müller, A., de Vries, J.-P.", "de Vries, J.-P., Müller, A.", "authors"),
        ("Müller, A.", "Möller, A.", "authors"),
        ("very long", "very tall", "title"),
        ("very long", "long", "title"),
        ("Deep parsing", "Parsing deep", "title"),
        ("Journal of Trees", "Journal of Fields", "journal"),
        ("10.5555/parse.1", "10.5555/parse.2", "doi"),
        ("10.5555/parse.1", "10.5555/soil.9", "title"),
    ],
)
def test_one_thing_altered_is_never_verified_and_is_named(
    guard: SearchEngine, old: str, new: str, field: str
) -> None:
    found = only(guard, APA.replace(old, new))

    assert found.status == "metadata_mismatch"
    assert field in fields(found)
    difference = next(one for one in found.differs if one.field == field)
    assert difference.found
    assert difference.found != difference.given
    assert field in found.reason.casefold()


@pytest.mark.parametrize(
    "text",
    [
        'Chen et al. (2020) show it in "Deep parsing of very long trees".',
        'The paper "Deep parsing of very long trees" by Bo Chen and Ana Müller (2020) shows it.',
        "Deep parsing (Müller et al., 2021; doi:10.5555/parse.1) works.",
        "[Deep parsing of very tall trees](https://doi.org/10.5555/parse.1) works.",
        "*Deep Parsing of Tall Trees* (doi:10.5555/parse.1) works.",
        "In 2018, *Deep parsing of very long trees* was new.",
        "In their 2018 paper *Deep parsing of very long trees*, they parse.",
        "*Deep parsing of very long trees* (Müller et al., Science 2020) works.",
        "Chen et al. [1] show it.\n\nReferences\n\n[1] " + APA,
        "(Kö”nig et al., 2020; doi:10.5555/parse.1)",
        "10.5555/parse.1 (another paper, 2017)",
    ],
)
def test_what_stands_around_a_citation_is_held_against_it(guard: SearchEngine, text: str) -> None:
    first = verify(guard, text).citations

    assert "verified" not in {one.status for one in first if not one.text.startswith("[1] M")}


def test_a_sentence_may_be_about_two_works(guard: SearchEngine) -> None:
    names, doi = verify(
        guard, "Unlike Fox (2015), they show that it works (10.5555/parse.1)."
    ).citations

    assert (doi.status, fields(doi)) == ("unchecked", ["authors", "year"])
    assert "another work" in doi.reason
    assert names.status == "unchecked"


def test_an_identifier_that_no_article_has_is_not_in_the_corpus(guard: SearchEngine) -> None:
    for text in ("doi:10.9999/nothing.1", "arXiv:2401.00001", "PMID: 4711"):
        found = only(guard, f"See {text}.")
        assert (found.status, found.article, found.in_bundle) == ("not_in_corpus", None, None)


def test_a_number_is_an_arxiv_id_only_if_an_article_has_it(guard: SearchEngine) -> None:
    assert verify(guard, "The ratio was 2401.12345 at most.").citations == ()
    assert only(guard, "See 1905.00001 for more.").status == "verified"


def test_a_title_that_nobody_has_is_not_in_the_corpus(guard: SearchEngine) -> None:
    text = "The paper “Quantum cats of an entirely invented kind” (Nobody, 2020) shows it."

    assert statuses(verify(guard, text))[0] == ("title", "not_in_corpus")


def test_a_title_with_one_word_changed_differs_and_says_which_is_meant(guard: SearchEngine) -> None:
    found = only(guard, "*Bees remember the colour of clouds* tells more.")

    assert found.status == "metadata_mismatch"
    assert found.article is not None
    assert found.article.article_id == BEES
    assert found.differs[0].found == "Bees remember the colour of flowers"


def test_signs_are_a_part_of_titles(guard: SearchEngine) -> None:
    assert only(guard, "See *Parsing C++ with small grammars*.").status == "verified"
    assert only(guard, "See *Parsing C with small grammars*.").status == "metadata_mismatch"


def test_a_title_that_two_works_share_is_told_by_what_else_is_stated(guard: SearchEngine) -> None:
    title = "*Notes from the editors of this volume*"

    assert only(guard, f"See {title}.").status == "unchecked"
    for year, article_id in ((2001, "notes-1"), (2002, "notes-2")):
        found = only(guard, f"See {title} ({year}).")
        assert found.status == "verified"
        assert found.article is not None
        assert found.article.article_id == article_id
    assert only(guard, f"See {title} (2003).").status == "metadata_mismatch"


def test_what_the_index_does_not_know_is_unchecked_not_verified(guard: SearchEngine) -> None:
    found = only(guard, "Doe, J. (2020). A title whose authors nobody knows. Nature.")
    assert found.status == "unchecked"
    assert set(fields(found)) == {"authors", "year", "journal"}
    assert {one.found for one in found.differs} == {None}
    without_doi = only(guard, "Fox, E., & Hart, G. (2015). Bees remember the colour of flowers."
                              " Nature. doi:10.5555/bees.9")  # fmt: skip
    assert (without_doi.status, fields(without_doi)) == ("unchecked", ["doi"])


def test_a_version_may_have_the_year_or_the_identifier(guard: SearchEngine) -> None:
    for text in (
        APA.replace("2020", "2019"),
        APA.replace("https://doi.org/10.5555/parse.1", "arXiv:1905.00001"),
    ):
        found = only(guard, text)
        assert found.status == "verified"
        assert PREPRINT in found.reason or PARSING in found.reason
    assert only(guard, APA.replace("2020", "2018")).status == "metadata_mismatch"


def test_a_retracted_article_is_told_to_be_so(guard: SearchEngine) -> None:
    true = (
        "Ek, D., & Dee, C. (2018). Soil moisture and the yield of winter wheat. Journal of Fields."
    )
    found = only(guard, true)
    assert (found.status, found.retracted) == ("retracted", True)
    assert found.article is not None
    assert found.article.is_retracted
    assert "retracted" in found.reason
    altered = only(guard, true.replace("2018", "2017"))
    assert (altered.status, altered.retracted) == ("metadata_mismatch", True)
    assert verify(guard, true).is_wrong


def test_two_identifiers_have_to_name_one_work(guard: SearchEngine) -> None:
    text = "A. Müller et al. 2020. Deep parsing of very long trees. doi:10.5555/parse.1"
    two = only(guard, f"References\n\n[1] {text}, arXiv:1905.00001")
    assert two.status == "verified"
    others = only(guard, f"References\n\n[1] {text}, doi:10.5555/soil.9")
    assert others.status == "metadata_mismatch"
    assert "different articles" in others.reason


def test_numbers_and_names_mean_the_answers_own_list(guard: SearchEngine) -> None:
    text = (
        "Trees are deep [1]. Bees see [2, 3]. Müller et al. (2020) and Fox and Hart (2015) agree,"
        " unlike Hart and Fox (2015).\n\n## References\n\n1. " + APA + "\n2. Fox, E., & Hart, G."
        " (2014). Bees remember the colour of flowers. Nature.\n"
    )

    found = {one.text: one for one in verify(guard, text).citations if len(one.text) < 40}
    assert found["[1]"].status == "verified"
    assert found["Müller et al. (2020)"].status == "verified"
    two, three = [one for one in verify(guard, text).citations if one.text == "[2, 3]"]
    assert (two.status, fields(two)) == ("metadata_mismatch", ["year"])
    assert (three.status, three.article) == ("unchecked", None)
    assert "no [3]" in three.reason
    assert found["Hart and Fox (2015)"].status == "metadata_mismatch" or (
        found["Hart and Fox (2015)"].status == "not_in_corpus"
    )


def test_keys_of_latex_and_pandoc_mean_the_list(guard: SearchEngine) -> None:
    text = f"Trees \\cite{{m}} and [@m; @nobody2020] are deep.\n\n{BIBTEX}\n"

    assert statuses(verify(guard, text)) == [
        ("key", "verified"), ("key", "verified"), ("key", "unchecked"), ("doi", "verified"),
    ]  # fmt: skip


def test_footnotes_are_a_list(guard: SearchEngine) -> None:
    assert statuses(verify(guard, f"Trees are deep.[^1]\n\n[^1]: {APA}\n")) == [
        ("number", "verified"), ("doi", "verified"),
    ]  # fmt: skip


def test_numbers_without_any_list_point_to_nothing(guard: SearchEngine) -> None:
    assert only(guard, "Trees are deep [4].").status == "unchecked"


def test_names_and_a_year_alone_are_not_certain(guard: SearchEngine) -> None:
    one = only(guard, "Fox and Hart (2015) say so.")
    assert one.status == "unchecked"
    assert one.article is not None
    assert one.article.article_id == BEES
    assert "One article" in one.reason
    assert only(guard, "Müller et al. (2020) say so.").status == "unchecked"
    assert only(guard, "Mueller et al. (2020) say so.").article is not None
    nobody = only(guard, "Nobody et al. (2020) say so.")
    assert nobody.status == "not_in_corpus"
    assert only(guard, "Fox and Hart (2014) say so.").status == "not_in_corpus"


def test_names_are_certain_once_the_work_is_cited_otherwise(guard: SearchEngine) -> None:
    text = "Bees see (Fox and Hart, 2015). It is *Bees remember the colour of flowers*."

    assert statuses(verify(guard, text)) == [("author_year", "verified"), ("title", "verified")]


def test_text_without_citations_has_none(guard: SearchEngine) -> None:
    found = verify(guard, 'Trees are *very* deep, said "someone" in 2020 (see above).')

    assert found.citations == ()
    assert set(found.summary.values()) == {0}


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_other_year_or_first_author_is_ever_verified(
    guard: SearchEngine, data: st.DataObject
) -> None:
    year = data.draw(st.integers(1950, 2030).filter(lambda year: year not in (2019, 2020)))
    family = data.draw(st.sampled_from(["Chen", "Vries", "Smith", "Mullerson", "Mull"]))
    template = data.draw(
        st.sampled_from(
            [
                "{names} Deep parsing of very long trees. {year}.",
                "{names} ({year}). Deep parsing of very long trees. doi:10.5555/parse.1",
                "“Deep parsing of very long trees” ({names}, {year})",
                "*Deep parsing of very long trees* by {names} ({year})",
                "({names}, {year}; doi:10.5555/parse.1)",
                "[Deep parsing of very long trees](https://doi.org/10.5555/parse.1),"
                " {names}, {year}",
            ]
        )
    )

    assert only_statuses(guard, template.format(names="Müller et al.", year=2020)) == {"verified"}
    assert "verified" not in only_statuses(guard, template.format(names="Müller et al.", year=year))
    assert "verified" not in only_statuses(
        guard, template.format(names=f"{family} et al.", year=2020)
    )


def only_statuses(guard: SearchEngine, text: str) -> set[str]:
    """Give the statuses of all citations of an answer."""
    return {one.status for one in verify(guard, text).citations}


def test_the_place_of_an_odd_doi_is_found(guard: SearchEngine) -> None:
    doi = "10.5555/(SICI)1097(199801)17:1<1::AID-X>3.0.CO;2-2"

    for text in (f"(see {doi}; and more)", f"[it](https://doi.org/{doi}).", f"<{doi}>"):
        assert only(guard, text).status == "verified", text


def test_what_is_retracted_is_known_by_its_id_alone(guard: SearchEngine) -> None:
    found = only(guard, f"See {SOIL}.")

    assert (found.kind, found.status) == ("doi", "retracted")


def test_an_identifier_alone_in_a_sentence_is_held_against_what_stands_before(
    guard: SearchEngine,
) -> None:
    text = (
        "This was shown by Müller et al. ({}). It is called “Deep parsing of very long trees”. {}"
    )

    for written in ("doi:10.5555/parse.1", "See https://doi.org/10.5555/parse.1."):
        assert verify(guard, text.format(2020, written)).citations[-1].status == "verified"
        assert verify(guard, text.format(1950, written)).citations[-1].status == "unchecked"
    apart = verify(guard, text.format(1950, "\n\n" + written)).citations[-1]
    assert apart.status == "verified"
