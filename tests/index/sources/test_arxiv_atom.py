"""The Atom feed of arXiv's API."""

from pathlib import Path

import pytest

from index.sources import arxiv_atom
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/x</id>
  <title>arXiv Query</title>
%s
</feed>
"""
ENTRY = """  <entry>
    <id>http://arxiv.org/abs/hep-th/9901001v2</id>
    <title>On $x &lt; y$</title>
    <updated>2017-07-28T08:18:33Z</updated>
    <summary>We show that \\alpha holds.</summary>
    <published>2017-07-27T08:18:33Z</published>
    <arxiv:comment>44 pages</arxiv:comment>
    <arxiv:journal_ref>Phys. Rev. D 12 (2017) 123</arxiv:journal_ref>
    <arxiv:doi>10.1/x</arxiv:doi>
    <author><name>Kees Immink</name><arxiv:affiliation>Essen</arxiv:affiliation></author>
    <author><name>Stan Baggen</name></author>
  </entry>"""


def read(entries: str) -> list[Record | Refused]:
    return list(arxiv_atom.read(open_content((FEED % entries).encode(), "arxiv.xml")))


def test_every_field_finds_its_place() -> None:
    assert arxiv_atom.recognise(FEED % ENTRY)
    assert read(ENTRY) == [
        Record(
            line=5,
            markup="latex",
            identifiers=("arxiv:hep-th/9901001v2", "doi:10.1/x"),
            title="On $x < y$",
            abstract="We show that \\alpha holds.",
            authors=("Kees Immink", "Stan Baggen"),
            journal="Phys. Rev. D 12 (2017) 123",
            published="2017-07-27T08:18:33Z",
            type="preprint",
            url="http://arxiv.org/abs/hep-th/9901001v2",
        )
    ]


def test_an_answer_without_entries_holds_no_records() -> None:
    assert arxiv_atom.recognise(FEED % "")
    assert read("") == []


def test_the_error_that_the_api_answers_with_is_refused_with_its_reason() -> None:
    error = "<id>https://arxiv.org/api/errors#incorrect_id</id><summary>incorrect id</summary>"
    (refused,) = read(f"<entry>{error}</entry>")
    assert refused == Refused(5, "arXiv answered with an error: incorrect id")


def test_an_entry_with_nothing_in_it_is_refused() -> None:
    (refused,) = read("<entry/>")
    assert refused == Refused(5, "the entry has neither an arXiv id nor a title")


@pytest.mark.parametrize(
    "inner",
    [
        "<arxiv:comment>This paper has been withdrawn by the author</arxiv:comment>",
        "<arxiv:comment>Withdrawn due to an error</arxiv:comment>",
        "<summary>This article was withdrawn.</summary>",
    ],
)
def test_a_withdrawn_article_is_retracted(inner: str) -> None:
    (record,) = read(f"<entry><title>T</title>{inner}</entry>")
    assert isinstance(record, Record)
    assert record.retracted is True


def test_feeds_from_elsewhere_are_not_taken() -> None:
    assert not arxiv_atom.recognise('<feed xmlns="http://www.w3.org/2005/Atom"><entry/></feed>')


def test_no_entry_of_a_real_answer_is_lost(shared_data: Path) -> None:
    for path in sorted((shared_data / "exports" / "arxiv").iterdir()):
        source = open_source(path)
        assert arxiv_atom.recognise(source.head)
        assert len(list(arxiv_atom.read(source))) == source.text().count("<entry>"), path.name
