"""Give the readers and the API whatever there is, by the tests that do so, and count it.

    python -m scripts.any_input --results scripts/results/reliability_input.json
    python -m scripts.any_input --smoke               as much as the suite gives them
    python -m scripts.any_input --table FILE.json     the results as a table

Nothing here is timed: it may run beside other work. It takes some half an hour.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from scripts.provenance import provenance

READERS = "tests/index/sources/test_recognition.py"
API = "tests/service/test_any_request.py"

SUBJECTS = {
    "test_any_bytes_and_any_damage_give_records_refusals_or_a_source_error": (
        "any bytes, and samples that are damaged, read as each format"
    ),
    "test_any_request_is_answered_as_described": (
        "requests such as the API describes and such as it does not, in the process"
    ),
    "test_any_request_is_answered_as_described_over_a_socket": "the same, over a socket",
}
"""What each test does, by its name."""
INPUTS = "inputs"
"""What a test records as the number of its inputs."""


def count(*, is_smoke: bool) -> list[dict[str, Any]]:
    """Run the tests; give a row for each subject: tests, inputs, and what failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        chosen = ["-k", " or ".join(SUBJECTS), "-m", "not slow" if is_smoke else "slow"]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", READERS, API]
        # the form that has the properties of a test
        reported = ["-o", "junit_family=xunit1", f"--junit-xml={report}"]
        subprocess.run([*command, *chosen, *reported], check=False)
        return rows_of(report.read_bytes())


def rows_of(report: bytes) -> list[dict[str, Any]]:
    """Give the rows that a report of pytest tells, in the form of JUnit."""
    cases = list(etree.fromstring(report).iter("testcase"))
    return [_row(name, [case for case in cases if _name(case) == name]) for name in SUBJECTS]


def _name(case: Any) -> str:  # noqa: ANN401 - of lxml
    return str(case.get("name")).partition("[")[0]


def _row(name: str, cases: Sequence[Any]) -> dict[str, Any]:
    counts = [
        int(one.get("value"))
        for case in cases
        for one in case.iter("property")
        if one.get("name") == INPUTS
    ]
    failed = [
        case.get("name")
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    return {
        "test": SUBJECTS[name],
        "tests": len(cases),
        "inputs": sum(counts),
        "fewest": min(counts, default=0),
        "failed": failed,
    }


def to_table(results: dict[str, Any]) -> str:
    """Write the results as the table of the documentation."""
    lines = [
        "| test | tests | inputs | failed | command |",
        "|---|---:|---:|---|---|",
    ]
    for one in results["rows"]:
        failed = len(one["failed"]) or "none"
        lines.append(
            f"| {one['test']} | {one['tests']} | {one['inputs']:,} | {failed} "
            "| `scripts.any_input` |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, and print what was counted; the status is 1 where a test failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    parser.add_argument("--table", type=Path, metavar="FILE.json")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args(arguments)
    if options.table:
        print(to_table(json.loads(options.table.read_text())))
        return 0
    figures = {"rows": count(is_smoke=options.smoke)}
    print(json.dumps(figures, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    return 1 if any(row["failed"] for row in figures["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main())
