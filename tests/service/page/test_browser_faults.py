"""Faults in a browser: what is too large, or not there, is a page with a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.settings import Settings

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
TOO_LONG = "Bees have been shown to dance for others at home. " * 30_000


@pytest.mark.parametrize("has_script", [True, False])
def test_a_draft_that_is_too_large_is_refused_in_a_sentence(
    opened: Open, tmp_path: Path, has_script: bool
) -> None:
    assert len(TOO_LONG) > Settings().max_body_bytes
    page = opened("/related-work", java_script_enabled=has_script)
    if has_script:
        page.locator("#draft").fill(TOO_LONG)
    else:
        (tmp_path / "long.md").write_text(TOO_LONG, encoding="utf-8")
        page.locator('[name="draft_file"]').set_input_files(tmp_path / "long.md")
    page.get_by_role("button", name="Find related work").click()

    expect(page.get_by_role("alert")).to_contain_text("larger than 1,048,576 bytes")
    expect(page.get_by_role("alert")).to_contain_text("Send the draft in parts")
    page.go_back()
    expect(page.locator("#draft-form")).to_be_visible()


def test_an_address_that_is_none_leads_to_the_pages(opened: Open) -> None:
    page = opened("/nowhere")
    expect(page.get_by_role("alert")).to_contain_text("Nothing is served at this path.")
    page.get_by_role("alert").get_by_role("link", name="Search").click()
    expect(page.locator("#count")).to_be_visible()
