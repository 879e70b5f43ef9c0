"""Ways to read: by keys alone, without a script, on a narrow screen, in the dark, by axe-core."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from scripts.page_checks.drawn import Drawn
from scripts.page_checks.ledger import Ledger
from scripts.page_checks.reader import Reader, address, asked, boxes, ids, total, until_asked
from scripts.page_checks.service import Api, ids_of

AXE = Path(__file__).parents[1] / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = 320
_SCROLLED = """async () => {
    for (const one of document.querySelectorAll('.hit')) {
        one.scrollIntoView();
        await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }
    window.scrollTo(0, 0);
}"""
MOST_BYTES = 150_000


def paths(drawn: Drawn) -> Mapping[str, str]:
    """Give a page of every kind, of this index."""
    return {
        "home": "/",
        "search": address(q=drawn.walked, like=drawn.article_id),
        "narrowed": address(q=drawn.walked, author=drawn.author, from_="1900"),
        "spelling": address(q=drawn.slip),
        "empty": address(author="Nobody Atall", type="review"),
        "article": f"/articles/{drawn.article_id}",
        "examples": address("/similar", like=drawn.article_id, unlike_text=drawn.walked),
        "related work": "/related-work",
        "fault": "/?from=soon",
        "missing": "/articles/none",
        "nowhere": "/nowhere",
    }


def by_keys(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Ask, go to the second article, open it and come back, without a mouse."""
    with reader.page() as page:
        page.locator("#count").focus()
        page.keyboard.press("/")
        page.keyboard.type(drawn.walked)
        page.keyboard.press("Enter")
        until_asked(page, "q", drawn.walked)
        shown = ids(page)
        ledger.equal("keyboard only", "answer", shown, ids_of(api.search(q=drawn.walked)))
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/articles/**")
        opened = page.locator("#identifier").inner_text()
        ledger.equal("keyboard only", "opened", opened, shown[1])
        page.go_back()
        page.wait_for_selector(".hit")
        ledger.equal("keyboard only", "back", ids(page), shown)


def without_script(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Do all of it by forms and links."""
    with reader.page(java_script_enabled=False) as page:
        page.get_by_role("searchbox", name="Question").fill(drawn.walked)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        _same(page, api, ledger, q=drawn.walked)
        value, count = next(iter(boxes(page, "author").items()))
        page.locator("#author-values input").first.check()
        page.get_by_role("button", name="Apply").click()
        ledger.equal("no script", "filter", total(page), count)
        _same(page, api, ledger, q=drawn.walked, author=value)
        page.locator("#duration").select_option("-P5Y")
        page.get_by_role("button", name="Apply").click()
        _same(page, api, ledger, q=drawn.walked, author=value, from_="-P5Y")
        page.goto(address(q=drawn.walked, limit=1))
        page.get_by_role("link", name="Recency").click()
        _same(page, api, ledger, q=drawn.walked, sort="recency", limit=1)
        like = ids(page)
        page.locator("a.like").first.click()
        page.get_by_role("link", name="Find articles like these").click()
        ledger.equal("no script", "example", asked(page)["like"], like)
        found = api.similar(positive=[{"article_id": like[0]}], limit=1)
        ledger.equal("no script", "like it", total(page), found["total"])
        _upload(page, drawn, ledger)


def _upload(page: Page, drawn: Drawn, ledger: Ledger) -> None:
    """Send a draft as a file; its sentences are answered as if they had been pasted."""
    page.goto("/related-work")
    page.locator('input[name="draft_file"]').set_input_files(
        {"name": "draft.md", "mimeType": "text/markdown", "buffer": drawn.draft.encode()}
    )
    page.get_by_role("button", name="Find related work").click()
    sent = page.locator("#count").inner_text().partition(" in ")[0]
    page.goto("/related-work")
    page.locator("#draft").fill(drawn.draft)
    page.get_by_role("button", name="Find related work").click()
    pasted = page.locator("#count").inner_text().partition(" in ")[0]
    ledger.equal("no script", "a draft as a file", sent, pasted)
    ledger.holds("no script", "sentences", is_so=bool(page.locator(".claim").count()))


def _same(page: Page, api: Api, ledger: Ledger, **wanted: object) -> None:
    answer = api.search(**wanted)
    ledger.equal("no script", f"articles of {wanted}", ids(page), ids_of(answer))
    ledger.equal("no script", f"total of {wanted}", total(page), answer["total"])


def narrow_screen(reader: Reader, _: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Look at every kind of page on a narrow screen, with all that opens open."""
    with reader.page(viewport={"width": NARROW, "height": 700}) as page:
        for name, path in paths(drawn).items():
            page.goto(path)
            for one in page.locator(".toggle, .menu summary").all():
                one.click()
            width = page.evaluate("document.documentElement.scrollWidth")
            ledger.equal("narrow screen", name, width, NARROW)


def by_axe(reader: Reader, _: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Look for violations on every kind of page, in light and in dark."""
    if not AXE.is_file():
        ledger.found["axe"] = "not here: npm ci --prefix scripts/axe"
        return
    script = AXE.read_text(encoding="utf-8")
    for scheme in ("light", "dark"):
        with reader.page(color_scheme=scheme) as page:
            for name, path in paths(drawn).items():
                page.goto(path)
                # an article that was never near the window has no size of its own yet
                page.evaluate(_SCROLLED)
                page.evaluate(script)
                ledger.equal(f"axe, {scheme}", name, _violations(page), [])


def _violations(page: Page) -> list[Any]:
    rules = {"runOnly": {"type": "tag", "values": RULES}}
    found = page.evaluate("options => axe.run(document, options)", rules)
    return [
        (rule["id"], [one["html"][:200] for one in rule["nodes"]]) for rule in found["violations"]
    ]
