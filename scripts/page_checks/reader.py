"""A reader of the page: a browser, and what of a page is looked at."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page

TIMEOUT_MS = 60_000
_NUMBER = re.compile(r"[\d,]+")


@dataclass(slots=True)
class Reader:
    """Opens pages in contexts of their own; `errors` are those of their scripts."""

    browser: Browser
    url: str
    errors: list[str] = field(default_factory=list)

    @contextmanager
    def page(self, path: str = "/", **options: object) -> Iterator[Page]:
        """Open a page until the block ends."""
        context = self.browser.new_context(base_url=self.url, **options)  # type: ignore[arg-type]  # any
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self._heard(said))
        page.goto(path)
        try:
            yield page
        finally:
            context.close()

    def _heard(self, said: ConsoleMessage) -> None:
        # a page may well answer 404 or 400
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.errors.append(said.text)


def address(path: str = "/", **asked: object) -> str:
    """Give the address of a state of the page."""
    given = {name.rstrip("_"): value for name, value in asked.items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def until_asked(page: Page, name: str, value: str | None = None) -> None:
    """Wait until the address asks for something, by any value or by this one, and it is shown."""

    def is_asked(url: str) -> bool:
        values = parse_qs(urlsplit(url).query).get(name, [])
        return bool(values) if value is None else value in values

    page.wait_for_url(is_asked)
    settled(page)


def settled(page: Page) -> None:
    """Wait for an answer in place."""
    page.locator("body:not([aria-busy])").wait_for()


def total(page: Page) -> int:
    """Give the number of articles that a page says there are."""
    count = page.locator("#count b")
    if not count.count():
        return 0
    number = _NUMBER.search(count.inner_text())
    return int(number[0].replace(",", "")) if number else 0


def ids(page: Page) -> list[str]:
    """Give the articles of a page, in their order."""
    links = page.locator("#results .hit h2 a").evaluate_all(
        "links => links.map(link => link.pathname)"
    )
    return [unquote(link.removeprefix("/articles/")) for link in links]


def boxes(page: Page, name: str) -> dict[str, int]:
    """Give the names of a filter, and the count beside each."""
    found = page.locator(f"#{name}-values li").evaluate_all(
        "all => all.filter(one => one.querySelector('input')).map(one => "
        "[one.querySelector('input').value, one.querySelector('.n').textContent])"
    )
    return {value: int(count.replace(",", "")) for value, count in found}


def durations(page: Page) -> dict[str, int]:
    """Give the counts beside the durations."""
    options = page.locator("#duration option").evaluate_all(
        "all => all.map(one => [one.value, one.textContent])"
    )
    counts = {value: _NUMBER.search(text.partition("(")[2]) for value, text in options}
    return {value: int(count[0].replace(",", "")) for value, count in counts.items() if count}


def asked(page: Page) -> dict[str, list[str]]:
    """Give what the address of a page asks."""
    return parse_qs(urlsplit(page.url).query)
