"""The report to read, in Markdown and as a page."""

import re

from lxml import html

from service.related.report import to_markdown, write_report
from service.search import SearchEngine
from tests.service.related.drafting import DRAFT, EEG, SURVEYED, WHEAT, ask

HOSTILE = "<script>alert('x')</script> ](http://evil.example) *stars* and `ticks` are seen"


def test_markdown_tells_of_every_sentence_in_need(engine: SearchEngine) -> None:
    results = ask(engine, DRAFT, insert_from=0.2, neighbours=3)
    report = write_report(results, "markdown")

    assert report.startswith("# Related work for Feelings in the field\n")
    assert "5 sentences read, 4 of which make a claim or name prior work" in report
    for text in (SURVEYED, EEG, WHEAT):
        assert f"> {text}." in report
    assert "Cites `chen2024survey`." in report
    assert "cite as `ek2023soil` (in the bibliography), in the patch" in report
    assert "- No sentence cites or seems to need `noone1999lute`: Lute duets" in report
    assert "```bibtex\n@article{muller2025recognising," in report
    assert "```diff\n--- draft\n" in report
    assert not re.search(r"\n{4}", report)


def test_the_page_holds_all_that_it_shows(engine: SearchEngine) -> None:
    results = ask(engine, DRAFT, insert_from=0.2, neighbours=3)
    page = html.fromstring(write_report(results, "html"))

    assert page.xpath("//title/text()") == ["Related work for Feelings in the field"]
    assert len(page.xpath("//section")) == results.needing == 4
    assert page.xpath("//section[contains(@class, 'patched')]/p[1]/text()") == [
        f"{EEG}.",
        f"{WHEAT}.",
    ]
    # nothing is loaded from anywhere: the only addresses are links that a reader may follow
    assert not page.xpath("//*[@src] | //script | //link | //iframe | //*[@style]")
    assert {href.split(":")[0] for href in page.xpath("//a/@href")} == {"https"}


def test_other_people_s_text_is_escaped(engine: SearchEngine) -> None:
    # an article here has the title: If a < b & 'c' > "d", what of <script>?
    results = ask(engine, f"{HOSTILE}.\n\nAn odd title must stay text.", format="text")

    page = write_report(results, "html")
    report = write_report(results, "markdown")

    for text in (page, report.partition("## New entries")[0]):
        assert "<script>" not in text
    assert "&lt;script&gt;alert(" in page
    assert "what of &lt;script&gt;?" in page
    assert "\\<script\\>alert('x')" in report
    assert "\\*stars\\* and \\`ticks\\`" in report
    assert "what of \\<script\\>?" in report


def test_an_address_that_is_no_web_address_is_no_link(engine: SearchEngine) -> None:
    # the article on wheat has the address javascript:alert(1), and a DOI
    page = write_report(ask(engine, f"{WHEAT}."), "html")

    assert "javascript:" not in page


def test_text_in_markdown_begins_no_list_and_stays_on_its_line() -> None:
    assert to_markdown("1. not a list\n\n- nor this") == "1\\. not a list - nor this"
    assert to_markdown("- not a list") == "\\- not a list"
    assert to_markdown("# no heading") == "\\# no heading"
