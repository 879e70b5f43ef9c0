"""The console command `cognate`: one more reader of the engine, and the way to a build.

Progress and errors go to stderr, answers to stdout. Exit status 0: done; 1: refused or
damaged; 2: wrong usage; 130: interrupted.
"""

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Callable, Sequence

from index.errors import CognateError
from service.commands import asking, describing, keys, serving, writing
from service.commands.given import say
from service.tools import console

# what a command needs is imported when it runs: `cognate --version` starts no engine


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console command and give its exit status."""
    options = _parser().parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        status = run(options)
        # what is still in the buffer may find nobody to read it
        _flush()
    except CognateError as error:
        say(f"cognate: {error}")
        return 1
    except BrokenPipeError:
        # the reader of our output has gone (`cognate search … | head`); nothing is wrong
        _drop_output()
        return 0
    except OSError as error:
        # a full disk behind stdout, a file of the index that may not be read
        _drop_output()
        say(f"cognate: {error}")
        return 1
    except KeyboardInterrupt:
        say("cognate: interrupted; the same command goes on where it was")
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
    writing.add_commands(commands)
    serving.add_command(commands)
    asking.add_commands(commands)
    describing.add_commands(commands)
    console.add_commands(commands)
    keys.add_command(commands)
    return parser
