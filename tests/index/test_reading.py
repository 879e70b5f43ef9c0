"""Reading sources into a corpus: no record is lost without a word."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from index.corpus import Corpus
from index.errors import SourceError
from index.reading import read_corpus
from index.report import BuildReport, Note
from index.sources import find_sources
from index.store import StoreWriter
from tests.building import BEES, WHEAT, write_source, write_store

RIS = """TY  - JOUR
TI  - Bees remember flowers
DO  - https://doi.org/10.5555/BEES
JO  - Hive
ER  -

TY  - JOUR
AU  - Ek, Ana
ER  -
"""


def read(*paths: Path, corpus: Corpus | None = None) -> tuple[Corpus, BuildReport]:
    return read_corpus(find_sources(paths), corpus or Corpus(), quiet=True)


def later(earlier: Corpus) -> Corpus:
    """Give the corpus of a later build, to which the articles of an earlier one belong."""
    with TemporaryDirectory() as folder:
        write_store(Path(folder) / "earlier.sqlite", earlier.articles())
        return Corpus(StoreWriter(Path(folder) / "later.sqlite", Path(folder) / "earlier.sqlite"))


def test_records_of_several_formats_become_one_corpus(tmp_path: Path) -> None:
    ris = tmp_path / "a.ris"
    ris.write_text(RIS)

    corpus, report = read(ris, write_source(tmp_path / "b.jsonl", BEES, WHEAT))

    assert [one.article_id for one in corpus.articles()] == [
        "doi:10.5555/bees",
        "doi:10.5555/wheat",
    ]
    bees = corpus.articles()[0]
    assert (bees.journal, bees.abstract) == ("Hive", BEES["abstract"])
    counts = [(s.format, s.n_read, s.n_kept, s.n_merged, len(s.refused)) for s in report.sources]
    assert counts == [("RIS", 2, 1, 0, 1), ("JSON Lines", 2, 1, 1, 0)]


def test_a_merge_is_told_with_the_place_it_joined_and_what_was_gained(tmp_path: Path) -> None:
    ris = tmp_path / "a.ris"
    ris.write_text(RIS)

    _, report = read(ris, write_source(tmp_path / "b.jsonl", BEES))

    reason = f"joined doi:10.5555/bees ({ris}, line 1), which gained abstract, published"
    assert report.sources[1].merged == [Note(1, reason)]


def test_refusals_name_the_line_and_the_reason(tmp_path: Path) -> None:
    ris = tmp_path / "a.ris"
    ris.write_text(RIS)

    _, report = read(ris)

    (note,) = report.sources[0].refused
    assert note.line == RIS[: RIS.rindex("TY  -")].count("\n") + 1
    assert "neither title nor abstract" in note.reason


def test_a_damaged_line_is_refused_and_the_rest_is_kept(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.jsonl", BEES, WHEAT)
    lines = source.read_bytes().splitlines(keepends=True)
    source.write_bytes(lines[0] + b'{"title": "cut\n' + lines[1])

    corpus, report = read(source)

    assert len(corpus.articles()) == 2
    assert [note.line for note in report.sources[0].refused] == [2]


def test_repairs_and_ignored_keys_are_counted(tmp_path: Path) -> None:
    damaged = BEES | {"doi": "10.5555/bees.", "colour": "yellow"}

    _, report = read(write_source(tmp_path / "a.jsonl", damaged, WHEAT | {"colour": "gold"}))

    assert [note.line for note in report.sources[0].repaired] == [1]
    assert report.sources[0].unknown_keys == {"colour": 2}


def test_a_record_kept_at_first_is_counted_as_merged_once_a_third_unites_it(
    tmp_path: Path,
) -> None:
    first = write_source(tmp_path / "a.jsonl", {"id": "pmid:7", "title": "Bees"})
    second = write_source(tmp_path / "b.jsonl", WHEAT, {"id": "arxiv:2101.00001", "title": "Bees"})
    third = write_source(
        tmp_path / "c.jsonl",
        {"id": "pmid:7", "title": "B", "url": "https://arxiv.org/abs/2101.00001"},
    )

    corpus, report = read(first, second, third)

    assert len(corpus.articles()) == 2
    assert [(s.n_read, s.n_kept, s.n_merged) for s in report.sources] == [
        (1, 1, 0),
        (2, 1, 1),
        (1, 0, 1),
    ]
    assert [len(source.merged) for source in report.sources] == [0, 1, 1]
    assert report.sources[1].merged[0].line == 2


def test_records_that_join_an_earlier_build_are_merged_not_kept(tmp_path: Path) -> None:
    earlier, _ = read(write_source(tmp_path / "a.jsonl", BEES))
    again = write_source(tmp_path / "b.jsonl", BEES, WHEAT)

    corpus, report = read(again, corpus=later(earlier))

    assert len(corpus.articles()) == 2
    assert (report.sources[0].n_kept, report.sources[0].n_merged) == (1, 1)


def test_uniting_two_articles_of_an_earlier_build_counts_no_record_twice(tmp_path: Path) -> None:
    earlier, _ = read(
        write_source(
            tmp_path / "a.jsonl",
            {"id": "pmid:7", "title": "Bees"},
            {"id": "arxiv:2101.00001", "title": "Bees"},
        )
    )
    both: dict[str, object] = {
        "id": "pmid:7",
        "title": "Bees",
        "url": "https://arxiv.org/abs/2101.00001",
    }

    corpus, report = read(write_source(tmp_path / "b.jsonl", both), corpus=later(earlier))

    assert len(corpus.articles()) == 1
    assert (report.sources[0].n_read, report.sources[0].n_merged) == (1, 1)


@pytest.mark.parametrize("field", ["title", "abstract", "journal"])
def test_a_record_with_a_text_no_article_has_is_refused(tmp_path: Path, field: str) -> None:
    endless = BEES | {field: "a" * 1_000_001}
    longest = WHEAT | {field: "a" * 1_000_000}

    corpus, report = read(write_source(tmp_path / "a.jsonl", endless, longest))

    (note,) = report.sources[0].refused
    assert (note.line, len(corpus.articles())) == (1, 1)
    assert note.reason.startswith(f"its {field} has 1,000,001 characters, more than the 1,000,000")


def test_a_file_found_in_a_folder_that_is_no_source_is_listed_not_fatal(tmp_path: Path) -> None:
    write_source(tmp_path / "a.jsonl", BEES)
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "c.txt").write_text("Buy milk.\n")

    corpus, report = read(tmp_path)

    assert len(corpus.articles()) == 1
    assert [reason.split(":")[0] for reason in report.unread] == [
        f"{tmp_path}/b.pdf",
        f"{tmp_path}/c.txt",
    ]


def test_a_file_that_was_named_must_be_readable(tmp_path: Path) -> None:
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")

    with pytest.raises(SourceError, match=r"b\.pdf: is a PDF"):
        read(write_source(tmp_path / "a.jsonl", BEES), tmp_path / "b.pdf")


def test_a_folder_with_none_of_the_formats_is_refused(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / f"{name}.txt").write_text("Buy milk.\n")

    with pytest.raises(SourceError, match="holds none of the formats that Cognate reads"):
        read(tmp_path)


def test_a_gzipped_source_is_read_like_the_file_in_it(tmp_path: Path) -> None:
    plain = write_source(tmp_path / "a.jsonl", BEES)
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read(packed)[0].articles()[0].title == read(plain)[0].articles()[0].title


def test_progress_is_shown_unless_it_should_be_quiet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = find_sources([write_source(tmp_path / "a.jsonl", BEES, WHEAT)])

    read_corpus(found, Corpus())
    assert capsys.readouterr().err.startswith("reading records: 2 in ")

    read_corpus(found, Corpus(), quiet=True)
    assert capsys.readouterr().err == ""
