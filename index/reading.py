"""Read sources into a corpus, and account for every record on the way."""

import os
from collections.abc import Iterable, Sequence

from index.article import parse_article
from index.corpus import Corpus, Joined
from index.errors import RefusedRecordError, SourceError
from index.progress import Progress
from index.report import BuildReport, Note, SourceReport
from index.sources import FoundSource, open_source, read_records
from index.sources.record import Record, Refused

_LONGEST_TEXT = 1_000_000


def read_corpus(
    found: Sequence[FoundSource], corpus: Corpus, *, quiet: bool = False
) -> tuple[Corpus, BuildReport]:
    """Add the articles of all sources to `corpus` and report on every record.

    SourceError if a file that was named cannot be read, or none of those found in folders
    can; a file found in a folder that cannot be read is listed in the report.
    """
    report = BuildReport()
    kept_at: dict[int, SourceReport] = {}
    progress = Progress("reading records", quiet=quiet)
    for source in found:
        try:
            opened = open_source(source.path, source.name)
            chosen, records = read_records(opened)
            of_source = SourceReport(source.name, chosen.name)
            report.sources.append(of_source)
            _read_source(records, of_source, corpus, kept_at, progress)
        except SourceError as error:
            if source.is_named:
                raise
            report.unread.append(str(error))
    progress.finish()
    if not report.sources:
        named = ", ".join(source.name for source in found[:3])
        more = f" and {len(found) - 3:,} more files" if len(found) > 3 else ""
        raise SourceError(named + more, f"nothing to read; {report.unread[0]}")
    return corpus, report


def _read_source(
    records: Iterable[Record | Refused],
    report: SourceReport,
    corpus: Corpus,
    kept_at: dict[int, SourceReport],
    progress: Progress,
) -> None:
    for record in records:
        progress.advance()
        if isinstance(record, Refused):
            report.refused.append(Note(record.line, record.reason))
            continue
        report.unknown_keys.update(record.unknown_keys)
        try:
            _check_length(record)
            article, repairs = parse_article(record, report.name)
        except RefusedRecordError as error:
            report.refused.append(Note(record.line, error.reason))
            continue
        report.repaired += [Note(record.line, repair) for repair in repairs]
        joined = corpus.add(article)
        if joined is None:
            report.n_kept += 1
            kept_at[len(corpus) - 1] = report
        else:
            report.n_merged += 1
            report.merged.append(Note(record.line, _describe(joined, corpus)))
            _move_absorbed(joined, corpus, kept_at)


def _check_length(record: Record) -> None:
    # cleaning and encoding take many times the memory of the text they are given
    for name in ("title", "abstract", "journal"):
        text: str | None = getattr(record, name)
        if text and len(text) > _LONGEST_TEXT:
            raise RefusedRecordError(
                f"its {name} has {len(text):,} characters, more than the {_LONGEST_TEXT:,} that "
                "any article has"
            )


def _describe(joined: Joined, corpus: Corpus) -> str:
    first = corpus.at(joined.row)
    gained = f", which gained {', '.join(joined.gained)}" if joined.gained else ""
    return f"joined {first.article_id} ({os.fspath(first.source)}, line {first.line}){gained}"


def _move_absorbed(joined: Joined, corpus: Corpus, kept_at: dict[int, SourceReport]) -> None:
    # a record that was kept turns out to be the same article as an earlier one
    for row, article in joined.absorbed:
        report = kept_at.pop(row, None)
        if report is not None:
            report.n_kept -= 1
            report.n_merged += 1
            report.merged.append(Note(article.line, _describe(joined, corpus)))
