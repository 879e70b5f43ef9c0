"""The page in a browser: what a reader does, with a script and without, by mouse and by keys."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.page import draw, measure

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
QUESTION = "emotion recognition from EEG"
ASKED = {"q": QUESTION, "min_match": "0"}
DRAFT = (
    "Sleep spindles have been shown to predict overnight memory for word pairs.\n"
    "Emotion recognition from EEG is known to degrade across subjects.\n"
)
PAGES = {
    "home": "/",
    "search": f"/?q={QUESTION}&min_match=0&author=Hyun-woo+Baek&from=2019&to=2026"
    "&like=doi:10.5555/cognate.affect.01&unlike=doi:10.5555/cognate.neuro.01",
    "empty": "/?author=Nobody&type=review",
    "fault": "/?from=soon",
    "article": "/articles/doi:10.5555/cognate.neuro.01",
    "examples": "/similar?like=doi:10.5555/cognate.affect.01&unlike=doi:10.5555/cognate.neuro.01",
    "related": "/related-work",
    "missing": "/articles/none",
    "nowhere": "/nowhere",
    "spelled": "/?q=emotoin+recgonitoin",
}
MOST_BYTES = 150_000


def asked(page: Page) -> dict[str, list[str]]:
    """Give what the address of a page asks."""
    return parse_qs(urlsplit(page.url).query)


def total(page: Page) -> int:
    """Give the number of articles that a page says there are."""
    words = page.locator("#count b").inner_text()
    return int(words.split()[0].replace(",", ""))


def ids(page: Page) -> list[str]:
    """Give the articles of a page, in their order."""
    links = page.locator(".hit h2 a").evaluate_all("links => links.map(link => link.pathname)")
    return [link.removeprefix("/articles/") for link in links]


def search(api: httpx.Client, **parameters: Any) -> Any:
    """Ask the API."""
    return api.get("/v1/search", params=parameters).raise_for_status().json()


def search_ids(answer: Any) -> list[str]:
    return [hit["article"]["article_id"] for hit in answer["hits"]]


def settled(page: Page) -> None:
    """Wait for an answer in place."""
    page.wait_for_function("!document.body.hasAttribute('aria-busy')")


def need_route(api: httpx.Client, path: str) -> None:
    if api.get(path).status_code == 404:
        pytest.skip(f"{path} is not served by this version")


def test_a_question_is_answered_in_place_as_the_api_answers_it(
    opened: Open, api: httpx.Client
) -> None:
    page = opened("/")
    page.evaluate("window.stays = true")
    page.get_by_role("searchbox", name="Question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".score").first).to_be_visible()
    answer = search(api, q=QUESTION)

    assert page.evaluate("window.stays")
    assert asked(page) == {"q": [QUESTION]}
    assert page.title().startswith(QUESTION)
    assert (ids(page), total(page)) == (search_ids(answer), answer["total"])
    expect(page.locator("#status")).to_contain_text(f"{answer['total']} articles")


def test_a_filter_counts_is_a_chip_and_back_lifts_it(opened: Open, api: httpx.Client) -> None:
    page = opened("/")
    box = page.get_by_role("checkbox", name=re.compile("^Conference paper"))
    count = int(box.locator("xpath=..").locator(".n").inner_text())
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator(".chip")).to_contain_text("Conference paper")

    assert asked(page) == {"type": ["conference-paper"]}
    assert total(page) == count == search(api, type="conference-paper")["total"]
    assert page.evaluate("document.activeElement.value") == "conference-paper"

    page.go_back()
    expect(page.locator(".chip")).to_have_count(0)
    assert total(page) == search(api)["total"]


def test_names_are_found_as_they_are_typed(opened: Open, api: httpx.Client) -> None:
    page = opened("/")
    page.get_by_label("Find in authors").fill("zo")
    expect(page.locator("#author-values li")).to_have_count(1)
    page.locator("#author-values input").click()
    expect(page.locator(".chip")).to_contain_text("Zoë Mørk")

    assert asked(page) == {"author": ["Zoë Mørk"]}
    assert total(page) == search(api, author="Zoë Mørk")["total"]


def test_the_order_changes_and_pages_lead_to_the_end(opened: Open, api: httpx.Client) -> None:
    page = opened("/?q=memory+and+sleep&min_match=0&limit=100")
    page.get_by_role("link", name="Recency").click()
    expect(page.locator("#count")).to_contain_text("newest first")
    found = ids(page)
    while page.get_by_role("link", name="Next page").count():
        page.get_by_role("link", name="Next page").click()
        expect(page.locator("#count")).to_contain_text(f"showing {len(found) + 1} to")
        found += ids(page)

    assert len(found) == len(set(found)) == total(page)
    answer = search(api, q="memory and sleep", min_match="0", sort="recency", limit=100)
    assert found[:100] == search_ids(answer)
    assert page.evaluate("window.scrollY") == 0


def test_years_are_brushed(opened: Open, api: httpx.Client) -> None:
    page = opened("/")
    bars = page.locator(".years a")
    first, last = bars.nth(2), bars.nth(4)
    years = [first.get_attribute("data-first"), last.get_attribute("data-last")]
    start, end = first.bounding_box(), last.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 5, steps=4)
    page.mouse.up()
    expect(page.locator(".chip")).to_contain_text(f"{years[0]} to {years[1]}")

    assert asked(page) == {"duration": ["custom"], "from": [years[0]], "to": [years[1]]}
    assert total(page) == search(api, **{"from": years[0], "to": years[1]})["total"]


def test_years_are_chosen_by_keys(opened: Open, api: httpx.Client) -> None:
    page = opened("/")
    slider = page.get_by_role("slider", name="First year")
    year = int(slider.input_value()) + 2
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".chip")).to_contain_text(str(year))

    assert asked(page)["from"] == [str(year)]
    assert total(page) == search(api, **{"from": str(year)}, to=asked(page)["to"][0])["total"]
    assert page.evaluate("document.activeElement.id") == "first-year"


def test_durations_are_counted_and_chosen(opened: Open, api: httpx.Client) -> None:
    page = opened("/?type=research-article")
    total = search(api, type="research-article", **{"from": "-P5Y"})["total"]
    expect(page.locator('#duration [value="-P5Y"]')).to_have_text(f"Last 5 years ({total})")
    page.locator("#duration").select_option("-P5Y")
    expect(page.locator("#count")).to_contain_text(f"{total} article")

    assert asked(page) == {"type": ["research-article"], "duration": ["-P5Y"]}


def test_examples_are_collected_by_keys_and_become_the_query(
    opened: Open, api: httpx.Client
) -> None:
    page = opened(f"/?q={QUESTION}&min_match=0")
    first, second, *_ = ids(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    expect(page.locator(".tray li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("l")
    expect(page.locator(".tray li")).to_have_count(2)
    assert set(asked(page)) == {"q", "min_match", "like", "unlike"}
    page.get_by_role("link", name="Find articles like these").click()
    expect(page.locator(".examples li")).to_have_count(2)

    like, unlike = asked(page)["like"], asked(page)["unlike"]
    assert {*like, *unlike} <= {first, second, *search_ids(search(api, **ASKED))}
    body = {"positive": [{"article_id": like[0]}], "negative": [{"article_id": unlike[0]}]}
    answer = api.post("/v1/similar", json=body).json()
    assert ids(page) == search_ids(answer)


def test_a_reader_needs_keys_only(opened: Open) -> None:
    page = opened(f"/?q={QUESTION}&min_match=0")
    page.locator("#count").focus()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("sleep and memory")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("sleep"))
    settled(page)
    shown = ids(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/**")
    assert page.url.endswith(shown[1])
    page.go_back()
    page.wait_for_selector(".hit")
    assert ids(page) == shown
    page.get_by_role("button", name="Turn keys off").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"


def test_without_a_script_everything_is_a_form_or_a_link(opened: Open, api: httpx.Client) -> None:
    page = opened("/", java_script_enabled=False)
    page.get_by_role("searchbox", name="Question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator('[name="type"][value="research-article"]').check()
    page.get_by_role("button", name="Apply").click()
    answer = search(api, q=QUESTION, type="research-article")
    assert (ids(page), total(page)) == (search_ids(answer), answer["total"])

    page.get_by_role("link", name=re.compile("^More like this")).first.click()
    page.get_by_role("link", name="Find articles like these").click()
    assert asked(page)["like"] == search_ids(answer)[:1]
    assert page.locator(".hit").count()

    page.goto("/")
    seen = ids(page)
    page.get_by_role("link", name="Next page").click()
    assert not set(ids(page)) & set(seen)
    page.get_by_label("Find in journals").fill("neural")
    page.get_by_role("button", name="Apply").click()
    names = page.locator("#journal-values li label > span:first-of-type").all_inner_texts()
    assert names
    assert all("neural" in name.lower() for name in names)


def test_a_draft_is_read_from_a_file_and_answered(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "paper.md").write_text(DRAFT, encoding="utf-8")
    (tmp_path / "refs.bib").write_text("@article{a, title={Something else}}", encoding="utf-8")
    page = opened("/related-work")
    page.locator("#file").set_input_files([tmp_path / "paper.md", tmp_path / "refs.bib"])
    expect(page.locator("#draft")).to_have_value(DRAFT)
    expect(page.locator("#bibliography")).to_have_value(re.compile("Something else"))
    page.get_by_role("button", name="Find related work").click()
    expect(page.locator(".claim")).to_have_count(2)
    with page.expect_download() as started:
        page.get_by_role("button", name="BibTeX").click()

    assert started.value.suggested_filename == "related.bib"
    assert "@" in started.value.path().read_text(encoding="utf-8")


def test_what_is_ticked_is_exported(opened: Open, api: httpx.Client) -> None:
    page = opened(f"/?q={QUESTION}&min_match=0")
    for box in page.locator(".tick").all()[:2]:
        box.check()
    expect(page.locator(".menu summary").first).to_have_text("Export 2")
    need_route(api, "/v1/export?format=ris&id=doi:10.5555/cognate.neuro.01")
    page.locator(".menu summary").first.click()
    with page.expect_download() as started:
        page.get_by_role("button", name="RIS").click()

    assert started.value.path().read_text(encoding="utf-8").count("ER  -") == 2


def test_the_feeds_that_a_page_names_are_there(opened: Open, api: httpx.Client) -> None:
    page = opened(f"/?q={QUESTION}")
    feeds = page.locator('link[rel="alternate"]').evaluate_all("all => all.map(one => one.href)")
    assert len(feeds) == 2
    need_route(api, "/feed.atom")

    assert [api.get(feed).status_code for feed in feeds] == [200, 200]


def test_an_article_is_cited_in_place(opened: Open, api: httpx.Client) -> None:
    need_route(api, "/v1/articles/doi:10.5555/cognate.neuro.01/cite")
    page = opened(PAGES["article"])
    page.get_by_role("link", name="BibTeX").click()

    expect(page.locator("#citation")).to_contain_text("Sleep spindles nested")


def test_no_rule_of_accessibility_is_broken(opened: Open, axe: str) -> None:
    page = opened("/")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    every_rule = {"type": "tag", "values": tags}
    broken = {}
    for name, path in PAGES.items():
        page.goto(path)
        if name == "related":
            page.locator("#draft").fill(DRAFT)
            page.get_by_role("button", name="Find related work").click()
        page.evaluate(axe)
        broken[name, "light"] = violations(page, every_rule)
        page.emulate_media(color_scheme="dark")
        # nothing but colours is other in the dark
        contrast = {"type": "rule", "values": ["color-contrast"]}
        broken[name, "dark"] = violations(page, contrast)
        page.emulate_media(color_scheme="light")

    assert broken == {place: [] for place in broken}


def violations(page: Page, rules: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Give what axe-core finds: rules, and the elements that break them."""
    found = page.evaluate("options => axe.run(document, options)", {"runOnly": rules})
    assert found["passes"]
    return [
        (rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found["violations"]
    ]


def test_no_page_is_wider_than_a_narrow_screen(opened: Open) -> None:
    page = opened("/", viewport={"width": 320, "height": 700})
    widths = []
    for name, path in {**PAGES, "long": "/?q=" + "verylongword" * 150}.items():
        page.goto(path)
        opening = page.locator(".toggle, .menu summary").all()
        for one in [None, *opening]:
            if one is not None:
                one.click()
            widths.append((name, page.evaluate("document.documentElement.scrollWidth")))

    assert len(widths) > len(PAGES) + 4
    assert widths == [(name, 320) for name, _ in widths]


def test_a_page_and_all_it_loads_is_small(opened: Open) -> None:
    page = opened(f"/?q={QUESTION}&min_match=0")
    sizes = page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType"
        "('resource')].map(entry => [entry.name, entry.decodedBodySize])"
    )

    assert {Path(urlsplit(name).path).suffix for name, _ in sizes} >= {"", ".css", ".js"}
    assert all(size for _, size in sizes)
    assert sum(size for _, size in sizes) <= MOST_BYTES


def test_the_listing_people_have_today_is_a_page(
    browser: Browser, seed_address: str, shared_data: Path
) -> None:
    page = browser.new_page()
    page.goto(seed_address)
    total = httpx.get(f"{seed_address}/v1/search").json()["total"]

    assert total == 20
    assert page.locator(".hit").count() == total
    listing = (shared_data / "seed" / "listing.txt").read_text(encoding="utf-8")
    assert page.locator(".hit .new").count() == listing.count("\n- New\n")
    first = page.locator(".hit").first
    expect(first).to_contain_text("1 January 2026")
    page.goto(f"{seed_address}/?q=brain+signals+EEG&min_match=0&journal=Pattern+Recognition")
    expect(page.locator("#count b")).to_have_text("1 article")
    page.get_by_text("Liangfei Zhang + 4 more").click()
    expect(page.locator(".hit .doi")).to_have_text("10.1016/j.patcog.2025.111963")
    page.close()


def test_the_page_is_drawn_and_measured(browser: Browser, address: str, tmp_path: Path) -> None:
    draw(browser, address, tmp_path, ["phone", "search_dark"])
    figures = measure(browser, address, ["sleep and memory"])

    assert {path.name for path in tmp_path.iterdir()} == {"phone.png", "search_dark.png"}
    assert all(figure["most"] > 0 for figure in figures.values() if isinstance(figure, dict))
