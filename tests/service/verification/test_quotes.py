"""Quotations looked for in what is cited, in what was handed over, and in the whole corpus."""

import pytest

from service.search import SearchEngine
from service.verification.results import CheckedQuote
from tests.service.verification.answering import ABSTRACT, BEES, PARSING, verify

CITED = "(doi:10.5555/parse.1)"


def quote(engine: SearchEngine, text: str) -> CheckedQuote:
    """Give the one quotation of an answer."""
    (one,) = verify(engine, text).quotes
    assert text[one.start : one.end].split() == one.text.replace("> ", "").split() or ">" in text
    return one


@pytest.mark.parametrize(
    "text",
    [
        f'They say "The parser does not improve accuracy by 4.2 %" {CITED}.',
        f"They say “the parser does not improve … on 'long' trees” {CITED}.",
        f"«finds more errors than people do» {CITED}",
        f'It is known {CITED} that "re-reads every sentence twice - and finds more errors."',
        f'They write {CITED}:\n\n> The parser does not improve accuracy by 4.2 % on "long"\n> '
        "trees."
        "\n> — Müller\n",
        "> The parser does not improve accuracy by 4.2 % [1].\n\nReferences\n\n[1] A. Müller et al."
        " 2020. Deep parsing of very long trees.",
    ],
)
def test_a_true_quotation_is_verbatim_with_its_place(guard: SearchEngine, text: str) -> None:
    one = quote(guard, text)

    assert one.status == "verbatim"
    assert (one.field, one.differs) == ("abstract", ())
    assert one.found_start is not None
    assert ABSTRACT[one.found_start : one.found_end] == one.found_text
    assert "stands in the abstract" in one.reason


@pytest.mark.parametrize(
    ("words", "given", "found"),
    [
        ("The parser does improve accuracy by 4.2 %", "", "not"),
        ("The parser does not improve accuracy by 4.3 %", "4.3", "4.2"),
        ("finds fewer errors than people do", "fewer", "more"),
    ],
)
def test_an_altered_quotation_is_told_with_the_words_that_differ(
    guard: SearchEngine, words: str, given: str, found: str
) -> None:
    one = quote(guard, f"They say “{words}” {CITED}.")

    assert (one.status, one.article_id) == ("altered", PARSING)
    assert [tuple(change) for change in one.differs] == [(given, found)]
    assert one.found_text
    assert verify(guard, f"They say “{words}” {CITED}.").is_wrong


def test_what_is_quoted_from_the_wrong_article_is_told_where_it_is_from(
    guard: SearchEngine,
) -> None:
    one = quote(guard, f"“Honey bees remember which colour a rewarding flower had” {CITED}.")

    assert (one.status, one.article_id) == ("not_found", BEES)
    assert BEES in one.reason
    nowhere = quote(guard, f"“Whales sing the same song for several winters” {CITED}.")
    assert (nowhere.status, nowhere.article_id) == ("not_found", None)
    assert "rest of the article" in nowhere.reason


def test_a_quotation_without_a_citation_is_looked_for_in_the_whole_corpus(
    guard: SearchEngine,
) -> None:
    one = quote(guard, "Who wrote “bees remember which colour a rewarding flower had”?")
    assert (one.status, one.article_id) == ("verbatim", BEES)
    altered = quote(guard, "Who wrote “bees remember which colour a rewarding cloud had”?")
    assert (altered.status, altered.article_id) == ("altered", BEES)
    nowhere = quote(guard, "Who wrote “whales sing the same song for winters”?")
    assert (nowhere.status, nowhere.article_id) == ("unchecked", None)
    signs = quote(guard, "Who wrote “aaaa [...] bbbb cccc dddd eeee ffff”?")
    assert signs.status == "unchecked"


def test_a_title_can_be_quoted_too(guard: SearchEngine) -> None:
    text = "They ask of “soil moisture and the yield” here (doi:10.5555/soil.9)."

    one = quote(guard, text)
    assert (one.status, one.field) == ("verbatim", "title")


@pytest.mark.parametrize(
    "text",
    [
        'So-called "deep learning" and "very large trees" help.',
        "The paper “Deep parsing of very long trees” helps.",
        "It says 5\" and 6\" are long.",
        "> short quote\n",
    ],
)  # fmt: skip
def test_terms_and_titles_are_no_quotations(guard: SearchEngine, text: str) -> None:
    assert verify(guard, text).quotes == ()


def test_the_citation_next_to_a_quotation_says_what_it_is_from(guard: SearchEngine) -> None:
    behind = "“Moist soil doubles the yield of winter wheat”. That is known (10.5555/soil.9)."
    assert quote(guard, behind).article_id == "doi:10.5555/soil.9"
    before = (
        "This is known (10.5555/soil.9). “Moist soil halves the yield of winter wheat”, they say."
    )
    assert quote(guard, before).status == "altered"
    apart = "See 10.5555/parse.1.\n\nSomeone: “Moist soil doubles the yield of winter wheat”."
    assert quote(guard, apart).status == "verbatim"
