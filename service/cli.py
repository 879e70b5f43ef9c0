"""The console command `cognate`: one more reader of the engine, and the way to a build.

Progress and errors go to stderr, answers to stdout. Exit status 0: done; 1: refused or
damaged; 2: wrong usage; 130: interrupted.
"""

import argparse
import importlib.metadata
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from index.errors import CognateError
from index.progress import counted
from service.options import (
    add_draft,
    add_examples,
    add_export,
    add_filters,
    add_index,
    add_models,
    add_question,
    has_examples,
)

if TYPE_CHECKING:
    from socket import socket

    import uvicorn

    from index.build import BuildResult
    from service.examples import SimilarQuery
    from service.query import Filters, Query
    from service.results import Results
    from service.search import SearchEngine

# what a command needs is imported when it runs: `cognate --version` starts no engine

_LISTED_RECORDS = 20
_ESCAPED_BYTES = 12
"""The most that one character takes in an address: four bytes, each as `%F0`."""
_REQUEST_BYTES = 65_536
"""What the rest of a request's head may take, as uvicorn has it by default."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console command and give its exit status."""
    parser = _parser()
    options = parser.parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    if options.run is _similar and not has_examples(options):
        parser.error("similar: name or write what the articles are to be like, or unlike")
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        status = run(options)
        # what is still in the buffer may find nobody to read it
        _flush()
    except CognateError as error:
        _say(f"cognate: {error}")
        return 1
    except BrokenPipeError:
        # the reader of our output has gone (`cognate search … | head`); nothing is wrong
        _drop_output()
        return 0
    except OSError as error:
        # a full disk behind stdout, a file of the index that may not be read
        _drop_output()
        _say(f"cognate: {error}")
        return 1
    except KeyboardInterrupt:
        _say("cognate: interrupted; the same command goes on where it was")
        return 130
    return status


def _joined(arguments: Sequence[str]) -> list[str]:
    """Write `--from -P3M` as `--from=-P3M`: argparse takes what begins with `-` for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] == "--from" and argument.startswith("-P"):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _flush() -> None:
    # one that was closed before we began (`>&-`) is None
    if sys.stdout is not None:
        sys.stdout.flush()


def _drop_output() -> None:
    """Let what nobody takes from stdout's buffer go nowhere: it would fail again at the end."""
    try:
        _flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cognate", description="Semantic search over scholarly articles."
    )
    version = importlib.metadata.version("cognate")
    parser.add_argument("--version", action="version", version=f"cognate {version}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_write_commands(commands)
    _add_read_commands(commands)
    return parser


def _add_write_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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


def _add_read_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    serve = commands.add_parser("serve", help="serve an index over HTTP, with a search page")
    add_index(serve)
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (default 8000)")
    serve.add_argument("--public", action="store_true", help="serve other machines without a key")
    serve.set_defaults(run=_serve)
    search = commands.add_parser("search", help="ask a question")
    add_question(search)
    similar = commands.add_parser("similar", help="find articles like these, not like those")
    add_examples(similar)
    related = commands.add_parser("related", help="find related work for a draft")
    add_draft(related)
    export = commands.add_parser("export", help="write what answers into a file of references")
    add_index(export)
    add_filters(export)
    add_export(export)
    export.set_defaults(run=_export)
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
    inspect = commands.add_parser("inspect", help="describe an index")
    inspect.add_argument("--report", action="store_true", help="list every repaired record too")
    inspect.add_argument(
        "--versions", action="store_true", help="list works of several versions, and why"
    )
    verify = commands.add_parser("verify", help="check every byte of an index")
    for command, run in ((inspect, _inspect), (verify, _verify)):
        command.add_argument("directory", nargs="?", type=Path, metavar="DIR")
        add_index(command)
        command.add_argument("--json", action="store_true", help="print the answer as JSON")
        command.set_defaults(run=run)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _index(options: argparse.Namespace) -> Path:
    given = getattr(options, "directory", None) or options.index or os.environ.get("COGNATE_INDEX")
    if not given:
        message = "no index was named; give --index DIR or set COGNATE_INDEX"
        raise CognateError(message)
    return Path(given)


def _filters(options: argparse.Namespace) -> "Filters":
    from service.parameters import resolve_since
    from service.query import Filters

    since, asked_on = resolve_since(options.published_from, getattr(options, "cursor", None))
    return Filters(
        authors=tuple(options.author),
        journals=tuple(options.journal),
        types=tuple(options.type),
        languages=tuple(options.language),
        published_from=since,
        published_to=options.published_to,
        asked_on=asked_on,
    )


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
        say=_ignore if options.quiet else _say,
        quiet=options.quiet,
    )
    return _done(result, options)


def _add(options: argparse.Namespace) -> int:
    from index.build import add_sources

    say = _ignore if options.quiet else _say
    return _done(
        add_sources(options.sources, _index(options), say=say, quiet=options.quiet), options
    )


def _remove(options: argparse.Namespace) -> int:
    from index.build import remove_articles

    say = _ignore if options.quiet else _say
    return _done(
        remove_articles(options.ids, _index(options), say=say, quiet=options.quiet), options
    )


def _join(options: argparse.Namespace) -> int:
    return _decide(options, same=True)


def _split(options: argparse.Namespace) -> int:
    return _decide(options, same=False)


def _decide(options: argparse.Namespace, *, same: bool) -> int:
    from index.build import decide_versions

    say = _ignore if options.quiet else _say
    first, second = options.ids
    return _done(
        decide_versions((first, second), _index(options), same=same, say=say, quiet=options.quiet),
        options,
    )


def _ignore(_: str) -> None:
    """Say nothing: the progress of a quiet command."""


def _done(result: "BuildResult", options: argparse.Namespace) -> int:
    if result.report is not None and not options.quiet:
        for line in result.report.lines(most=_LISTED_RECORDS):
            _say(line)
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
        _print_json(summary)
    else:
        print(
            f"{counted(result.n_articles, 'article')} ({result.n_encoded:,} newly embedded, "
            f"{result.n_reused:,} as before): {result.name}"
        )
    return 0


def _print_json(value: object) -> None:
    print(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def _serve(options: argparse.Namespace) -> int:
    from service.search import SearchEngine
    from service.settings import Settings

    environment = dict(os.environ)
    given = {"INDEX": options.index, "HOST": options.host, "PORT": options.port}
    environment |= {f"COGNATE_{name}": str(value) for name, value in given.items() if value}
    if options.public:
        environment["COGNATE_PUBLIC"] = "true"
    settings = Settings.from_env(environment)
    directory = _index(options)
    # to be asked to end is no failure; uvicorn gives itself the signal again when it is done
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ThreadPoolExecutor(1) as opener:
        # the files are hashed and opened while the web framework, as slow, is imported
        opening = opener.submit(
            SearchEngine.open,
            directory,
            settings.limits,
            settings.reranking,
            n_cached=settings.cache,
        )
        import uvicorn

        from service.app import create_app
    # a damaged index, or none, is refused in one line before the server starts
    engine = opening.result()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    line = f"serving {counted(engine.n_articles, 'article')} on http://{host}:{settings.port}"
    config = uvicorn.Config(
        create_app(settings, engine),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=10,
        # the longest question has room in an address, also where each character is %-escaped
        h11_max_incomplete_event_size=_ESCAPED_BYTES * settings.max_query_chars + _REQUEST_BYTES,
    )
    return _run_server(config, line)


def _run_server(config: "uvicorn.Config", line: str) -> int:
    """Serve until asked to end; say `line` when the port is ours."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: "list[socket] | None" = None) -> None:
            await super().startup(sockets)
            _say(line)

    try:
        Server(config).run()
    except KeyboardInterrupt:
        return 0
    except SystemExit as error:
        # uvicorn has said why it could not start; its own status means nothing here
        return 1 if error.code else 0
    return 0


def _search(options: argparse.Namespace) -> int:
    from service.query import Query

    query = Query(
        text=options.question,
        filters=_filters(options),
        mode=options.mode,
        sort=options.sort,
        limit=options.limit,
        cursor=options.cursor,
        min_match=options.min_match,
        prefer=options.prefer,
        facets=tuple(dict.fromkeys(options.facet)),
        explain=options.explain,
    )
    with closing(_walked_engine(_index(options), query)) as engine:
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

    query = to_similar_query(options, _filters(options))
    with closing(_walked_engine(_index(options), query)) as engine:
        results = engine.similar(query)
    if options.json:
        # one article, and nothing else: the answer of GET /v1/articles/{id}/similar
        is_one = len(results.positive) == 1 and len(options.ids) == 1 and not query.negative
        asked = {"article_id": results.positive[0].article_id} if is_one else {}
        _print_json(asked | similar_to_wire(results))
        return 0
    return _list(results)


def _export(options: argparse.Namespace) -> int:
    from service.exports.console import to_asked, write
    from service.search import SearchEngine

    asked = to_asked(options, _filters(options))
    with closing(SearchEngine.open(_index(options))) as engine:
        written = write(options, engine.export(asked, options.limit, versions=options.versions))
    if written:
        _say(written)
    return 0


def _related(options: argparse.Namespace) -> int:
    from service.related.console import to_related_query, write_files
    from service.related.report import write_report
    from service.related.wire import related_to_wire
    from service.search import SearchEngine

    query = to_related_query(options, _filters(options))
    with closing(SearchEngine.open(_index(options))) as engine:
        results = engine.related(query)
    written = write_files(results, options)
    if options.json:
        _print_json(related_to_wire(results, ["bibtex", "patch"]))
    elif not written:
        print(write_report(results, "markdown"), end="")
    for line in written:
        _say(line)
    return 0


def _show(results: "Results", options: argparse.Namespace, asked: dict[str, object]) -> int:
    from service.schemas import results_to_wire

    if options.json:
        _print_json(asked | results_to_wire(results, []))
        return 0
    return _list(results)


def _list(results: "Results") -> int:
    from service.listing import no_hits_line, results_to_lines

    for line in results_to_lines(results):
        print(line)
    if not results.hits:
        _say(no_hits_line(results))
    return 0


def _inspect(options: argparse.Namespace) -> int:
    from index.inspection import (
        describe,
        describe_report,
        describe_versions,
        to_lines,
        versions_to_lines,
    )

    directory = _index(options)
    description = describe(directory)
    if options.report:
        description["report"] = describe_report(directory)
    if options.versions:
        families = describe_versions(directory)
        description["n_works_of_several_versions"] = len(families)
        description["versions"] = families if options.json else versions_to_lines(families)
    if options.json:
        _print_json(description)
    else:
        print("\n".join(to_lines(description)))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from index.snapshot import SNAPSHOTS, current_name, verify

    directory = _index(options)
    name = current_name(directory)
    manifest = verify(directory / SNAPSHOTS / name)
    if options.json:
        _print_json({"snapshot": name, "n_files": len(manifest.files), "is_whole": True})
    else:
        print(f"{name}: {len(manifest.files)} files are as they were published")
    return 0
