"""Drafts are drawn of sentences whose article is known, and asked of a real service."""

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from index.build import build_index
from index.snapshot import SNAPSHOTS, current_name
from index.store import STORE, ArticleStore
from index.vectors import VectorIndex
from scripts import related
from scripts.known_items import SAMPLE
from scripts.related import Known, answers, draw_drafts, recover, share
from tests.encoders import HashEncoder
from tests.tiny_models import save_tiny_model


class Recorded:
    """Answers with a candidate for each sentence that says `found`, and notes what was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []

    def post(self, path: str, **body: object) -> dict[str, object]:
        self.asked.append({"path": path} | body)
        text, sentences = str(body["text"]), []
        for paragraph in text.split("\n\n"):
            start = text.index(paragraph)
            article = {"article_id": "a", "versions": [{"article_id": "b"}]}
            candidates = [{"article": article}] if "found" in paragraph else []
            sentences.append({"start": start, "text": paragraph, "candidates": candidates})
        return {"sentences": sentences}


def test_a_sentence_is_recovered_by_its_article_or_a_version_of_it() -> None:
    draft = [Known("found one", "a"), Known("found two", "b"), Known("lost", "a"),
             Known("found three", "c")]  # fmt: skip

    assert recover(Recorded(), draft) == [True, True, False, False]  # type: ignore[arg-type]


def test_every_text_is_a_paragraph_and_gets_its_own_answer() -> None:
    service = Recorded()
    found = answers(service, ["found", "lost", "also found"])  # type: ignore[arg-type]

    assert [bool(one["candidates"]) for one in found] == [True, False, True]
    assert service.asked[0]["text"] == "found\n\nlost\n\nalso found"


@pytest.mark.parametrize(
    ("hits", "expected", "n"), [([True] * 4, 1.0, 4), ([True, False], 0.5, 2), ([], None, 0)]
)
def test_a_share_has_its_number(hits: Sequence[bool], expected: float | None, n: int) -> None:
    found = share(hits)

    assert (found["share"], found["n"]) == (expected, n)


def test_drafts_are_of_articles_near_one_another_and_always_the_same(tmp_path: Path) -> None:
    build_index([SAMPLE], tmp_path, encoder=HashEncoder(), say=lambda _: None, quiet=True)
    snapshot = tmp_path / SNAPSHOTS / current_name(tmp_path)
    with closing(ArticleStore(snapshot / STORE)) as store:
        vectors = VectorIndex(snapshot / "vectors")
        first, again = ([*draw_drafts(store, vectors, 2)] for _ in range(2))

        assert first == again
        for draft in first:
            assert draft
            for known in draft:
                row = store.find(known.article_id)
                assert row is not None
                (article,) = store.articles([row])
                assert known.text in " ".join((article.abstract or "").split())


def test_the_paraphrases_are_enough_and_each_of_another_article() -> None:
    paraphrases = related.read_paraphrases()

    assert len({one.article_id for one in paraphrases}) == len(paraphrases) >= 60
    assert all(len(one.text.split()) >= 8 for one in paraphrases)


def test_an_index_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = save_tiny_model(tmp_path)
    build_index([SAMPLE], tmp_path / "index", model=str(model), say=lambda _: None, quiet=True)
    results = tmp_path / "related.json"

    few = ["--drafts", "1", "--round-trips", "1"]
    assert related.main(["--index", str(tmp_path / "index"), *few, "--results", str(results)]) == 0

    figures = json.loads(results.read_text())
    assert json.loads(capsys.readouterr().out) == figures
    # a tiny random model: it is by their words that sentences are found
    assert figures["verbatim"]["share"] > 0.5
    assert figures["paraphrased"]["n"] == 0
    assert figures["needless_without_candidate"]["n"] >= 60
    assert figures["needless_without_candidate"]["share"] > 0.8
    assert figures["ten_pages"]["median_s"] > 0
