"""Web of Science tagged files."""

from pathlib import Path

import pytest

from index.sources import web_of_science
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

FULL = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Parkes-Loach, PS
   Majeed, AP
AF Parkes-Loach, Pamela S.
   Majeed, Arif P.
TI Interactions of the core
   complex
SO BIOCHEMISTRY
LA English
DT Article; Proceedings Paper
AB We reconstituted
   it.
PD JUN 8
PY 2004
DI 10.1021/bi049798f
UT WOS:000221807500019
PM 15170338
ER

EF
"""


def read(text: str) -> list[Record | Refused]:
    return list(web_of_science.read(open_content(text.encode(), "savedrecs.txt")))


def read_one(text: str) -> Record:
    (record,) = read(text)
    assert isinstance(record, Record)
    return record


def test_every_field_finds_its_place() -> None:
    assert web_of_science.recognise(FULL)
    assert read_one(FULL) == Record(
        line=3,
        identifiers=("doi:10.1021/bi049798f", "pmid:15170338", "wos:000221807500019"),
        title="Interactions of the core complex",
        abstract="We reconstituted it.",
        authors=("Parkes-Loach, Pamela S.", "Majeed, Arif P."),
        journal="BIOCHEMISTRY",
        published="2004 JUN 8",
        type="Article; Proceedings Paper",
        language="English",
    )


def test_an_entry_that_lost_its_begin_or_end_is_kept_and_reported() -> None:
    first, second, third = read("PT J\nTI One\nPT J\nTI Two\nER\nTI Three\nER\nEF\n")
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert isinstance(third, Record)
    assert [r.title for r in (first, second, third)] == ["One", "Two", "Three"]
    assert first.repairs == ("the entry had no ER line to end it",)
    assert second.repairs == ()
    assert third.repairs == ("the entry had no PT line to begin with",)


def test_the_end_of_the_file_ends_an_entry() -> None:
    assert read_one("PT J\nTI One\nEF\n").title == "One"


@pytest.mark.parametrize(
    ("lines", "kind", "retracted"),
    [
        ("PT J\nTI T", "Journal Article", None),
        ("PT S\nTI T\nCT 3rd Conference", "Proceedings Paper", None),
        ("PT B\nTI T", "Book", None),
        ("PT J\nDT Article; Retracted Publication", "Article; Retracted Publication", True),
        ("TI T", None, None),
    ],
)
def test_the_type_is_told_where_the_export_leaves_it_out(
    lines: str, kind: str | None, retracted: bool | None
) -> None:
    record = read_one(f"{lines}\nER\n")
    assert (record.type, record.retracted) == (kind, retracted)


def test_an_article_ahead_of_its_issue_has_the_date_it_was_published_online() -> None:
    assert read_one("PT J\nEA JAN\nEY 2019\nER\n").published == "2019 JAN"
    assert read_one("PT J\nTI T\nER\n").published is None


def test_an_entry_with_nothing_in_it_is_refused() -> None:
    assert read("PT J\nER\n") == [Refused(1, "the entry has nothing but its PT line")]


def test_no_entry_of_a_real_export_is_lost(shared_data: Path) -> None:
    for name in ("web_of_science/restoration_WoS.ciw", "ris/example_wos.ris"):
        source = open_source(shared_data / "exports" / name)
        records = list(web_of_science.read(source))
        assert len(records) == sum(text.startswith("PT ") for _, text in source.lines())
        assert all(isinstance(r, Record) and r.title and r.published for r in records)
