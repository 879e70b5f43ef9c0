"""What every console command does with its options and its answer."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from index.errors import CognateError

if TYPE_CHECKING:
    from service.query import Filters


def say(line: str) -> None:
    """Write a line to stderr: progress and errors."""
    print(line, file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Print an answer as JSON."""
    print(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def named_index(options: argparse.Namespace) -> Path:
    """Give the folder of the index that the options, or COGNATE_INDEX, name."""
    given = getattr(options, "directory", None) or options.index or os.environ.get("COGNATE_INDEX")
    if not given:
        message = "no index was named; give --index DIR or set COGNATE_INDEX"
        raise CognateError(message)
    return Path(given)


def given_filters(options: argparse.Namespace) -> "Filters":
    """Give the filters that the options ask for."""
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
