"""The console commands of tools: `cognate mcp` and `cognate tools`."""

import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from service.commands.given import named_index, print_json
from service.options import add_index


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add them to the console command."""
    mcp = commands.add_parser("mcp", help="serve an index to a language model by MCP over stdio")
    add_index(mcp)
    mcp.set_defaults(run=_mcp)
    tools = commands.add_parser("tools", help="print the schemas of the tools for OpenAI's APIs")
    tools.add_argument("--form", choices=("chat", "responses"), default="chat")
    tools.set_defaults(run=_tools)


def _mcp(options: argparse.Namespace) -> int:
    from service.tools.stdio import own_stdout

    with own_stdout() as wire:
        return _serve(options, wire)


def _serve(options: argparse.Namespace, wire: int) -> int:
    from service.fallback import open_whole
    from service.holder import EngineHolder
    from service.opening import older_snapshots, open_engine
    from service.settings import Settings
    from service.tools.stdio import serve_stdio

    directory = named_index(options)
    settings = Settings.from_env({**os.environ, "COGNATE_INDEX": str(directory)})
    with ThreadPoolExecutor(1) as opener:
        # the files are hashed and opened while the SDK, as slow, is imported
        opening = opener.submit(open_whole, directory, partial(open_engine, settings))
        import service.tools.protocol  # noqa: F401

    # a damaged index, or none, is refused in one line before a word is said
    holder = EngineHolder(opening.result(), older_snapshots(settings))
    serve_stdio(holder, settings, wire)
    return 0


def _tools(options: argparse.Namespace) -> int:
    from service.tools.catalogue import TOOLS
    from service.tools.schemas import to_form

    print_json(to_form(TOOLS, options.form))
    return 0
