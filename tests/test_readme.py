"""The README says what the code does: its tables are compared, its figures have a source."""

import re
from pathlib import Path

import pytest

from service.cli import main
from service.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings_table() -> str:
    """Write the settings as the README's table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for variable, default, about in Settings.table():
        shown = "none" if default in (None, ()) else f"`{str(default).lower()}`"
        lines.append(f"| `{variable}` | {shown} | {about.description} ({about.unit}) |")
    return "\n".join(lines)


def test_readme_lists_every_setting_with_its_default() -> None:
    assert settings_table() in README


def test_readme_names_no_command_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    named = set(re.findall(r"`cognate ([a-z]+)", README))
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert named
    assert all(re.search(rf"^    {name}\b", shown, re.MULTILINE) for name in named)


def test_every_results_file_the_readme_names_is_committed() -> None:
    named = re.findall(r"scripts/results/[\w.-]+", README)
    assert named
    assert all((ROOT / name).is_file() for name in named)


def test_every_relative_link_of_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert targets
    assert all((ROOT / target).exists() for target in targets)
