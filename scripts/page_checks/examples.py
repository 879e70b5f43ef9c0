"""Examples: collected from an answer by keys, and the answer that they become."""

from playwright.sync_api import expect

from scripts.page_checks.answers import DURATIONS, FACETS
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
)
from scripts.page_checks.service import Api, ids_of


def collect(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Like one article, like another less, and find what is like these."""
    with reader.page(address(q=drawn.walked)) as page:
        shown = ids(page)
        for key, number in (("m", 1), ("l", 2)):
            page.keyboard.press("ArrowDown")
            page.keyboard.press(key)
            expect(page.locator(".tray li")).to_have_count(number, timeout=TIMEOUT_MS)
            settled(page)
        page.get_by_role("link", name="Find articles like these").click()
        page.wait_for_url("**/similar?**")
        like, unlike = asked(page)["like"], asked(page)["unlike"]
        ledger.equal("examples", "collected", [*like, *unlike], shown[:2])
        body = {
            "positive": [{"article_id": one} for one in like],
            "negative": [{"article_id": one} for one in unlike],
        }
        answer = api.similar(**body, facets=list(FACETS.values()))
        ledger.equal("examples", "articles", ids(page), ids_of(answer))
        ledger.equal("examples", "total", total(page), answer["total"])
        for name, field in FACETS.items():
            counts = {one["value"]: one["count"] for one in answer["facets"][field]}
            # without an answer there are no boxes
            seen = boxes(page, name) if answer["total"] else counts
            ledger.equal("examples", field, seen, counts)
        spans = {
            name: api.similar(**body, filters={"published_from": since}, limit=1)["total"]
            for name, since in DURATIONS.items()
        }
        ledger.equal("examples", "durations", durations(page), spans)


def article(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Open an article: those like it are the API's, and each format to cite it is there."""
    with reader.page(address(q=drawn.walked)) as page:
        article_id = ids(page)[0]
        page.locator(".hit h2 a").first.click()
        page.wait_for_url("**/articles/**")
        found = api.similar(positive=[{"article_id": article_id}], limit=10, min_match=0.0)
        ledger.equal("article", "similar", ids(page), ids_of(found))
        for name in ("Reference", "BibTeX", "RIS", "CSL-JSON"):
            link = page.get_by_role("link", name=name, exact=True)
            text = api.get(link.get_attribute("href") or "").text.strip()
            link.click()
            expect(page.locator("#citation")).to_have_text(text, timeout=TIMEOUT_MS)
            ledger.equal(
                "article", f"cited as {name}", page.locator("#citation").inner_text(), text
            )
