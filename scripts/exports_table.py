"""Read every file of a folder of exports, and say what became of each record as a table.

    python -m scripts.exports_table ../shared/data/exports --into scripts/results/exports.md

The records of a file are counted a second time without the readers, by the one mark that
begins a record of its format; where the two counts differ, a record was lost or made up.
"""

import argparse
import csv
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.article import parse_article
from index.errors import RefusedRecordError, SourceError
from index.sources import FoundSource, find_sources, open_source, read_records
from index.sources.record import Refused

_NO_ARTICLES = ("comment", "string", "preamble")
_LISTS = ("items", "data", "results", "recommendedPapers", "matches")
_REASONS_SHOWN = 3
_NO_FORM = "none"
_OWN_NAME = re.compile(r" \(it calls itself .*?\)(?= has )")


@dataclass(slots=True)
class Outcome:
    """What became of the records of one file; `counted` is what the readers should find."""

    name: str
    form: str = _NO_FORM
    counted: int | None = None
    kept: int = 0
    repaired: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    fault: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every record counted was kept or refused, or the file as a whole was."""
        return bool(self.fault) or self.counted in (None, self.kept + self.refused.total())

    @property
    def notes(self) -> str:
        """Why records were refused, and why the file was not read, or not to its end."""
        notes = [] if self.is_whole else ["**the counts differ**"]
        if self.fault:
            notes.append(f"**not read on:** {self.fault}")
        for reason, count in self.refused.most_common(_REASONS_SHOWN):
            notes.append(f"{reason} ({count}×)" if count > 1 else reason)
        if len(self.refused) > _REASONS_SHOWN:
            notes.append(f"{len(self.refused) - _REASONS_SHOWN} more reasons")
        return "; ".join(notes)

    def refuse(self, reason: str) -> None:
        """Count a refused record, under its reason without the record's own name."""
        self.refused[_OWN_NAME.sub("", reason)] += 1


def count_marks(pattern: str) -> Callable[[str], int]:
    """Give a counter of the places where a pattern matches at the beginning of a line."""
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda text: len(compiled.findall(text))


def count_bibtex(text: str) -> int:
    """Count the entries that begin a line, comments, macros and preambles not among them."""
    kinds = re.findall(r"^\s*@\s*(\w+)\s*[{(]", text, re.MULTILINE)
    return sum(kind.lower() not in _NO_ARTICLES for kind in kinds)


def count_rows(text: str) -> int:
    """Count the rows after the header that hold anything."""
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(row)]
    return len(rows) - 1


def count_json(text: str) -> int:
    """Count the records of a JSON document: those of the first list it holds, or itself."""
    document = json.loads(text)
    if isinstance(document, dict) and isinstance(document.get("message"), dict):
        document = document["message"]
    if isinstance(document, dict):
        document = next((document[key] for key in _LISTS if key in document), [document])
    return len(document)


COUNTERS: dict[str, Callable[[str], int]] = {
    "JSON Lines": count_marks(r"^\s*\S"),
    "JSON": count_json,
    "PubMed XML": count_marks(r"<Pubmed(?:Book)?Article[\s>]"),
    "EndNote XML": count_marks(r"<record[\s>]"),
    "arXiv Atom": count_marks(r"<entry[\s>]"),
    "CSV or TSV": count_rows,
    "Web of Science": count_marks(r"^PT "),
    "PubMed nbib": count_marks(r"^PMID-"),
    "RIS": count_marks(r"^\s*TY  ?-"),
    "BibTeX": count_bibtex,
}


def read_outcome(found: FoundSource, name: str) -> Outcome:
    """Read a file as a build would, and count its records without the readers."""
    outcome = Outcome(name)
    try:
        form, records = read_records(open_source(found.path, name))
        outcome.form = form.name
        for record in records:
            if isinstance(record, Refused):
                outcome.refuse(record.reason)
                continue
            try:
                _, repairs = parse_article(record, name)
            except RefusedRecordError as error:
                outcome.refuse(error.reason)
                continue
            outcome.kept += 1
            outcome.repaired += bool(repairs)
    except SourceError as error:
        outcome.fault = error.reason
    counter = COUNTERS.get(outcome.form)
    outcome.counted = counter(read_text(found.path)) if counter else None
    return outcome


def read_text(path: Path) -> str:
    """Give the text of a file, gunzipped; what is not UTF-8 or UTF-16 does not matter here."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return content.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def to_markdown(outcomes: Sequence[Outcome], command: str) -> str:
    """Give the table, the command that made it on top and the totals below."""
    lines = [
        "# What became of every record of the exports",
        "",
        f"Made by `{command}`. *Counted* is the number of records found without the readers, by",
        "the mark that begins a record; *kept* were parsed to an article, duplicates included.",
        "",
        "| file | format | counted | kept | repaired | refused | notes |",
        "|---|---|--:|--:|--:|--:|---|",
        *(_to_row(outcome) for outcome in outcomes),
        "",
        _to_totals(outcomes),
    ]
    return "\n".join(lines) + "\n"


def _to_row(outcome: Outcome) -> str:
    counted = "–" if outcome.counted is None else str(outcome.counted)
    counts = (outcome.kept, outcome.repaired, outcome.refused.total())
    notes = " ".join(outcome.notes.replace("|", "\\|").split())
    return f"| {' | '.join((outcome.name, outcome.form, counted, *map(str, counts), notes))} |"


def _to_totals(outcomes: Sequence[Outcome]) -> str:
    stopped = [outcome for outcome in outcomes if outcome.fault and outcome.form != _NO_FORM]
    n_unread = sum((one.counted or 0) - one.kept - one.refused.total() for one in stopped)
    return (
        f"{len(outcomes)} files, {sum(one.form == _NO_FORM for one in outcomes)} of them in no "
        f"format that Cognate reads: {sum(one.counted or 0 for one in outcomes)} records counted, "
        f"{sum(one.kept for one in outcomes)} kept "
        f"({sum(one.repaired for one in outcomes)} of them repaired), "
        f"{sum(one.refused.total() for one in outcomes)} refused with a reason, {n_unread} in "
        f"{len(stopped)} files that could not be read on. "
        f"The counts differ in {sum(not one.is_whole for one in outcomes)} files."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table; the exit status is 1 where a count differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="a folder of exports, read recursively")
    parser.add_argument("--into", type=Path, help="the Markdown file to write; default: print it")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    outcomes = [
        read_outcome(found, found.path.relative_to(folder).as_posix())
        for found in find_sources([folder])
    ]
    into: Path | None = options.into
    command = f"python -m scripts.exports_table {folder}" + (f" --into {into}" if into else "")
    table = to_markdown(outcomes, command)
    if into is None:
        print(table, end="")
    else:
        into.write_text(table, encoding="utf-8")
        print(_to_totals(outcomes), file=sys.stderr)
    return 0 if all(outcome.is_whole for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
