"""The command that draws an API key."""

import argparse
from pathlib import Path

from service.commands.given import say


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add it to the console command."""
    key = commands.add_parser("key", help="draw an API key, and keep its hash in a file")
    key.add_argument("name", metavar="NAME", help="whose key it is")
    key.add_argument("--into", required=True, type=Path, metavar="FILE", help="the file of hashes")
    key.set_defaults(run=_key)


def _key(options: argparse.Namespace) -> int:
    from service.api_keys import add_key

    key = add_key(options.into, options.name)
    say(f"the key of {options.name} is kept nowhere; serve with COGNATE_API_KEYS={options.into}")
    print(key)
    return 0
