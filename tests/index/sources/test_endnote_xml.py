"""EndNote's XML."""

from pathlib import Path

import pytest

from index.sources import endnote_xml
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

FULL = """<?xml version="1.0" encoding="UTF-8"?>
<xml><records>
<record>
  <ref-type name="Journal Article">17</ref-type>
  <contributors><authors>
    <author><style face="normal">Chapman, A. G.</style></author>
    <author>Wiggins, D.</author>
  </authors></contributors>
  <titles>
    <title><style face="normal">On </style><style face="italic">Progne subis</style></title>
    <secondary-title><style>Ecol</style></secondary-title>
  </titles>
  <periodical><full-title>Ecology</full-title></periodical>
  <dates><year><style>1937</style></year>
    <pub-dates><date><style>Jan 15</style></date></pub-dates></dates>
  <abstract><style>An abstract.</style></abstract>
  <electronic-resource-num><style>10.1/x</style></electronic-resource-num>
  <language>English</language><label>B1040</label>
  <urls><related-urls><url>&lt;Go to ISI&gt;://000200148800007</url>
    <url><style>https://www.ncbi.nlm.nih.gov/pubmed/29937971</style></url></related-urls></urls>
</record>
</records></xml>
"""


def read(text: str) -> list[Record | Refused]:
    return list(endnote_xml.read(open_content(text.encode(), "endnote.xml")))


def read_one(inner: str) -> Record:
    (record,) = read(f"<xml><records><record>{inner}</record></records></xml>")
    assert isinstance(record, Record)
    return record


def test_every_field_finds_its_place() -> None:
    assert endnote_xml.recognise(FULL)
    assert read(FULL) == [
        Record(
            line=3,
            identifiers=("doi:10.1/x", "pmid:29937971", "wos:000200148800007"),
            citation_key="B1040",
            title="On Progne subis",
            abstract="An abstract.",
            authors=("Chapman, A. G.", "Wiggins, D."),
            journal="Ecology",
            published="1937 Jan 15",
            type="Journal Article",
            url="https://www.ncbi.nlm.nih.gov/pubmed/29937971",
            language="English",
        )
    ]


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        ("<year>2005</year>", "2005"),
        ("<year>2005</year><pub-dates><date>2005/08/01</date></pub-dates>", "2005/08/01"),
        ("<year>2005</year><pub-dates><date>1999/08/01</date></pub-dates>", "2005"),
        ("<pub-dates><date>Aug 2005</date></pub-dates>", "Aug 2005"),
        ("", None),
    ],
)
def test_the_date_is_completed_with_its_year(dates: str, published: str | None) -> None:
    assert read_one(f"<dates>{dates}</dates>").published == published


def test_an_accession_number_is_an_identifier_where_its_database_is_known() -> None:
    number = "<accession-num>29937971</accession-num>"
    assert read_one(number).identifiers == ()
    database = "<remote-database-name>PubMed</remote-database-name>"
    assert read_one(number + database).identifiers == ("pmid:29937971",)
    wos = "<accession-num>WOS:000200148800007</accession-num>"
    assert read_one(wos).identifiers == ("wos:000200148800007",)


def test_editors_stand_in_for_authors() -> None:
    inner = "<secondary-authors><author>E</author></secondary-authors>"
    assert read_one(f"<contributors>{inner}</contributors>").authors == ("E",)


def test_an_empty_record_is_refused() -> None:
    (refused,) = read("<xml><records>\n<record/></records></xml>")
    assert refused == Refused(2, "the record is empty")


def test_other_xml_is_not_taken_for_endnotes() -> None:
    assert not endnote_xml.recognise("<xml><articles/></xml>")
    assert not endnote_xml.recognise("not xml <xml><records>")


def test_no_record_of_a_real_export_is_lost(shared_data: Path) -> None:
    for path in sorted((shared_data / "exports" / "endnote").iterdir()):
        source = open_source(path)
        assert endnote_xml.recognise(source.head)
        records = list(endnote_xml.read(source))
        assert len(records) == source.text().count("<record>"), path.name
        assert all(isinstance(r, Record) and r.title and r.authors for r in records)
