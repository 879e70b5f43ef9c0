"""RIS, as written by databases that bend it."""

from pathlib import Path

import pytest

from index.sources import ris
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

FULL = """TY  - JOUR
ID  - key1
TI  - A title
AU  - Shannon, Claude E.
AU  - Weaver, Warren
JF  - Bell System Technical Journal
JO  - Bell Syst. Tech. J.
DA  - 1948/07/09/
PY  - 1948
AB  - An abstract
  that goes on
on a third line.
DO  - 10.1000/xyz
UR  - https://example.org/a
LA  - English
ER  -
"""


def read(text: str) -> list[Record | Refused]:
    return list(ris.read(open_content(text.encode(), "refs.ris")))


def read_one(text: str) -> Record:
    (record,) = read(text)
    assert isinstance(record, Record)
    return record


def test_every_field_finds_its_place() -> None:
    assert read_one(FULL) == Record(
        line=1,
        identifiers=("doi:10.1000/xyz",),
        citation_key="key1",
        title="A title",
        abstract="An abstract that goes on on a third line.",
        authors=("Shannon, Claude E.", "Weaver, Warren"),
        journal="Bell System Technical Journal",
        published="1948-07-09",
        type="JOUR",
        url="https://example.org/a",
        language="English",
    )


@pytest.mark.parametrize("damaged", [FULL.replace("ER  -\n", ""), FULL.replace("ER  -", "")])
def test_a_last_entry_without_its_end_is_kept_and_reported(damaged: str) -> None:
    record = read_one(damaged)
    assert record.title == "A title"
    assert record.repairs == ("the entry had no ER line to end it",)


def test_an_entry_that_begins_before_the_one_before_ended_is_kept_with_it() -> None:
    first, second = read("TY  - JOUR\nTI  - One\nTY  - BOOK\nTI  - Two\nER  - \n")
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.title, first.line, len(first.repairs)) == ("One", 1, 1)
    assert (second.title, second.line, second.repairs) == ("Two", 3, ())


def test_an_entry_without_its_first_line_is_kept_and_reported() -> None:
    first, second = read("TY  - JOUR\nTI  - One\nER  - \nAU  - X\nTI  - Two\nER  - \n")
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (second.title, second.type, second.line) == ("Two", None, 4)
    assert second.repairs == ("the entry had no TY line to begin with",)


def test_what_exporters_write_between_entries_is_no_entry() -> None:
    text = f"""Record #1 of 2
Provider: Ovid
1.
{FULL}NL  - Clin Psychol

Link to the full text: https://example.org
2.
{FULL}"""
    assert [record.line for record in read(text)] == [4, 24]


@pytest.mark.parametrize(
    "line",
    ["TI  - A title", "TI  -A title", "TI - A title", "TI\t- A title", "TI \t- A title",
     "   TI  - A title", "\ufeffTI  - A title"],
)  # fmt: skip
def test_a_tag_may_be_written_in_many_ways(line: str) -> None:
    assert read_one(f"TY  - JOUR\n{line}\nER  -\n").title == "A title"


def test_a_line_that_only_resembles_a_tag_goes_on_with_the_value() -> None:
    record = read_one("TY  - JOUR\nN2  - first,\nER then second\n\n      ER third\nER  -")
    assert record.abstract == "first, ER then second ER third"


@pytest.mark.parametrize(
    ("lines", "published"),
    [
        ("PY  - 2019", "2019"),
        ("PY  - 1948/07//", "1948-07"),
        ("Y1  - 2014//", "2014"),
        ("DA  - 2019/10//undefined\nPY  - 2019", "2019-10"),
        ("DA  - 2019///\nPY  - 2019", "2019"),
        ("DA  - 2021/02/04\nPY  - 2012", "2012"),  # the date of something else
        ("DA  - SEP 12\nPY  - 2018", "2018 SEP 12"),
        ("DA  - 2020/3/4", "2020-03-04"),
        ("PY  - in press", "in press"),
    ],
)
def test_the_most_exact_date_that_agrees_with_the_year_is_taken(lines: str, published: str) -> None:
    assert read_one(f"TY  - JOUR\n{lines}\nER  -\n").published == published


@pytest.mark.parametrize(
    ("lines", "identifiers"),
    [
        ("AN  - 12345\nDB  - PubMed", ("pmid:12345",)),
        ("AN  - 12345\nDB  - Embase", ()),
        ("AN  - WOS:000444108200009", ("wos:000444108200009",)),
        ("L2  - http://dx.doi.org/10.1/a\nDO  - 10.2/b", ("doi:10.2/b",)),
        ("L2  - http://dx.doi.org/10.1/a", ("doi:10.1/a",)),
        ("L2  - https://pubmed.ncbi.nlm.nih.gov/22752652/", ("pmid:22752652",)),
        ("UR  - http://www.ncbi.nlm.nih.gov/pubmed/22752652", ("pmid:22752652",)),
        ("UR  - https://arxiv.org/pdf/1707.08567v1.pdf", ("arxiv:1707.08567v1",)),
    ],
)
def test_identifiers_are_found_where_databases_put_them(
    lines: str, identifiers: tuple[str, ...]
) -> None:
    assert read_one(f"TY  - JOUR\n{lines}\nER  -\n").identifiers == identifiers


def test_either_author_tag_is_read_and_editors_where_there_is_no_author() -> None:
    assert read_one("TY  - X\nA1  - A\nAU  - B\nAU  - A\nER  -").authors == ("A", "B")
    assert read_one("TY  - X\nAU  - A\nA2  - E\nER  -").authors == ("A",)
    assert read_one("TY  - X\nA2  - E\nER  -").authors == ("E",)


def test_the_proceedings_of_a_conference_paper_are_its_journal() -> None:
    text = "TY  - {}\nTI  - T\nC3  - Proceedings of X\nER  - \n"
    assert read_one(text.format("CONF")).journal == "Proceedings of X"
    assert read_one(text.format("JOUR")).journal is None


def test_a_document_type_that_says_more_than_ty_is_taken() -> None:
    assert read_one("TY  - JOUR\nM3  - Review\nER  -").type == "Review"
    assert read_one("TY  - JOUR\nM3  - Psychology [3290]\nER  -").type == "JOUR"
    assert read_one("TY  - JOUR\nM3  - Retracted\nER  -").retracted is True


def test_an_entry_with_nothing_in_it_is_refused() -> None:
    assert read("TY  - JOUR\nER  -\n") == [Refused(1, "the entry has nothing but its TY line")]


@pytest.mark.parametrize("folder", ["ris", "web_of_science"])
def test_no_entry_of_a_real_export_is_lost(shared_data: Path, folder: str) -> None:
    for path in sorted((shared_data / "exports" / folder).iterdir()):
        source = open_source(path)
        if ris.recognise(source.head):
            n_entries = sum(text.lstrip("\ufeff").startswith("TY  -") for _, text in source.lines())
            assert len(list(ris.read(source))) == n_entries, path.name
