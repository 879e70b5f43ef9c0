"""The page in a browser: its pictures in docs/, its bytes, and how soon an answer is painted.

    python -m scripts.page --index DIR [--pictures FOLDER] [--check] [--results FILE.json]

The pictures are of the sample library, which is the project's own text. `--check` also does all
that a reader does, over any index, with questions drawn from it, and ends with status 1 where the
page and the API do not agree.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from playwright.sync_api import Browser, Page

from scripts.browser import CHROMIUM, open_browser
from scripts.page_checks.check import N_QUESTIONS, check
from scripts.page_checks.ways import MOST_BYTES
from scripts.provenance import provenance
from scripts.serving import Service, serve

QUESTIONS = (
    "can poor sleep harm memory",
    "brain signals for recognising feelings",
    "emotion in telephone speech",
    "soil and the yield of crops",
    "machine learning of weather",
    "language models and long abstracts",
    "replication of robots in the laboratory",
    "bees and flowers",
    "economic history of small islands",
    "materials for batteries",
)
DRAFT = (
    "Sleep is widely thought to consolidate memory, and the coupling of spindles to slow "
    "oscillations predicts what is kept overnight. Emotion recognition from EEG is known to "
    "degrade from one person to another unless sessions are aligned. We thank our participants."
)
_WIDE, _PHONE = (1280, 860), (390, 844)
_SEARCH = "/?q=emotion+recognition+from+EEG&type=research-article&from=2018"
_EXAMPLES = "like=doi:10.5555/cognate.affect.01&unlike=doi:10.5555/cognate.neuro.01"
_BYTES = """() => ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
_PAINTED = """() => new Promise((resolve, reject) => {
    const [loaded] = performance.getEntriesByType('navigation');
    const seen = list => resolve(list.getEntries().at(-1).startTime - loaded.responseEnd);
    new PerformanceObserver(seen).observe({ type: 'largest-contentful-paint', buffered: true });
    setTimeout(() => reject(new Error('nothing was painted')), 9000);
})"""
_WATCH = """() => { window.swapped = new Promise((resolve, reject) => {
    const painted = () => requestAnimationFrame(() => requestAnimationFrame(now));
    const now = () => found(performance.now());
    // the entry of an answer can come after its painting
    const found = time => {
        const answer = performance.getEntriesByType('resource')
            .findLast(entry => entry.initiatorType === 'fetch' && entry.responseEnd);
        answer ? resolve(time - answer.responseEnd) : setTimeout(() => found(time), 10);
    };
    new MutationObserver(painted).observe(document.querySelector('.columns'), { childList: true });
    setTimeout(() => reject(new Error('nothing was swapped')), 9000);
}); }"""


def _with_draft(page: Page) -> None:
    page.locator("#draft").fill(DRAFT)
    page.get_by_role("button", name="Find related work").click()
    page.wait_for_selector(".claim")


def _nothing(_: Page) -> None:
    """Leave a page as it is."""


PICTURES: dict[str, tuple[str, tuple[int, int], str, Callable[[Page], None]]] = {
    "search": (_SEARCH, _WIDE, "light", _nothing),
    "search_dark": (f"{_SEARCH}&{_EXAMPLES}", _WIDE, "dark", _nothing),
    "article": ("/articles/doi:10.5555/cognate.neuro.01#cite", _WIDE, "light", _nothing),
    "examples": (f"/similar?{_EXAMPLES}", _WIDE, "light", _nothing),
    "related_work": ("/related-work", _WIDE, "light", _with_draft),
    "phone": ("/?q=can+poor+sleep+harm+memory", _PHONE, "light", _nothing),
}


def draw(browser: Browser, url: str, folder: Path, names: Iterable[str] = PICTURES) -> None:
    """Draw pictures of the page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path, (width, height), scheme, prepare = PICTURES[name]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = context.new_page()
        page.goto(url + path)
        prepare(page)
        page.evaluate("document.activeElement.blur()")
        page.wait_for_load_state("networkidle")
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=folder / f"{name}.png")
        context.close()


def measure(browser: Browser, url: str, questions: Sequence[str] = QUESTIONS) -> dict[str, Any]:
    """Give the bytes of a page, and the time from an answer's last byte to its being painted."""
    first, loaded, swapped, n_bytes = [], [], [], []
    for question in questions:
        path = f"{url}/?q={quote_plus(question)}&min_match=0"
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(path)
        first.append(page.evaluate(_PAINTED))
        n_bytes.append(page.evaluate(_BYTES))
        page.goto(f"{path}&limit=20")
        loaded.append(page.evaluate(_PAINTED))
        page.evaluate(_WATCH)
        page.get_by_role("link", name="Recency").click()
        swapped.append(page.evaluate("window.swapped"))
        context.close()
    return {
        "n_questions": len(questions),
        "bytes_of_a_page_and_all_it_loads": _spread(n_bytes, 0),
        "painted_ms_after_the_first_answer_of_a_new_browser": _spread(first, 1),
        "painted_ms_after_the_answer": _spread(loaded, 1),
        "painted_ms_after_the_answer_in_place": _spread(swapped, 1),
    }


def _spread(values: Sequence[float], digits: int) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), digits),
        "most": round(max(values), digits),
    }


def check_and_measure(browser: Browser, service: Service, index: Path, n: int) -> dict[str, Any]:
    """Check all behaviours over an index, and measure the page with the questions drawn from it."""
    drawn, ledger = check(browser, service.url, index, n)
    figures = measure(browser, service.url, drawn.questions)
    n_bytes = figures["bytes_of_a_page_and_all_it_loads"]["most"]
    ledger.holds("bytes", f"{n_bytes} of {MOST_BYTES}", is_so=n_bytes <= MOST_BYTES)
    return ledger.to_json() | figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve an index, look at it, and write what was seen."""
    parser = argparse.ArgumentParser(prog="scripts.page")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--check", action="store_true", help="do all that a reader does")
    parser.add_argument("--n", type=int, default=N_QUESTIONS, help="questions to draw for that")
    options = parser.parse_args(arguments)
    if CHROMIUM is None:
        parser.error("there is no chromium here; on Debian: apt install chromium")
    with serve(options.index) as service, open_browser(CHROMIUM) as browser:
        if options.pictures is not None:
            draw(browser, service.url, options.pictures)
        if options.check:
            found = check_and_measure(browser, service, options.index, options.n)
        else:
            found = measure(browser, service.url)
        figures = provenance() | {"browser": browser.version} | found
    text = json.dumps(figures, indent=2, ensure_ascii=False) + "\n"
    print(text, end="")
    if options.results is not None:
        options.results.write_text(text, encoding="utf-8")
    return 1 if figures.get("failures") else 0


if __name__ == "__main__":
    sys.exit(main())
