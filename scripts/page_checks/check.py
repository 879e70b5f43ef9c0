"""The check: every behaviour of the page, one after the other, over one index."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser

from index.snapshot import SNAPSHOTS, current_name
from index.store import STORE, ArticleStore
from scripts.page_checks import answers, examples, files, ways
from scripts.page_checks.drawn import Drawn, draw
from scripts.page_checks.ledger import Ledger
from scripts.page_checks.reader import Reader
from scripts.page_checks.service import Api

N_QUESTIONS = 10

Behaviour = Callable[[Reader, Api, Drawn, Ledger], None]


def check(browser: Browser, url: str, index: Path, n: int = N_QUESTIONS) -> tuple[Drawn, Ledger]:
    """Check the page of the service at `url`, which serves `index`, with `n` questions of its own.

    What fails is in the ledger, and the next behaviour is looked at.
    """
    ledger, api, reader = Ledger(), Api(url), Reader(browser, url)
    path = index / SNAPSHOTS / current_name(index) / STORE
    with closing(api), closing(ArticleStore(path)) as store:
        drawn = draw(store, api, n)
        ledger.found |= {"n_articles": len(store), "n_questions": len(drawn.questions)}
        for behaviour in _behaviours(store):
            try:
                behaviour(reader, api, drawn, ledger)
            except Exception as error:
                ledger.failed(behaviour.__name__, error)
        ledger.equal("scripts", "errors of theirs", reader.errors, [])
    return drawn, ledger


def _behaviours(store: ArticleStore) -> list[Behaviour]:
    def export(reader: Reader, _: Api, drawn: Drawn, ledger: Ledger) -> None:
        files.export(reader, store, drawn, ledger)

    return [
        answers.search,
        answers.narrow,
        answers.find_names,
        answers.order,
        answers.browse,
        answers.brush,
        answers.spell,
        examples.collect,
        examples.article,
        export,
        files.follow,
        ways.by_keys,
        ways.without_script,
        ways.narrow_screen,
        ways.by_axe,
    ]
