"""Tables: CSV, TSV and the like."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceError
from index.sources import tabular
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused


def read(text: str) -> list[Record | Refused]:
    return list(tabular.read(open_content(text.encode(), "table.csv")))


def read_one(header: str, row: str) -> Record:
    (outcome,) = read(f"{header}\n{row}\n")
    assert isinstance(outcome, Record)
    return outcome


def test_an_export_of_scopus_is_read() -> None:
    record = read_one(
        "\ufeffAuthors,Author full names,Title,Year,Source title,DOI,Abstract,Document Type,"
        "Language of Original Document,EID,Source",
        '"Lee A.; Ray B.","Lee, Ann (57190000001); Ray, Bob (57190000002)",A title,2020,Notes,'
        "10.1000/x,An abstract,Article,English,2-s2.0-1,Scopus",
    )

    assert record == Record(
        line=2,
        identifiers=("doi:10.1000/x", "eid:2-s2.0-1"),
        title="A title",
        abstract="An abstract",
        authors=("Lee, Ann", "Ray, Bob"),
        journal="Notes",
        published="2020",
        type="Article",
        language="English",
    )


def test_an_export_of_embase_has_journal_and_date_in_its_source() -> None:
    record = read_one(
        "Title,Author Names,Source,Abstract,Open URL Link",
        'T,"Liu R., Adler D.G.",Endoscopy (Berlin) (2014) 3:3 (1-2). Date of Publication: 1 Dec '
        "2014,A,http://resolver.example.org",
    )

    assert record.authors == ("Liu R.", "Adler D.G.")
    assert (record.journal, record.published) == ("Endoscopy (Berlin)", "1 Dec 2014")
    assert record.unknown_keys == ("Open URL Link",)


def test_an_export_of_zotero_is_read() -> None:
    record = read_one(
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url",'
        '"Abstract Note","Date"',
        '"ABC","journalArticle","2020","Lee, Ann; Ray, Bob","T","Notes","","https://doi.org/10.1/x",'
        '"A","2020-03"',
    )

    assert record.authors == ("Lee, Ann", "Ray, Bob")
    assert (record.journal, record.published, record.abstract) == ("Notes", "2020-03", "A")
    assert record.identifiers == ("doi:10.1/x",)


def test_a_tab_delimited_file_of_web_of_science_is_read() -> None:
    record = read_one(
        "PT\tAU\tAF\tTI\tSO\tLA\tDT\tAB\tDI\tPY\tUT",
        "J\tLee, A\tLee, Ann\tT\tNotes\tEnglish\tRetracted Article\tA\t10.1/x\t2020\tWOS:01",
    )

    assert record.authors == ("Lee, Ann",)
    assert record.identifiers == ("doi:10.1/x", "wos:01")
    assert record.type == "Retracted Article"


def test_a_date_without_its_year_takes_it_from_the_column_of_the_year() -> None:
    header = "Article Title,Publication Date,Publication Year,Pubmed Id\n"
    records = read(header + "A,MAR 5,2020,7\nB,2019-02,2020,8\nC,,2020,9\nD,MAR 5,,9\nE,,,9\n")
    published = [record.published for record in records if isinstance(record, Record)]
    assert published == ["2020 MAR 5", "2019-02", "2020", "MAR 5", None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(delimiter: str) -> None:
    header = delimiter.join(["abstract ", "Publication_Year", "TITLE"])
    row = delimiter.join(["A", "2020", "T"])

    assert read_one(header, row) == Record(line=2, title="T", abstract="A", published="2020")


def test_a_line_break_in_a_cell_does_not_shift_line_numbers() -> None:
    outcomes = read('sep=,\n\ntitle,abstract\r\n"T","one\n\ntwo"\n\n,,\nU,b\n')

    assert outcomes == [
        Record(line=4, title="T", abstract="one\n\ntwo"),
        Record(line=9, title="U", abstract="b"),
    ]


@pytest.mark.parametrize(
    ("own_id", "identifiers"),
    [
        ("12", ()),
        ("10.1000/x", ("doi:10.1000/x",)),
        ("acl:P1", ("acl:P1",)),
        ("https://openalex.org/W1", ("openalex:W1",)),
    ],
)
def test_a_number_of_a_row_is_no_identifier(own_id: str, identifiers: tuple[str, ...]) -> None:
    record = read_one("record_id,title", f"{own_id},T")

    assert record.identifiers == identifiers
    assert record.unknown_keys == (() if identifiers else ("record_id",))


def test_columns_that_are_not_read_are_named() -> None:
    record = read_one("title,notes,Label Included,,abstract", "T,n,1,x,A")

    assert record.unknown_keys == ("notes", "Label Included")


def test_flags_and_counts_are_read() -> None:
    record = read_one("title,retracted,is_new,n_authors,citation_key", "T,False,yes,7,lee2020")

    assert (record.retracted, record.is_new, record.n_authors) == (False, True, 7)
    assert record.citation_key == "lee2020"


def test_a_header_repeated_in_joined_files_is_no_article() -> None:
    assert len(read("title,abstract\nT,A\ntitle,abstract\nU,B\n")) == 2


def test_a_row_with_too_few_cells_is_kept_where_its_title_is_there() -> None:
    kept, footer, no_title = read("title,year,doi\nT,2020\nExported on Monday\n ,2020\n")

    assert isinstance(kept, Record)
    assert kept.repairs == ("the row has 2 cells where the header has 3",)
    assert footer == Refused(
        3, "has 1 cells where the header has 3, and which of them is the 'title' is uncertain"
    )
    assert isinstance(no_title, Refused)


def test_delimiters_at_the_end_of_a_row_are_no_cells() -> None:
    assert read("title,year\nT,2020,,\n") == [Record(line=2, title="T", published="2020")]


def test_a_row_with_too_many_cells_is_read_on_the_side_that_is_certain() -> None:
    left, right, neither = read(
        "title,year,authors,url,abstract\n"
        "T,2020,Lee, A,https://example.org,A\n"
        "T, and more,2020,Lee,https://example.org,A\n"
        "T, and,more,x,y,z\n"
    )

    assert isinstance(left, Record)
    assert (left.title, left.published, left.abstract) == ("T", "2020", None)
    assert left.repairs == (
        "the row has 6 cells where the header has 5; only those up to 'year' were read",
    )
    assert isinstance(right, Refused)
    assert isinstance(neither, Refused)


def test_a_row_with_too_many_cells_may_be_certain_from_the_right() -> None:
    (outcome,) = read("authors,year,title\nLee, A,2020,T\n")

    assert isinstance(outcome, Record)
    assert (outcome.title, outcome.published, outcome.authors) == ("T", "2020", ())
    assert outcome.repairs == (
        "the row has 4 cells where the header has 3; only those from 'year' on were read",
    )


@pytest.mark.parametrize("damaged", ['T,"A', 'T,"A" b', '"T" of T,A'])
def test_a_stray_quotation_mark_costs_no_other_row(damaged: str) -> None:
    first, *others = read(f'title,abstract\n{damaged}\nU,"B"\n"V","C"\n')

    assert isinstance(first, Record)
    assert first.repairs == ("the quotation marks of the row do not match",)
    assert others == [
        Record(line=3, title="U", abstract="B"),
        Record(line=4, title="V", abstract="C"),
    ]


def test_a_cell_beyond_all_measure_is_refused() -> None:
    outcomes = read("title,abstract\nT," + "x" * 200_000 + "\nU,B\n")

    assert outcomes[0] == Refused(
        2, "cannot be split into cells: field larger than field limit (131072)"
    )
    assert outcomes[1] == Record(line=3, title="U", abstract="B")


@pytest.mark.parametrize(
    ("head", "is_ours"),
    [
        ("title,abstract\n", True),
        ("\n record_id ; Title\n", True),
        ('sep=;\n"Title";"Year"\n', True),
        ("abstract\tyear\n", True),
        ("title\nA title\n", False),
        ("year,doi\n", False),
        ("The title, and how we found it, in the year of our abstract\n", False),
        ('{"title": "a", "abstract": "b"}', False),
        ("", False),
        ('"' + "x" * 200_000, False),
    ],
)
def test_a_table_is_told_by_its_header(head: str, is_ours: bool) -> None:
    assert tabular.recognise(head) == is_ours


def test_a_file_without_a_header_is_an_error() -> None:
    with pytest.raises(SourceError, match="no header line"):
        read("a,b\n1,2\n")


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=6))
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, str, str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(["title", "abstract", "journal"])
    cleaned = [tuple(cell.replace("\r", "").strip() for cell in row) for row in rows]
    writer.writerows(cleaned)

    outcomes = read(text.getvalue())

    expected = [tuple(cell or None for cell in row) for row in cleaned if any(row)]
    assert [
        (outcome.title, outcome.abstract, outcome.journal)
        for outcome in outcomes
        if isinstance(outcome, Record)
    ] == expected
    assert len(outcomes) == len(expected)


@given(st.text(alphabet='",;\n \r\t2010.x', max_size=80))
def test_any_rows_give_records_or_refusals(rows: str) -> None:
    outcomes = read("title,year,doi\n" + rows)

    lines = [outcome.line for outcome in outcomes]
    assert lines == sorted(set(lines))


def test_many_stray_quotation_marks_are_read_in_linear_time() -> None:
    outcomes = read("title,abstract\n" + 'a,"b\n' * 50_000)

    assert len(outcomes) == 50_000


@pytest.mark.parametrize(
    ("name", "n_records"),
    [
        ("duplicate_records.csv", 14),
        ("embase.csv", 6),
        ("embase_newpage.csv", 6),
        ("generic.csv", 2),
        ("generic_bad_record_id.csv", 6),
        ("generic_column_names_with_spaces.csv", 2),
        ("generic_labels.csv", 6),
        ("generic_labels_no_abs.csv", 6),
        ("generic_labels_no_title.csv", 6),
        ("generic_partial_labels.csv", 6),
        ("generic_semicolon.csv", 2),
        ("generic_tab.csv", 2),
        ("generic_tab.tsv", 2),
        ("missing_values.csv", 4),
        ("record_id.csv", 10),
    ],
)
def test_the_shared_tables_are_read_whole(shared_data: Path, name: str, n_records: int) -> None:
    source = open_source(shared_data / "exports" / "csv" / name)

    assert tabular.recognise(source.head)
    outcomes = list(tabular.read(source))
    assert len(outcomes) == n_records
    assert all(isinstance(outcome, Record) for outcome in outcomes)
