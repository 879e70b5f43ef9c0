"""The commands that ask an index: search, similar, related, context, export, check-citations."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from service.commands.given import given_filters, named_index, print_json, say
from service.options import (
    add_check,
    add_context,
    add_draft,
    add_examples,
    add_export,
    add_filters,
    add_index,
    add_question,
    has_examples,
)

if TYPE_CHECKING:
    from service.examples import SimilarQuery
    from service.query import Query
    from service.results import Results
    from service.search import SearchEngine


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add them to the console command."""
    search = commands.add_parser("search", help="ask a question")
    add_question(search)
    similar = commands.add_parser("similar", help="find articles like these, not like those")
    add_examples(similar)
    # to name no example is wrong usage, as a missing argument is
    similar.set_defaults(refuse=similar.error)
    related = commands.add_parser("related", help="find related work for a draft")
    add_draft(related)
    context = commands.add_parser("context", help="give excerpts for a language model's prompt")
    add_index(context)
    add_filters(context)
    add_context(context)
    context.add_argument("--json", action="store_true", help="print the answer as JSON")
    context.set_defaults(run=_context)
    export = commands.add_parser("export", help="write what answers into a file of references")
    add_index(export)
    add_filters(export)
    add_export(export)
    export.set_defaults(run=_export)
    check = commands.add_parser("check-citations", help="check what a text cites and quotes")
    add_check(check)
    add_index(check)
    check.add_argument("--json", action="store_true", help="print the answer as JSON")
    check.set_defaults(run=_check)
    for command, run, most in (
        (search, _search, 10),
        (similar, _similar, 10),
        (related, _related, 5),
    ):
        add_index(command)
        add_filters(command)
        command.add_argument(
            "--limit", type=int, default=most, help=f"at most so many hits ({most})"
        )
        command.add_argument("--json", action="store_true", help="print the answer as JSON")
        command.set_defaults(run=run)


def _search(options: argparse.Namespace) -> int:
    from service.query import Query

    query = Query(
        text=options.question,
        filters=given_filters(options),
        mode=options.mode,
        sort=options.sort,
        limit=options.limit,
        cursor=options.cursor,
        min_match=options.min_match,
        prefer=options.prefer,
        facets=tuple(dict.fromkeys(options.facet)),
        explain=options.explain,
    )
    with closing(_walked_engine(named_index(options), query)) as engine:
        return _show(engine.search(query), options, {"query": options.question})


def _walked_engine(directory: Path, query: "Query | SimilarQuery") -> "SearchEngine":
    """Open the engine on the snapshot being served, or on the one that the query's cursor walks."""
    from index.errors import CursorExpiredError
    from index.snapshot import snapshot_names
    from service.cursor import walked_snapshot
    from service.search import SearchEngine

    name = walked_snapshot(query)
    if name is not None and name not in snapshot_names(directory):
        raise CursorExpiredError(name)
    return SearchEngine.open(directory, name=name)


def _similar(options: argparse.Namespace) -> int:
    from service.example_options import to_similar_query
    from service.similar_schemas import similar_to_wire

    if not has_examples(options):
        options.refuse("name or write what the articles are to be like, or unlike")
    query = to_similar_query(options, given_filters(options))
    with closing(_walked_engine(named_index(options), query)) as engine:
        results = engine.similar(query)
    if options.json:
        # one article, and nothing else: the answer of GET /v1/articles/{id}/similar
        is_one = len(results.positive) == 1 and len(options.ids) == 1 and not query.negative
        asked = {"article_id": results.positive[0].article_id} if is_one else {}
        print_json(asked | similar_to_wire(results))
        return 0
    return _list(results)


def _export(options: argparse.Namespace) -> int:
    from service.exports.console import to_asked, write
    from service.search import SearchEngine

    asked = to_asked(options, given_filters(options))
    with closing(SearchEngine.open(named_index(options))) as engine:
        written = write(options, engine.export(asked, options.limit, versions=options.versions))
    if written:
        say(written)
    return 0


def _related(options: argparse.Namespace) -> int:
    from service.related.console import to_related_query, write_files
    from service.related.report import write_report
    from service.related.wire import related_to_wire
    from service.search import SearchEngine

    query = to_related_query(options, given_filters(options))
    with closing(SearchEngine.open(named_index(options))) as engine:
        results = engine.related(query)
    written = write_files(results, options)
    if options.json:
        print_json(related_to_wire(results, ["bibtex", "patch"]))
    elif not written:
        print(write_report(results, "markdown"), end="")
    for line in written:
        say(line)
    return 0


def _check(options: argparse.Namespace) -> int:
    from service.search import SearchEngine
    from service.verification.console import WRONG, to_lines, to_verify_query
    from service.verification.wire import verification_to_wire

    query = to_verify_query(options)
    with closing(SearchEngine.open(named_index(options))) as engine:
        found = engine.verify(query)
    if options.json:
        print_json(verification_to_wire(found))
    else:
        print("\n".join(to_lines(found, query.text)))
    return WRONG if found.is_wrong else 0


def _context(options: argparse.Namespace) -> int:
    from service.context.console import summary, to_context_query
    from service.context.wire import context_to_wire
    from service.search import SearchEngine

    query = to_context_query(options, given_filters(options))
    with closing(SearchEngine.open(named_index(options))) as engine:
        context = engine.context(query)
    if options.json:
        print_json(context_to_wire(context))
        return 0
    if context.answerable:
        print(context.text)
    say(summary(context))
    return 0


def _show(results: "Results", options: argparse.Namespace, asked: dict[str, object]) -> int:
    from service.schemas import results_to_wire

    if options.json:
        print_json(asked | results_to_wire(results, []))
        return 0
    return _list(results)


def _list(results: "Results") -> int:
    from service.listing import no_hits_line, results_to_lines

    for line in results_to_lines(results):
        print(line)
    if not results.hits:
        say(no_hits_line(results))
    return 0
