"""Answers: searched, narrowed, ordered, walked to their end, brushed; each count is the API's."""

import re

from playwright.sync_api import Page, expect

from scripts.page_checks.drawn import Drawn
from scripts.page_checks.ledger import Ledger
from scripts.page_checks.reader import (
    TIMEOUT_MS,
    Reader,
    address,
    asked,
    boxes,
    durations,
    ids,
    settled,
    total,
    until_asked,
)
from scripts.page_checks.service import Api, ids_of

DURATIONS = {"any": None, "-P1M": "-P1M", "-P3M": "-P3M", "-P1Y": "-P1Y", "-P5Y": "-P5Y"}
FACETS = {"author": "authors", "journal": "journals", "type": "types"}
PAGE_LIMIT = 100


def search(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Ask each question in the box: articles, total, facets and durations are the API's."""
    with reader.page() as page:
        for question in drawn.questions:
            page.get_by_role("searchbox", name="Question").fill(question)
            page.keyboard.press("Enter")
            until_asked(page, "q", question)
            _same_answer(page, api, ledger, "search", question, q=question)


def _same_answer(
    page: Page, api: Api, ledger: Ledger, behaviour: str, what: str, **asked: object
) -> None:
    answer = api.search(**asked, facet=list(FACETS.values()))
    ledger.equal(behaviour, f"articles of {what}", ids(page), ids_of(answer))
    ledger.equal(behaviour, f"total of {what}", total(page), answer["total"])
    for name, field in FACETS.items():
        counts = {one["value"]: one["count"] for one in answer["facets"][field]}
        ledger.equal(behaviour, f"{field} of {what}", boxes(page, name), counts)
    others = {name: value for name, value in asked.items() if name not in ("from_", "to")}
    counts = {name: api.total(**others, from_=since) for name, since in DURATIONS.items()}
    ledger.equal(behaviour, f"durations of {what}", durations(page), counts)


def narrow(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Tick boxes one after the other: what is beside a box is what it leaves."""
    with reader.page(address(q=drawn.walked)) as page:
        chosen: dict[str, object] = {}
        for name in FACETS:
            value, count = next(iter(boxes(page, name).items()))
            page.locator(f'#{name}-values input[value="{_quoted(value)}"]').click()
            until_asked(page, name, value)
            chosen[name] = value
            ledger.equal("filter", f"{name} {value}", total(page), count)
            _same_answer(page, api, ledger, "filter", f"{name} {value}", q=drawn.walked, **chosen)
        ledger.equal("filter", "chips", page.locator(".chip").count(), len(chosen))
        page.go_back()
        page.wait_for_url(lambda url: "type=" not in url)
        settled(page)
        ledger.equal("filter", "back", page.locator(".chip").count(), len(chosen) - 1)


def find_names(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Type the beginning of an author's name: the names are those that the API finds."""
    beginning = re.split(r"\W+", drawn.author)[0][:4]
    with reader.page(address(q=drawn.walked)) as page:
        before = boxes(page, "author")
        page.get_by_label("Find in authors").fill(beginning)
        expect(page.locator("#status")).to_contain_text("name", timeout=TIMEOUT_MS)
        found = api.search(q=drawn.walked, facet_query=f"authors:{beginning}", limit=1)
        counts = {one["value"]: one["count"] for one in found["facets"]["authors"]}
        ledger.equal("names typed", beginning, boxes(page, "author"), counts)
        ledger.holds("names typed", "before", is_so=bool(before))


def order(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Turn to the newest first, and walk the answer to its end in both orders."""
    limit = min(PAGE_LIMIT, max(1, drawn.n_walked // 3))
    with reader.page(address(q=drawn.walked, limit=limit)) as page:
        for sort in ("relevance", "recency"):
            if sort == "recency":
                page.get_by_role("link", name="Recency").click()
                until_asked(page, "sort", "recency")
            found, n_pages = _walked(page)
            pages = [one for one, _ in api.walk(q=drawn.walked, sort=sort, limit=limit)]
            ledger.equal("sort", sort, found[:limit], pages[0])
            ledger.equal("pages to the end", sort, found, [one for ids in pages for one in ids])
            ledger.equal("pages to the end", f"{sort}: each once", len(set(found)), total(page))
            ledger.found["pages_walked"] = n_pages
            ledger.found["articles_walked"] = len(found)


def _walked(page: Page) -> tuple[list[str], int]:
    """Go on to the last page; give the articles of all, and how many pages there were."""
    found, n_pages = ids(page), 1
    while (following := page.get_by_role("link", name="Next page")).count():
        # by a key: articles that come into sight on the way move the link under a mouse
        following.press("Enter")
        # ranks are written with commas
        expect(page.locator("#count")).to_contain_text(
            f"showing {len(found) + 1:,} to", timeout=TIMEOUT_MS
        )
        settled(page)
        found, n_pages = found + ids(page), n_pages + 1
    return found, n_pages


def browse(reader: Reader, api: Api, _: Drawn, ledger: Ledger) -> None:
    """Walk all articles, newest first, to the last one, and look at pages on the way."""
    found: list[str] = []
    cursors: list[tuple[str | None, list[str]]] = []
    for page_ids, cursor in api.walk(limit=PAGE_LIMIT):
        found += page_ids
        cursors.append((cursor, page_ids))
    everything = api.total()
    ledger.equal("browse to the end", "each once", (len(found), len(set(found))), (everything,) * 2)
    took = {}
    for name, place in (("first", 0), ("middle", len(cursors) // 2), ("last", -1)):
        cursor, page_ids = cursors[place]
        with reader.page(address(cursor=cursor, limit=PAGE_LIMIT)) as page:
            ledger.equal("browse to the end", f"{name} page", ids(page), page_ids)
            ledger.equal("browse to the end", f"{name} total", total(page), everything)
            took[name] = page.locator(".took").inner_text().removeprefix("in ")
    ledger.found["articles_browsed"] = len(found)
    ledger.found["browse_page_of_100_took"] = took


def brush(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Choose years with the mouse, then by keys."""
    with reader.page(address(q=drawn.walked)) as page:
        bars = page.locator(".years a")
        first, last = bars.nth(bars.count() // 3), bars.nth(bars.count() * 2 // 3)
        start, end = first.bounding_box(), last.bounding_box()
        years = [first.get_attribute("data-first"), last.get_attribute("data-last")]
        if start and end:
            page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 5)
            page.mouse.down()
            page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 5, steps=4)
            page.mouse.up()
        until_asked(page, "from")
        chosen = asked(page)
        ledger.equal("brush", "by mouse", [chosen["from"][0], chosen["to"][0]], years)
        span = {"from_": years[0], "to": years[1]}
        _same_answer(page, api, ledger, "brush", "years", q=drawn.walked, **span)
    with reader.page(address(q=drawn.walked)) as page:
        slider = page.get_by_role("slider", name="First year")
        slider.focus()
        page.keyboard.press("ArrowRight")
        until_asked(page, "from")
        chosen = asked(page)
        span = {"from_": chosen["from"][0], "to": chosen["to"][0]}
        ledger.equal("brush", "by keys", total(page), api.total(q=drawn.walked, **span))


def spell(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Ask with typing errors: what is offered finds as much as it says."""
    with reader.page(address(q=drawn.slip)) as page:
        ledger.equal("spelling", drawn.slip, total(page), api.total(q=drawn.slip))
        offered = page.locator(".respelled a")
        said = offered.evaluate_all(
            "all => all.map(one => [one.textContent, one.nextSibling.data])"
        )
        for words, count in said:
            number = int(re.sub(r"\D", "", count.partition("article")[0]))
            ledger.equal("spelling", words, number, api.total(q=words))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
