"""Identifiers in running text, and where each ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.verification.identifiers import find_identifiers

SICI = "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"


@pytest.mark.parametrize(
    ("text", "shown", "identifier"),
    [
        (f"see {SICI}.", SICI, f"doi:{SICI.lower()}"),
        ("(doi:10.1016/S0140-6736(05)67889-0)", "doi:10.1016/S0140-6736(05)67889-0", None),
        ("[x](https://doi.org/10.1000/P19-1), and", "https://doi.org/10.1000/P19-1", None),
        ("[x](https://doi.org/10.1016/02(80)90-5).", "https://doi.org/10.1016/02(80)90-5", None),
        ("<https://doi.org/10.1000/ab>; more", "https://doi.org/10.1000/ab", None),
        ("**10.1000/xyz**", "10.1000/xyz", None),
        ("`10.1000/x`", "10.1000/x", None),
        ("10.1000/xyz[1]", "10.1000/xyz", None),
        ("10.1000/abc…", "10.1000/abc", None),
        ("10.1000/abc).", "10.1000/abc", None),
        ("“10.1000/abc”", "10.1000/abc", None),
        (r"\url{10.1162/coli\_a\_01}", r"10.1162/coli\_a\_01", "doi:10.1162/coli_a_01"),
        ("doi = {10.1000/xyz},", "10.1000/xyz", None),
        ("https://doi.org/10.1002%2Fabc", "https://doi.org/10.1002%2Fabc", "doi:10.1002/abc"),
        ("arXiv:1706.03762v5", "arXiv:1706.03762v5", "arxiv:1706.03762"),
        ("http://arxiv.org/pdf/1706.03762.pdf", None, "arxiv:1706.03762"),
        ("arXiv preprint arXiv:2101.00001", None, "arxiv:2101.00001"),
        ("hep-th/9901001", None, "arxiv:hep-th/9901001"),
        ("math.GT/0309136", None, "arxiv:math/0309136"),
        ("PMID: 12345678.", "PMID: 12345678", "pmid:12345678"),
        ("https://pubmed.ncbi.nlm.nih.gov/123/", None, "pmid:123"),
    ],
)
def test_an_identifier_ends_where_it_ends(
    text: str, shown: str | None, identifier: str | None
) -> None:
    (found,) = find_identifiers(text)

    assert text[found.start : found.end] == (shown or text)
    if identifier:
        assert found.identifier == identifier
    assert found.is_sure


def test_several_are_parted_by_what_stands_between_them() -> None:
    text = "DOI: 10.1000/abc; 10.1000/def;10.1000/ghi, arXiv:1905.00001"

    found = [one.identifier for one in find_identifiers(text)]
    assert found == ["doi:10.1000/abc", "doi:10.1000/def", "doi:10.1000/ghi", "arxiv:1905.00001"]


def test_a_number_alone_may_be_an_arxiv_id() -> None:
    (found,) = find_identifiers("as 1905.00001 shows")

    assert (found.identifier, found.is_sure) == ("arxiv:1905.00001", False)
    assert find_identifiers("3.14159 and 1.10.1000/x and 2020.12345") == []


@given(st.text('10./abz(); [],<>doi:\n"*', max_size=200))
def test_places_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    last = 0
    for one in find_identifiers(text):
        assert last <= one.start < one.end <= len(text)
        last = one.end
