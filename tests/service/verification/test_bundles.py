"""Answers checked against what was handed over."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import QueryError
from service.context.bundle import Bundle
from service.search import SearchEngine
from service.verification.query import VerifyQuery
from tests.service.library import build_library, open_engine
from tests.service.verification.answering import (
    ARTICLES,
    BEES,
    handed,
    only,
    statuses,
    verify,
)

BEE_QUESTION = "Honey bees remember which colour a rewarding flower had for several days"


@pytest.fixture(scope="module")
def bees(guard: SearchEngine) -> Bundle:
    """Hand over what is known of bees: one article."""
    bundle = handed(guard, BEE_QUESTION)
    assert [one.article_id for one in bundle.handed] == [BEES]
    return bundle


def test_numbers_and_keys_are_those_of_the_bundle(guard: SearchEngine, bees: Bundle) -> None:
    (one,) = bees.handed
    text = f"Bees see [1]. They do [{one.key}]. So says {one.key} too. They see [@{one.key}]."
    found = verify(guard, text, bees.to_id())

    assert statuses(found) == [
        ("number", "verified"), ("key", "verified"), ("key", "verified"), ("key", "verified"),
    ]  # fmt: skip
    assert {one.in_bundle for one in found.citations} == {True}
    assert found.is_sound


def test_what_was_not_handed_over_is_told(guard: SearchEngine, bees: Bundle) -> None:
    text = "See [2], [nobody2020thing-abcde], and 10.5555/parse.1, and (Müller et al., 2020)."
    found = verify(guard, text, bees.to_id())

    assert statuses(found) == [
        ("number", "unchecked"), ("key", "unchecked"), ("doi", "verified"),
        ("author_year", "verified"),
    ]  # fmt: skip
    assert {one.in_bundle for one in found.citations} == {False}
    assert "handed over" in found.citations[0].reason
    assert found.is_wrong
    assert only(guard, "See [1].").in_bundle is None


def test_names_that_fit_one_article_of_the_bundle_are_that(
    guard: SearchEngine, bees: Bundle
) -> None:
    found = only(guard, "Fox and Hart (2015) say so.", bees.to_id())
    assert (found.status, found.in_bundle) == ("verified", True)
    other = only(guard, "Fox and Hart (2014) say so.", bees.to_id())
    assert (other.status, other.in_bundle) == ("not_in_corpus", False)
    twice = handed(guard, "The volume has papers on grammars and semantics")
    assert len(twice.handed) == 2
    assert only(guard, "Roe (2001) says so.", twice.to_id()).status == "verified"


def test_names_beside_a_number_have_to_be_its_own(guard: SearchEngine, bees: Bundle) -> None:
    true = verify(guard, "Fox & Hart (2015) [1] say so.", bees.to_id())
    assert {one.status for one in true.citations} == {"verified"}
    for text in ("Hart & Fox (2015) [1] say so.", "Fox & Hart (2016) [1].", "Hart et al. [1] say."):
        number = verify(guard, text, bees.to_id()).citations[-1]
        assert (number.kind, number.status) == ("number", "metadata_mismatch"), text
    doi = verify(guard, "It is so (10.5555/parse.1) [1].", bees.to_id()).citations
    assert "verified" not in {one.status for one in doi} or len(doi) == 2


def test_the_answers_own_list_decides_and_a_conflict_is_said(
    guard: SearchEngine, bees: Bundle
) -> None:
    text = "Trees are deep [1]; bees see [2].\n\nReferences\n\n[1] A. Müller et al. 2020. Deep parsing of very long trees.\n"  # noqa: E501

    one, two, _ = verify(guard, text, bees.to_id()).citations
    assert (one.status, one.in_bundle) == ("verified", False)
    assert "own list" in one.reason
    assert BEES in one.reason
    assert two.status == "unchecked"


def test_quotations_are_looked_for_in_what_was_handed_over(
    guard: SearchEngine, bees: Bundle
) -> None:
    (one,) = verify(guard, "“remember which colour a rewarding flower had”", bees.to_id()).quotes
    assert (one.status, one.article_id) == ("verbatim", BEES)
    assert "handed over" in one.reason
    (other,) = verify(guard, "“Moist soil doubles the yield of winter wheat”", bees.to_id()).quotes
    assert other.status == "verbatim"
    assert other.article_id == "doi:10.5555/soil.9"
    (nowhere,) = verify(guard, "“whales sing the same song for winters”", bees.to_id()).quotes
    assert nowhere.status == "not_found"


def test_a_quotation_from_outside_the_excerpt_is_told(guard: SearchEngine, bees: Bundle) -> None:
    (one,) = bees.handed
    cut = Bundle(bees.snapshot, (replace(one, spans=((0, 10),), digest=b"\0" * 8),))

    (quote,) = verify(
        guard, "“remember which colour a rewarding flower had” [1]", cut.to_id()
    ).quotes
    assert quote.status == "verbatim"
    assert "not as a whole" in quote.reason


def test_what_has_changed_since_it_was_handed_over_is_said(
    guard: SearchEngine, bees: Bundle, tmp_path: Path
) -> None:
    changed = [
        record | {"abstract": "Bees forget it."} if record.get("id") == BEES else record
        for record in ARTICLES
    ]
    gone = [record for record in ARTICLES if record.get("id") != BEES]
    for number, (articles, status, note) in enumerate(
        ((changed, "verified", "has changed"), (gone, "not_in_corpus", "no longer"))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        engine = open_engine(build_library(folder, articles))
        found = only(engine, "Bees see [1].", bees.to_id())
        assert found.status == status
        assert note in found.reason
        assert bees.snapshot in found.reason
        by_title = verify(engine, "*Bees remember the colour of flowers*", bees.to_id())
        assert articles is not changed or note in by_title.citations[0].reason
        engine.close()


def test_a_damaged_bundle_is_refused(guard: SearchEngine, bees: Bundle) -> None:
    with pytest.raises(QueryError, match="bundle_id"):
        guard.verify(VerifyQuery(text="x", bundle_id=bees.to_id()[:-3]))
