"""The command that checks the page over an index, on the sample library and on a page that lies."""

import json
from pathlib import Path

import pytest

from scripts import page
from scripts.browser import CHROMIUM
from scripts.known_items import SAMPLE
from scripts.page_checks.ledger import Ledger
from scripts.page_checks.ways import AXE
from service.cli import main as cognate
from tests.service.page.conftest import missing
from tests.tiny_models import save_tiny_model

pytestmark = pytest.mark.browser

SEED = Path("seed", "listing.txt")
BEHAVIOURS = {
    *("search", "filter", "names typed", "sort", "pages to the end", "browse to the end", "brush"),
    *("spelling", "examples", "article", "export", "feeds", "keyboard only", "no script"),
    *("narrow screen", "scripts", "bytes"),
}


@pytest.mark.parametrize(("source", "n_works"), [(SAMPLE, 203), (SEED, 20)])
def test_every_behaviour_of_the_page_agrees_with_the_api(
    source: Path, n_works: int, shared_data: Path, tmp_path: Path
) -> None:
    if CHROMIUM is None:
        missing("there is no chromium here; on Debian: apt install chromium")
    model = save_tiny_model(tmp_path)
    path = shared_data / source
    built = ["build", str(path), "--into", str(tmp_path / "index"), "--model", str(model)]
    assert cognate([*built, "--quiet"]) == 0
    results = tmp_path / "results.json"
    arguments = ["--index", str(tmp_path / "index"), "--check", "--n", "2"]

    status = page.main([*arguments, "--results", str(results)])

    figures = json.loads(results.read_text(encoding="utf-8"))
    assert figures["failures"] == []
    assert status == 0
    of_axe = {"axe, light", "axe, dark"} if AXE.is_file() else set()
    assert set(figures["compared"]) == BEHAVIOURS | of_axe
    assert figures["n_compared"] == sum(figures["compared"].values()) > 100
    assert figures["articles_browsed"] == n_works


def test_what_does_not_agree_is_told_with_what_was_expected() -> None:
    ledger = Ledger()
    ledger.equal("search", "total of bees", 3, 3)
    ledger.equal("search", "total of wheat", 3, 4)
    ledger.failed("brush", TimeoutError("no chip"))

    assert ledger.to_json() == {
        "n_compared": 3,
        "compared": {"search": 2, "brush": 1},
        "failures": ["search: total of wheat: 3 instead of 4", "brush: TimeoutError: no chip"],
    }
