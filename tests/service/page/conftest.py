"""Fixtures of the page in a browser: the sample library, served, and Debian's Chromium."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from scripts.browser import CHROMIUM, open_browser
from scripts.known_items import SAMPLE
from tests.service.page.serving import serve

AXE = Path(__file__).parents[3] / "scripts" / "axe" / "node_modules" / "axe-core" / "axe.min.js"


def missing(what: str) -> None:
    """Skip a test whose tool is not here; where all tools have to be, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium once.

    Not for the session: its driver's event loop runs as long, and no test may start its own.
    """
    if CHROMIUM is None:
        missing("there is no chromium here; on Debian: apt install chromium")
    assert CHROMIUM is not None
    with open_browser(CHROMIUM) as opened:
        yield opened


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the sample library once."""
    with serve([SAMPLE], tmp_path_factory.mktemp("sample")) as served:
        yield served


@pytest.fixture(scope="session")
def seed_address(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the listing of a discovery page once."""
    listing = shared_data / "seed" / "listing.txt"
    with serve([listing], tmp_path_factory.mktemp("seed")) as served:
        yield served


@pytest.fixture
def api(address: str) -> Iterator[httpx.Client]:
    """Ask the same service without a browser."""
    with httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; no script of theirs may fail."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        # a page may well answer 404 or 400
        if said.type == "error" and "Failed to load resource" not in said.text:
            errors.append(said.text)

    def open_page(path: str = "/", **options: object) -> Page:
        context = browser.new_context(base_url=address, **options)  # type: ignore[arg-type]  # any
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", heard)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def axe() -> str:
    """Give the rules of accessibility, as a script."""
    if not AXE.is_file():
        missing("axe-core is not here; scripts/test fetches it where there is npm")
    return AXE.read_text(encoding="utf-8")
