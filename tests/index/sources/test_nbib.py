"""MEDLINE tagged files."""

from pathlib import Path

import pytest

from index.sources import nbib
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

FULL = """
PMID- 30689646
OWN - NLM
DP  - 2019
TI  - A title that is
      two lines long.
LID - S2213(18)30736-5 [pii]
LID - 10.1371/journal.pone.0209483 [doi]
AB  - BACKGROUND: One. METHODS:
      Two.
FAU - Wu, Dan
AU  - Wu D
AD  - Somewhere.
FAU - Zou, Changxin
AU  - Zou C
CN  - The Group
LA  - eng
PT  - Journal Article
PT  - Review
DEP - 20190128
TA  - PLoS One
JT  - PloS one
"""


def read(text: str) -> list[Record | Refused]:
    return list(nbib.read(open_content(text.encode(), "pubmed.nbib")))


def read_one(text: str) -> Record:
    (record,) = read(text)
    assert isinstance(record, Record)
    return record


def test_every_field_finds_its_place() -> None:
    assert nbib.recognise(FULL)
    assert read_one(FULL) == Record(
        line=2,
        identifiers=("pmid:30689646", "doi:10.1371/journal.pone.0209483"),
        title="A title that is two lines long.",
        abstract="BACKGROUND: One. METHODS: Two.",
        authors=("Wu, Dan", "Zou, Changxin", "The Group"),
        journal="PloS one",
        published="2019-01-28",
        type="Journal Article; Review",
        language="eng",
    )


def test_an_entry_ends_at_a_blank_line_or_at_the_next_pmid() -> None:
    text = "PMID- 1\nTI  - One\n\nPMID- 2\nTI  - Two\nPMID- 3\nTI  - Three\n"
    assert [(r.line, getattr(r, "title", None)) for r in read(text)] == [
        (1, "One"), (4, "Two"), (6, "Three"),
    ]  # fmt: skip


def test_a_blank_line_within_a_value_does_not_end_it() -> None:
    assert read_one("PMID- 1\nAB  - One\n\n      two.\nLA  - eng\n").abstract == "One two."


def test_lines_that_lost_their_pmid_are_kept_or_refused_but_not_lost() -> None:
    first, second, third = read("PMID- 1\nTI  - One\n\nTI  - Two\n\nLA  - eng\nPL  - England\n")
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert second.repairs == ("the entry had no PMID line to begin with",)
    assert third == Refused(6, "these lines (LA, PL) have no PMID and no title")


@pytest.mark.parametrize(
    ("line", "retracted"),
    [
        ("PT  - Retracted Publication", True),
        ("RIN - Nature. 2020;1:1. PMID: 5", True),
        ("PT  - Retraction of Publication", None),  # the notice is not retracted
        ("ROF - Nature. 2019;1:1. PMID: 4", None),
        ("PT  - Journal Article", None),
    ],
)
def test_a_retracted_article_is_told_from_the_notice_of_it(line: str, retracted: bool) -> None:
    assert read_one(f"PMID- 1\nTI  - One\n{line}\n").retracted is retracted


@pytest.mark.parametrize(
    ("lines", "published"),
    [("DP  - 2002 Sep", "2002 Sep"), ("DP  - 2019\nDEP - 20181230", "2019"), ("LA  - eng", None),
     ("DEP - 20181230", "2018-12-30"), ("EDAT- 2002/09/17 10:00", "2002/09/17 10:00")],
)  # fmt: skip
def test_the_date_of_the_issue_goes_before_others(lines: str, published: str | None) -> None:
    assert read_one(f"PMID- 1\n{lines}\nTI  - One").published == published


def test_the_original_title_stands_in_for_one_not_translated() -> None:
    assert read_one("PMID- 1\nTI  - [Not Available].\nTT  - Ein Titel.\n").title == "Ein Titel."
    assert read_one("PMID- 1\nTI  - [A title].\nTT  - Ein Titel.\n").title == "[A title]."


def test_short_names_are_taken_where_full_ones_are_missing() -> None:
    text = "PMID- 1\nFAU - Wu, Dan\nAU  - Wu D\nAU  - Zou C\n"
    assert read_one(text).authors == ("Wu D", "Zou C")
    assert read_one("PMID- 1\nFED - Ed, A\n").authors == ("Ed, A",)


def test_no_entry_of_a_real_export_is_lost(shared_data: Path) -> None:
    folder = shared_data / "exports" / "pubmed"
    for path in sorted([*folder.glob("*.nbib"), *folder.glob("*.txt")]):
        source = open_source(path)
        records = list(nbib.read(source))
        assert len(records) == sum(text.startswith("PMID- ") for _, text in source.lines())
        assert all(isinstance(r, Record) and r.title and r.authors for r in records)
