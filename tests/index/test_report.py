"""The build report: every record counted, and the ones with a story listed."""

from collections import Counter

from index.report import BuildReport, Note, SourceReport, report_from_bytes


def report() -> BuildReport:
    source = SourceReport(
        "a.ris",
        "RIS",
        n_kept=3,
        n_merged=1,
        repaired=[
            Note(1, "the DOI was mended"),
            Note(1, "the date was mended"),
            Note(9, "the URL"),
        ],
        merged=[Note(5, "joined pmid:7 (a.ris, line 1)")],
        refused=[Note(7, "the record has neither title nor abstract")],
        unknown_keys=Counter({"ZZ": 2, "YY": 5}),
    )
    return BuildReport([source], ["b.pdf: is a PDF"])


def test_a_report_is_read_back_as_it_was_written() -> None:
    assert report_from_bytes(report().to_bytes()) == report()


def test_every_record_read_was_kept_merged_or_refused() -> None:
    (source,) = report().sources

    assert source.n_read == source.n_kept + source.n_merged + len(source.refused) == 5


def test_a_record_with_two_repairs_is_one_repaired_record() -> None:
    assert report().sources[0].n_repaired == 2


def test_the_lines_name_source_line_and_reason_of_every_refusal_and_repair() -> None:
    assert report().lines() == [
        "a.ris (RIS): 5 read, 3 kept, 1 merged, 2 repaired, 1 refused",
        "  a.ris, line 7: refused: the record has neither title nor abstract",
        "  a.ris, line 1: repaired: the DOI was mended",
        "  a.ris, line 1: repaired: the date was mended",
        "  a.ris, line 9: repaired: the URL",
        "  keys that were ignored: YY (5), ZZ (2)",
        "not read: b.pdf: is a PDF",
    ]


def test_a_long_list_is_cut_refusals_first_and_the_rest_counted() -> None:
    lines = report().lines(most=2)

    assert lines[1:4] == [
        "  a.ris, line 7: refused: the record has neither title nor abstract",
        "  a.ris, line 1: repaired: the DOI was mended",
        "  … and 2 more: cognate inspect DIR --report",
    ]


def test_a_report_of_nothing_has_no_lines() -> None:
    assert BuildReport().lines() == []
