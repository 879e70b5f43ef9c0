"""Claims, and the sentences that support them best."""

from service.search import SearchEngine
from service.verification.query import VerifyQuery
from service.verification.results import CheckedClaim
from tests.service.verification.answering import BEES, SOIL, handed, verify

BEE_CLAIM = "Honey bees remember the colour of a rewarding flower for several days"


def claim(engine: SearchEngine, text: str, bundle_id: str | None = None) -> CheckedClaim:
    """Give the first claim of an answer."""
    return verify(engine, text, bundle_id).claims[0]


def test_a_claim_is_held_against_what_it_cites(guard: SearchEngine) -> None:
    text = f"{BEE_CLAIM} (doi:10.5555/soil.9)."
    found = verify(guard, text)

    (one,) = found.claims
    assert one.citations == (0,)
    assert one.article_id == SOIL
    assert one.support is not None
    assert one.support.text == "Moist soil doubles the yield of winter wheat in dry years."
    assert one.match is not None
    assert text[one.start : one.end].startswith("Honey bees")
    true = claim(guard, f"{BEE_CLAIM} (*Bees remember the colour of flowers*).")
    assert true.article_id == BEES
    assert true.match is not None
    assert true.match > one.match
    assert true.supported


def test_without_citations_the_corpus_is_searched(guard: SearchEngine) -> None:
    one = claim(guard, f"{BEE_CLAIM}.")
    assert (one.article_id, one.citations, one.supported) == (BEES, (), True)
    nothing = claim(guard, "Whales sing xyzzy songs during qwerty winters.")
    assert (nothing.article_id, nothing.support, nothing.match, nothing.supported) == (
        None, None, None, False,
    )  # fmt: skip


def test_without_citations_what_was_handed_over_is_asked(guard: SearchEngine) -> None:
    context_id = handed(guard, BEE_CLAIM).to_id()

    one = claim(guard, "Moist soil doubles the yield of winter wheat.", context_id)
    assert one.article_id == BEES


def test_what_cites_nothing_known_has_no_support(guard: SearchEngine) -> None:
    one = claim(guard, f"{BEE_CLAIM} (doi:10.9999/none).")

    assert (one.citations, one.support, one.supported) == ((0,), None, False)


def test_the_least_probability_can_be_given(guard: SearchEngine) -> None:
    text = f"{BEE_CLAIM} in its *Bees remember the colour of flowers* home."
    (loose,) = guard.verify(VerifyQuery(text=text, min_match=0.0001)).claims
    (strict,) = guard.verify(VerifyQuery(text=text, min_match=1.0)).claims

    assert loose.match == strict.match
    assert (loose.supported, strict.supported) == (True, False)


def test_questions_headings_and_the_list_of_references_claim_nothing(guard: SearchEngine) -> None:
    text = (
        "# What bees see in the flowers\n\nDo bees really see the colours?\n\nReferences\n\n"
        "[1] E. Fox and G. Hart. 2015. Bees remember the colour of flowers. Nature."
    )

    assert verify(guard, text).claims == ()
