"""The commands that look at an index: inspect and verify."""

import argparse
from dataclasses import asdict
from pathlib import Path

from service.commands.given import named_index, print_json
from service.options import add_index


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add them to the console command."""
    inspect = commands.add_parser("inspect", help="describe an index")
    inspect.add_argument("--report", action="store_true", help="list every repaired record too")
    inspect.add_argument(
        "--versions", action="store_true", help="list works of several versions, and why"
    )
    inspect.add_argument(
        "--health", action="store_true", help="count what articles lack, and what was refused"
    )
    verify = commands.add_parser("verify", help="check every byte of an index")
    for command, run in ((inspect, _inspect), (verify, _verify)):
        command.add_argument("directory", nargs="?", type=Path, metavar="DIR")
        add_index(command)
        command.add_argument("--json", action="store_true", help="print the answer as JSON")
        command.set_defaults(run=run)


def _inspect(options: argparse.Namespace) -> int:
    from index.health import health_to_lines, read_health
    from index.inspection import (
        describe,
        describe_report,
        describe_versions,
        to_lines,
        versions_to_lines,
    )
    from index.snapshot import SNAPSHOTS, current_name

    directory = named_index(options)
    description = describe(directory)
    if options.report:
        description["report"] = describe_report(directory)
    if options.versions:
        families = describe_versions(directory)
        description["n_works_of_several_versions"] = len(families)
        description["versions"] = families if options.json else versions_to_lines(families)
    if options.health:
        health = read_health(directory / SNAPSHOTS / current_name(directory))
        description["health"] = asdict(health) if options.json else health_to_lines(health)
    if options.json:
        print_json(description)
    else:
        print("\n".join(to_lines(description)))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from index.snapshot import SNAPSHOTS, current_name, verify

    directory = named_index(options)
    name = current_name(directory)
    manifest = verify(directory / SNAPSHOTS / name)
    if options.json:
        print_json({"snapshot": name, "n_files": len(manifest.files), "is_whole": True})
    else:
        print(f"{name}: {len(manifest.files)} files are as they were published")
    return 0
