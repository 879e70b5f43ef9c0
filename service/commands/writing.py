"""The commands that write an index: build, add, remove, join and split."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from index.progress import counted
from service.commands.given import named_index, print_json, say
from service.options import add_index, add_models

if TYPE_CHECKING:
    from index.build import BuildResult

_LISTED_RECORDS = 20


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add them to the console command."""
    build = commands.add_parser("build", help="make the index of exactly these sources")
    build.add_argument("sources", nargs="+", type=Path, metavar="SOURCE")
    build.add_argument("--into", required=True, type=Path, metavar="DIR", dest="index")
    add_models(build)
    add = commands.add_parser("add", help="add the articles of more sources to an index")
    add.add_argument("sources", nargs="+", type=Path, metavar="SOURCE")
    remove = commands.add_parser("remove", help="remove articles from an index")
    remove.add_argument("ids", nargs="+", metavar="ID")
    join = commands.add_parser("join", help="make two articles versions of one work")
    split = commands.add_parser("split", help="make two articles two works")
    for command in (join, split):
        command.add_argument("ids", nargs=2, metavar="ID")
    runs = ((build, _build), (add, _add), (remove, _remove), (join, _join), (split, _split))
    for command, run in runs:
        if command is not build:
            add_index(command)
        command.add_argument("--quiet", action="store_true", help="show no progress")
        command.add_argument("--json", action="store_true", help="print what was done as JSON")
        command.set_defaults(run=run)


def _build(options: argparse.Namespace) -> int:
    from index.build import build_index
    from index.models import DEFAULT_MODEL, ModelChoice

    model = ModelChoice(
        name=options.model or DEFAULT_MODEL,
        query_prompt=options.query_prompt,
        passage_prompt=options.passage_prompt,
        pooling=options.pooling,
    )
    result = build_index(
        options.sources,
        options.index,
        model=model,
        reranker=options.reranker,
        versions=options.versions,
        say=_ignore if options.quiet else say,
        quiet=options.quiet,
    )
    return _done(result, options)


def _add(options: argparse.Namespace) -> int:
    from index.build import add_sources

    progress = _ignore if options.quiet else say
    return _done(
        add_sources(options.sources, named_index(options), say=progress, quiet=options.quiet),
        options,
    )


def _remove(options: argparse.Namespace) -> int:
    from index.build import remove_articles

    progress = _ignore if options.quiet else say
    return _done(
        remove_articles(options.ids, named_index(options), say=progress, quiet=options.quiet),
        options,
    )


def _join(options: argparse.Namespace) -> int:
    return _decide(options, same=True)


def _split(options: argparse.Namespace) -> int:
    return _decide(options, same=False)


def _decide(options: argparse.Namespace, *, same: bool) -> int:
    from index.build import decide_versions

    progress = _ignore if options.quiet else say
    first, second = options.ids
    return _done(
        decide_versions(
            (first, second), named_index(options), same=same, say=progress, quiet=options.quiet
        ),
        options,
    )


def _ignore(_: str) -> None:
    """Say nothing: the progress of a quiet command."""


def _done(result: "BuildResult", options: argparse.Namespace) -> int:
    if result.report is not None and not options.quiet:
        for line in result.report.lines(most=_LISTED_RECORDS):
            say(line)
    if options.json:
        summary = asdict(result)
        sources = result.report.sources if result.report else []
        summary["report"] = [
            {
                "source": source.name,
                "format": source.format,
                "n_read": source.n_read,
                "n_kept": source.n_kept,
                "n_merged": source.n_merged,
                "n_repaired": source.n_repaired,
                "n_refused": len(source.refused),
            }
            for source in sources
        ]
        print_json(summary)
    else:
        print(
            f"{counted(result.n_articles, 'article')} ({result.n_encoded:,} newly embedded, "
            f"{result.n_reused:,} as before): {result.name}"
        )
    return 0
