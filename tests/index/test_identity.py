"""Identity: identifiers in all their spellings, names and fingerprints."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.identity import (
    fingerprint_id,
    fold_name,
    implied_identifiers,
    lookup_forms,
    normalise_arxiv,
    normalise_doi,
    normalise_identifier,
    normalise_openalex,
    normalise_pmid,
)

_SICI = "10.1002/(sici)1097-0258(19980815)17:15/16<1661::aid-sim968>3.0.co;2-2"

WELL_FORMED_DOIS = [
    ("10.1145/3786343", "10.1145/3786343"),
    ("10.1162/COLI_a_00239", "10.1162/coli_a_00239"),
    ("https://doi.org/10.1145/ABC", "10.1145/abc"),
    ("http://dx.doi.org/10.1145/abc", "10.1145/abc"),
    ("doi.org/10.1145/abc", "10.1145/abc"),
    ("www.doi.org/10.1145/abc", "10.1145/abc"),
    ("doi:10.1145/abc", "10.1145/abc"),
    ("DOI: 10.1145/abc", "10.1145/abc"),
    ("DOI 10.1145/abc", "10.1145/abc"),
    ("info:doi/10.1145/abc", "10.1145/abc"),
    ("https://doi.org/10.1145%2Fabc", "10.1145/abc"),
    ("10.1111/nph.15543 [doi]", "10.1111/nph.15543"),
    ("10.1016/S0140-6736(05)67889-0", "10.1016/s0140-6736(05)67889-0"),
    (_SICI.upper(), _SICI),
    ("", None),
    (" ", None),
]


@pytest.mark.parametrize(("raw", "doi"), WELL_FORMED_DOIS)
def test_a_well_formed_doi_is_no_repair(raw: str, doi: str | None) -> None:
    assert normalise_doi(raw) == (doi, None)


DAMAGED_DOIS = [
    ("10.1000/abc.", "10.1000/abc"),
    ("10.1000/abc;", "10.1000/abc"),
    ("10.1000/abc;10.1000/def", "10.1000/abc"),
    ("10.1000/abc, https://doi.org/10.1000/def", "10.1000/abc"),
    ("(10.1000/abc)", "10.1000/abc"),
    ("[10.1000/a(b)c]", "10.1000/a(b)c"),
    ("<10.1000/abc>", "10.1000/abc"),
    ("10.1000%2Fabc", "10.1000/abc"),
    ("10.1000 / abc", "10.1000/abc"),
    ("10.1371/journal. pone.0123456", "10.1371/journal.pone.0123456"),
    ("10.1009/JSSC.2003.811979. HARRISON", "10.1009/jssc.2003.811979"),
    (r"10.1007/978-3\_1", "10.1007/978-3_1"),
    ("10.1007/x–y", "10.1007/x-y"),
    ("10.1007/x\u200by", "10.1007/xy"),
    (_SICI.replace("<", "&lt;").replace(">", "&gt;"), _SICI),
    ("0.26615/978-954-452-046-5_001", "10.26615/978-954-452-046-5_001"),
    ("https://doi.org/https://doi.org/10.1000/a", "10.1000/a"),
    ("https://onlinelibrary.wiley.com/doi/full/10.1002/joc.1?x=1", "10.1002/joc.1"),
    ("https://journals.org/article/10.1002/joc.1/pdf", "10.1002/joc.1"),
]


@pytest.mark.parametrize(("raw", "doi"), DAMAGED_DOIS)
def test_a_damaged_doi_is_mended_and_the_repair_told(raw: str, doi: str) -> None:
    mended, repair = normalise_doi(raw)
    assert mended == doi
    assert repair is not None
    assert raw in repair
    assert doi in repair


@pytest.mark.parametrize(
    "raw",
    [
        "http://hdl.handle.net/2065/12142",
        "DOI",
        "10.1000",
        "10.1000/",
        "10.1/x",
        "n/a",
        "10.1162/.",
    ],
)
def test_what_is_no_doi_is_left_out_and_told(raw: str) -> None:
    assert normalise_doi(raw) == (None, f'"{raw}" is no DOI; left out')


def test_the_malformed_dois_of_a_real_corpus_are_mended_or_told(shared_data: Path) -> None:
    with gzip.open(shared_data / "corpora" / "acl-anthology.jsonl.gz", "rt") as lines:
        raws = [doi for line in lines if (doi := json.loads(line).get("doi"))]
    odd = [raw for raw in raws if not raw.startswith("10.")]
    parsed = [normalise_doi(raw) for raw in odd]
    assert sum(doi is None for doi, _ in parsed) == sum("hdl.handle.net" in raw for raw in odd)
    assert all(doi is None or doi.startswith("10.") for doi, _ in parsed)
    assert all(normalise_doi(doi) == (doi, None) for doi, _ in map(normalise_doi, raws) if doi)


@given(st.one_of(st.text(), st.from_regex(r"(doi:)?10\.[0-9]{3,5}/.{0,12}", fullmatch=True)))
def test_a_normalised_doi_is_its_own_normal_form(raw: str) -> None:
    doi, _ = normalise_doi(raw)
    if doi is not None:
        assert normalise_doi(doi) == (doi, None)
        assert doi == doi.lower()
        assert doi.isprintable()
        assert " " not in doi


ARXIV = [
    ("2101.00001", "2101.00001"),
    ("2101.00001v2", "2101.00001"),
    ("0704.0001", "0704.0001"),
    ("arXiv:2101.00001 [cs.CL]", "2101.00001"),
    ("hep-th/9901001v1", "hep-th/9901001"),
    ("math.GT/0309136", "math/0309136"),
    ("https://arxiv.org/pdf/2101.00001v3.pdf", "2101.00001"),
    ("http://export.arxiv.org/abs/cs/0112017v1", "cs/0112017"),
    ("10.48550/arXiv.2101.00001", "2101.00001"),
    ("https://doi.org/10.48550/arXiv.2101.00001", "2101.00001"),
    ("2113.00001", None),
    ("2101.000001", None),
    ("10.1000/x", None),
    ("", None),
]


@pytest.mark.parametrize(("raw", "arxiv"), ARXIV)
def test_arxiv_ids_lose_version_and_address(raw: str, arxiv: str | None) -> None:
    assert normalise_arxiv(raw) == arxiv


@pytest.mark.parametrize(
    ("raw", "pmid"),
    [
        ("12345", "12345"),
        ("PMID: 0012345", "12345"),
        ("12345 [pmid]", "12345"),
        ("https://pubmed.ncbi.nlm.nih.gov/12345/", "12345"),
        ("https://www.ncbi.nlm.nih.gov/pubmed/12345", "12345"),
        ("PMC12345", None),
        ("0", None),
        ("1234567890", None),
        ("١٢٣", None),
    ],
)
def test_pubmed_ids_are_bare_numbers(raw: str, pmid: str | None) -> None:
    assert normalise_pmid(raw) == pmid


@pytest.mark.parametrize(
    ("raw", "openalex"),
    [
        ("W2741809807", "W2741809807"),
        ("https://openalex.org/w2741809807", "W2741809807"),
        ("https://api.openalex.org/works/W2741809807", "W2741809807"),
        ("A2741809807", None),
    ],
)
def test_openalex_ids_lose_their_address(raw: str, openalex: str | None) -> None:
    assert normalise_openalex(raw) == openalex


@pytest.mark.parametrize(
    ("raw", "identifier"),
    [
        ("DOI:https://doi.org/10.1000/X", "doi:10.1000/x"),
        ("10.1000/X", "doi:10.1000/x"),
        ("arXiv:2101.00001v2", "arxiv:2101.00001"),
        ("pmid: 0123", "pmid:123"),
        ("openalex:https://openalex.org/W12", "openalex:W12"),
        ("ACL:P18-1198", "acl:P18-1198"),
        ("pmid:abc", None),
        ("doi:", None),
        ("https://example.org/x", None),
        ("sha:0123456789abcdef", None),
        ("2101.00001", None),
        ("12", None),
        ("Title: of a work", None),
    ],
)
def test_identifiers_are_normalised_by_their_scheme(raw: str, identifier: str | None) -> None:
    assert normalise_identifier(raw) == identifier


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("10.1000/X", ("doi:10.1000/x",)),
        ("doi:10.1000/X", ("doi:10.1000/x",)),
        ("https://doi.org/10.1000/X", ("doi:10.1000/x",)),
        ("2101.00001v1", ("arxiv:2101.00001", "doi:10.48550/arxiv.2101.00001")),
        ("arxiv:2101.00001", ("doi:10.48550/arxiv.2101.00001",)),
        ("10.48550/arXiv.2101.00001", ("doi:10.48550/arxiv.2101.00001", "arxiv:2101.00001")),
        ("PMID: 123", ("pmid:123",)),
        ("https://pubmed.ncbi.nlm.nih.gov/123/", ("pmid:123",)),
        ("W12", ("openalex:W12",)),
        ("https://aclanthology.org/P18-1198/", ("acl:P18-1198",)),
        (" acl:P18-1198", ("acl:P18-1198",)),
        ("4983", ()),
        ("http://hdl.handle.net/1/2", ()),
    ],
)
def test_an_id_is_looked_up_as_written_and_then_as_what_it_may_stand_for(
    text: str, forms: tuple[str, ...]
) -> None:
    assert lookup_forms(text) == (text, *forms)


@given(st.text())
def test_looking_up_any_text_starts_with_the_text(text: str) -> None:
    forms = lookup_forms(text)
    assert forms[0] == text
    assert len(set(forms)) == len(forms)


def test_a_doi_of_arxiv_implies_the_arxiv_id() -> None:
    doi = "doi:10.48550/arxiv.2101.00001"
    assert implied_identifiers(doi) == (doi, "arxiv:2101.00001")
    assert implied_identifiers(doi + "v2") == (doi, "arxiv:2101.00001")
    assert implied_identifiers("doi:10.1000/x") == ("doi:10.1000/x",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller, J.-P.", "J P Muller"),
        ("Smith, John", "JOHN  SMITH"),
        ("Smith, Jr., John", "John Smith Jr"),
        ("Smith, John, Jr.", "John Smith, Jr."),
        ("Øie, Gunvor", "Gunvor Oie"),
        ("Łukasz Weiß", "Weiss, Lukasz"),
        ("O’Brien, P", "P. O'Brien"),
    ],
)
def test_spellings_of_one_person_fold_to_one_key(one: str, other: str) -> None:
    assert fold_name(one, is_person=True) == fold_name(other, is_person=True)


def test_names_of_others_keep_apart() -> None:
    assert fold_name("Li Na", is_person=True) != fold_name("Na Li", is_person=True)
    assert fold_name("Health, Aging", is_person=False) == "healthaging"
    assert fold_name("हिन्दी", is_person=False) != fold_name("हनद", is_person=False)
    assert fold_name("???", is_person=False) == "???"
    assert fold_name("한국", is_person=True) == "한국"


@given(st.text(), st.booleans())
def test_a_folded_name_folds_to_itself(name: str, is_person: bool) -> None:
    key = fold_name(name, is_person=is_person)
    assert fold_name(key, is_person=False) == key


def test_fingerprints_see_through_spelling_but_not_through_content() -> None:
    this = fingerprint_id("Über  the Semantic-Search!", "Smith, John", 2001)
    assert this == fingerprint_id("Uber the semantic search", "John SMITH", 2001)
    assert len(this) == len("sha:") + 16
    others = {
        fingerprint_id("Über the Semantic Search II", "Smith, John", 2001),
        fingerprint_id("Über the Semantic Search", "Smith, Jane", 2001),
        fingerprint_id("Über the Semantic Search", "Smith, John", 2002),
        fingerprint_id("Über the Semantic Search", None, None),
    }
    assert len(others | {this}) == 5
