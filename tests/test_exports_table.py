"""The table of what became of every record of a folder of exports."""

import gzip
from collections import Counter
from pathlib import Path

from scripts.exports_table import Outcome, main

FILES = {
    "a.bib": "@string{x = {y}}\n@article{k, title = {A}}\n@misc{l, note = {nothing}}\n",
    "b.ris": "TY  - JOUR\nTI  - A\nER  - \n\nTY  - JOUR\nTI  - B\nER  - \n",
    "c.csv": 'title,abstract\nA,"one\n\ntwo"\n"",\nB,x\n',
    "d.jsonl": '{"title": "A"}\n\n{"title": ["B"]}\nnothing\n',
    "e.json": '{"data": [{"paperId": "1", "title": "A|B"}, null]}',
    "f.nbib": "PMID- 1\nTI  - A\nAB  - An abstract.\n\nPMID- 2\nTI  - B\n",
    "g.txt": "PK nothing that anybody reads",
}


def table_of(folder: Path, into: Path) -> tuple[int, dict[str, list[str]], str]:
    """Run the script; give its exit status, the rows by file, and the line of totals."""
    status = main([str(folder), "--into", str(into)])
    lines = into.read_text(encoding="utf-8").splitlines()
    rows = [line.replace("\\|", "/").strip("| ").split(" | ") for line in lines if " | " in line]
    return status, {row[0]: row[1:] for row in rows[1:]}, lines[-1]


def test_every_record_is_counted_kept_or_refused(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "h.ris.gz").write_bytes(gzip.compress(FILES["b.ris"].encode("utf-16")))

    status, rows, totals = table_of(folder, tmp_path / "table.md")

    assert status == 0
    assert {name: row[1:5] for name, row in rows.items()} == {
        "a.bib": ["2", "1", "0", "1"],
        "b.ris": ["2", "2", "0", "0"],
        "c.csv": ["2", "2", "0", "0"],
        "d.jsonl": ["3", "1", "0", "2"],
        "e.json": ["2", "1", "0", "1"],
        "f.nbib": ["2", "2", "0", "0"],
        "g.txt": ["–", "0", "0", "0"],
        "h.ris.gz": ["2", "2", "0", "0"],
    }
    assert rows["a.bib"][5] == "the record has neither title nor abstract"
    assert totals.startswith("8 files, 1 of them in no format that Cognate reads: 15 records")
    assert totals.endswith("The counts differ in 0 files.")


def test_a_file_that_cannot_be_read_on_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "a.ris").write_bytes(b"TY  - JOUR\nTI  - A\nER  - \nTY  - JOUR\nTI  - \xff\nER  - \n")

    status, rows, totals = table_of(folder, tmp_path / "table.md")

    assert status == 0
    assert "not read on" in rows["a.ris"][5]
    assert "in 1 files that could not be read on" in totals


def test_a_record_that_is_lost_or_made_up_shows() -> None:
    kept = Outcome("a", counted=3, kept=2, refused=Counter({"reason": 1}))
    lost = Outcome("a", counted=3, kept=2)

    assert kept.is_whole
    assert not lost.is_whole
    assert "the counts differ" in lost.notes


def test_many_reasons_are_shortened() -> None:
    outcome = Outcome("a", refused=Counter({"w": 3, "x": 1, "y": 1, "z": 1}))

    assert outcome.notes == "w (3×); x; y; 1 more reasons"


def test_no_record_of_the_shared_exports_is_lost(shared_data: Path, tmp_path: Path) -> None:
    status, rows, _ = table_of(shared_data / "exports", tmp_path / "table.md")

    assert status == 0
    assert len(rows) == 166
