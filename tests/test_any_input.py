"""What the readers and the API were given is counted; the documentation shows what came of it."""

import json
from pathlib import Path

from scripts import any_input

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "scripts" / "results" / "reliability_input.json"

REPORT = """<testsuites><testsuite>
<testcase name="{reads}[RIS-20]"><properties><property name="inputs" value="20"/></properties>
</testcase>
<testcase name="{reads}[JSON-20]"><failure message="x"/></testcase>
<testcase name="{reads}[nbib-20]"><error message="x"/></testcase>
<testcase name="{asks}[get]"><properties><property name="inputs" value="7"/></properties>
</testcase>
</testsuite></testsuites>"""


def test_inputs_are_counted_by_subject_and_what_failed_is_named() -> None:
    reads, asks, by_socket = any_input.SUBJECTS

    read, asked, not_asked = any_input.rows_of(REPORT.format(reads=reads, asks=asks).encode())

    failed = [f"{reads}[JSON-20]", f"{reads}[nbib-20]"]
    assert (read["tests"], read["inputs"], read["failed"]) == (3, 20, failed)
    assert (asked["tests"], asked["inputs"], asked["failed"]) == (1, 7, [])
    assert (not_asked["test"], not_asked["tests"]) == (any_input.SUBJECTS[by_socket], 0)


def test_as_many_were_given_as_were_wanted_and_none_failed() -> None:
    results = json.loads(RESULTS.read_text())
    read, asked, by_socket = results["rows"]

    assert [row["failed"] for row in results["rows"]] == [[]] * 3
    assert read["fewest"] >= 20_000
    assert min(asked["inputs"], by_socket["inputs"]) >= 5_000
    assert asked["inputs"] + by_socket["inputs"] >= 10_000
    assert any_input.to_table(results) in (ROOT / "docs" / "reliability.md").read_text()
