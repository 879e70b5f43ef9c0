"""Groups of options that the console commands are made of."""

import argparse
from pathlib import Path

MODES = ("hybrid", "semantic", "lexical")
SORTS = ("relevance", "recency")
PREFERENCES = ("published", "earliest", "newest")
FORMATS = ("bibtex", "ris", "csl-json", "csv", "jsonl")


def add_models(build: argparse.ArgumentParser) -> None:
    """Add what a build says of its models."""
    build.add_argument("--model", help="a sentence-transformers model, by name or folder")
    for kind, texts in (("query", "questions"), ("passage", "articles")):
        build.add_argument(
            f"--{kind}-prompt", metavar="TEXT", help=f"what the model wants before {texts}"
        )
    build.add_argument("--pooling", metavar="MODE", help="how the model's word pieces are pooled")
    build.add_argument(
        "--no-versions", dest="versions", action="store_false", help="let every article stand alone"
    )
    build.add_argument("--reranker", metavar="NAME", help="a cross-encoder, by name or folder")


def add_question(command: argparse.ArgumentParser) -> None:
    """Add a question and how it is answered."""
    command.add_argument("question")
    add_answer(command)
    _add_page(command)
    command.add_argument("--explain", action="store_true", help="tell how each hit came to be")


def add_answer(command: argparse.ArgumentParser) -> None:
    """Add how a question is answered."""
    choices = {
        "mode": MODES,
        "sort": SORTS,
        "prefer": PREFERENCES,
    }
    for name, known in choices.items():
        command.add_argument(f"--{name}", default=known[0], choices=known)


def add_examples(command: argparse.ArgumentParser) -> None:
    """Add examples of what is wanted and of what is not, and how they are answered."""
    command.add_argument("ids", nargs="*", metavar="ID", help="an article to be like")
    for name, what in (("like", "an article to be like"), ("unlike", "one to be unlike")):
        command.add_argument(f"--{name}", action="append", default=[], metavar="ID", help=what)
    for prefix, what in (("", "to be like"), ("unlike-", "to be unlike")):
        command.add_argument(
            f"--{prefix}text", action="append", default=[], metavar="TEXT", help=f"a text {what}"
        )
        command.add_argument(
            f"--{prefix}file",
            action="append",
            default=[],
            type=Path,
            metavar="FILE",
            help=f"BibTeX or RIS, each record {what}",
        )
    command.add_argument(
        "--diversity", type=float, default=0.0, metavar="D", help="0 to 1: spread the first hits"
    )
    for name, known in (("sort", SORTS), ("prefer", PREFERENCES)):
        command.add_argument(f"--{name}", default=known[0], choices=known)
    _add_page(command)


def has_examples(options: argparse.Namespace) -> bool:
    """Tell whether anything is given that articles are to be like or unlike."""
    names = ("ids", "like", "unlike", "text", "unlike_text", "file", "unlike_file")
    return any(getattr(options, name) for name in names)


def add_export(command: argparse.ArgumentParser) -> None:
    """Add what is exported, in which format, and where to."""
    command.add_argument("question", nargs="?", help="without one, all that pass the filters")
    command.add_argument(
        "--id", action="append", default=[], metavar="ID", help="an article, instead of a question"
    )
    command.add_argument("--format", required=True, choices=FORMATS)
    command.add_argument("--into", type=Path, metavar="FILE", help="write it there, not to stdout")
    add_answer(command)
    command.add_argument(
        "--min-match", type=float, metavar="P", help="the least probability; 0 ranks everything"
    )
    command.add_argument("--limit", type=int, metavar="N", help="at most so many articles")
    command.add_argument(
        "--versions", action="store_true", help="and the other versions of each work"
    )


def _add_page(command: argparse.ArgumentParser) -> None:
    """Add what is counted, from which probability on, and where to go on."""
    facets = ("authors", "journals", "years", "types")
    command.add_argument("--facet", action="append", default=[], choices=facets, help="count it")
    command.add_argument(
        "--min-match", type=float, metavar="P", help="the least probability; 0 ranks everything"
    )
    command.add_argument("--cursor", help="go on where a page ended")


def add_index(command: argparse.ArgumentParser) -> None:
    """Add the index that a command reads or changes."""
    command.add_argument(
        "--index", type=Path, metavar="DIR", help="the index (default: COGNATE_INDEX)"
    )


def add_filters(command: argparse.ArgumentParser) -> None:
    """Add the conditions that articles have to meet."""
    for name in ("author", "journal", "type", "language"):
        command.add_argument(f"--{name}", action="append", default=[], metavar=name.upper())
    command.add_argument("--from", dest="published_from", metavar="DATE", help="2024-03, or -P3M")
    command.add_argument("--to", dest="published_to", metavar="DATE", help="inclusive")


def add_check(command: argparse.ArgumentParser) -> None:
    """Add the text whose citations are checked, and what was handed over."""
    command.description = (
        "Check what a text cites, quotes and claims. Exit status 0: nothing is wrong; 3: a citation"
        " is wrong, retracted, unknown or outside of the bundle, or a quotation is not as it was"
        " written."
    )
    command.add_argument("file", metavar="FILE", help="the text; - reads it from stdin")
    command.add_argument("--bundle", metavar="ID", help="what was handed to the model")
    command.add_argument(
        "--min-match", type=float, metavar="P", help="the least probability that supports a claim"
    )


def add_context(command: argparse.ArgumentParser) -> None:
    """Add a question, and how much a prompt has room for."""
    command.add_argument("question")
    for name, default, what in (
        ("tokens", 2_000, "how long the text may be"),
        ("excerpts", 20, "the most excerpts"),
    ):
        command.add_argument(
            f"--max-{name}", type=int, default=default, metavar="N", help=f"{what} ({default})"
        )
    for name, known in (("mode", MODES), ("prefer", PREFERENCES)):
        command.add_argument(f"--{name}", default=known[0], choices=known)
    command.add_argument(
        "--min-match", type=float, metavar="P", help="the least probability; 0 takes everything"
    )
    command.add_argument(
        "--include-retracted", action="store_true", help="hand over retracted articles, too"
    )


def add_draft(command: argparse.ArgumentParser) -> None:
    """Add a draft, its bibliography, and where what is made of them goes."""
    command.add_argument("draft", type=Path, metavar="DRAFT", help="LaTeX, Markdown or plain text")
    command.add_argument(
        "--bib", type=Path, metavar="FILE", help="its bibliography: .bib, RIS or CSL-JSON"
    )
    command.add_argument(
        "--format",
        choices=("text", "latex", "markdown"),
        help="of the draft (default: as it looks)",
    )
    command.add_argument(
        "--neighbours", type=int, default=10, metavar="N", help="near the whole draft (10)"
    )
    command.add_argument(
        "--min-match", type=float, metavar="P", help="the least probability of a candidate"
    )
    command.add_argument(
        "--insert-from", type=float, default=0.5, metavar="P", help="what the patch inserts (0.5)"
    )
    command.add_argument(
        "--report", type=Path, metavar="FILE", help="write a report: .html, else Markdown"
    )
    command.add_argument("--bibtex", type=Path, metavar="FILE", help="write the new entries")
    command.add_argument("--patch", type=Path, metavar="FILE", help="write a unified diff")
