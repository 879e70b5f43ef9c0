"""Records that strain a layout: hundreds of authors, endless words, formulas, other scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.building import write_source
from tests.service.page.serving import serve

pytestmark = pytest.mark.browser

RECORDS: list[dict[str, object]] = [
    {
        "id": "many",
        "title": "Observation of very many people",
        "abstract": "People observe people. " * 200,
        "authors": [f"Maximiliana-Konstantina Überlang-Doppelname {n}" for n in range(500)],
        "journal": "Proceedings of the Society of Those Who Are Very Many " * 4,
        "published": "2024-02-29",
    },
    {
        "id": "endless",
        "title": "Donaudampfschifffahrtselektrizitäten" * 8,
        "abstract": "https://example.org/" + "x" * 400 + " and " + "y" * 400 + ".",
        "authors": ["N" * 200],
        "journal": "J" * 200,
        "published": "2023",
        "doi": "10.5555/" + "z" * 300,
    },
    {
        "id": "math",
        "title": "On ∑ᵢ₌₁ⁿ xᵢ² ≤ ∫₀^∞ e^{−t²} dt and $\\\\frac{\\\\alpha}{\\\\beta}$ in ℝⁿ",
        "abstract": "We prove that a < b && c > d, ‖x‖₂ = √(x·x), and 𝔼[X|Y] = 0 ∎.",
        "published": "2022-05",
    },
    {
        "id": "rtl",
        "title": "התקדמות בעיבוד שפה טבעית: BERT ו-GPT בעברית (2024)",
        "abstract": "هذه المقالة عن معالجة اللغة العربية. نستخدم نموذج BERT للترجمة الآلية.",
        "authors": ["משה כהן", "فاطمة الزهراء"],
        "journal": "مجلة اللسانيات الحاسوبية",
        "published": "2021",
    },
    {
        "id": "wide",
        "title": "大規模言語モデルによる長い題名の自動要約に関する研究" * 5,
        "abstract": "神経回路網は言葉を読む。" * 40,
        "authors": ["山田太郎"],
    },
]
PATHS = ["/", "/?q=people&min_match=0", "/similar?like=many&unlike=endless&min_match=0"]
PATHS += [f"/articles/{record['id']}" for record in RECORDS[:1] + RECORDS[2:]]
PATHS += [f"/articles/doi:{RECORDS[1]['doi']}#cite", "/?like=many&unlike=wide&author=" + "N" * 200]


@pytest.fixture(scope="module")
def odd_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("odd")
    with serve([write_source(folder / "odd.jsonl", *RECORDS)], folder) as served:
        yield served


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_record_is_wider_than_the_screen(browser: Browser, odd_address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700})
    widths = {}
    for path in PATHS:
        page.goto(odd_address + path)
        for summary in page.locator("details:not(.menu) > summary").all():
            summary.click()
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    page.close()

    assert widths == dict.fromkeys(PATHS, width)


def test_text_runs_in_its_own_direction(browser: Browser, odd_address: str) -> None:
    page = browser.new_page()
    page.goto(f"{odd_address}/?q=BERT&min_match=0&author=משה+כהן")
    direction = "element => getComputedStyle(element).direction"

    assert page.locator(".hit h2").evaluate(direction) == "rtl"
    assert page.locator(".hit .facts").evaluate(direction) == "ltr"
    page.goto(f"{odd_address}/articles/rtl")
    for place in ("h1", ".abstract"):
        assert page.locator(place).first.evaluate(direction) == "rtl"
    page.close()
