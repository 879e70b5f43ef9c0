"""Bundles are measured against the first hits of a real service, and against marked sentences."""

import json
from pathlib import Path

import pytest

from index.article import Article
from scripts import context
from scripts.context import Claim, Marking, Seen, ask, has_marked
from scripts.highlights import Marked

ABSTRACT = "Wheat is sown. Rain falls. Bees dance. Wheat is reaped."


def marked(*sentences: int) -> Marked:
    article = Article(article_id="a", title="Wheat", abstract=ABSTRACT)
    return Marked("wheat is reaped", article, frozenset(sentences))


class Recorded:
    """Finds article `b` by a search, and hands over the last sentence of `a`."""

    def search(self, **body: object) -> dict[str, object]:
        assert body["limit"] == 5
        return {"hits": [{"article": {"article_id": "b"}}]}

    def post(self, path: str, **body: object) -> dict[str, object]:
        assert (path, body["min_match"]) == ("/v1/context", 0)
        excerpt = {"article": {"article_id": "a"}, "spans": [{"start": 39, "end": 55}]}
        bundle = {"answerable": True, "bundle_id": "xyz", "tokens": 500, "max_tokens": 2_000}
        return bundle | {"excerpts": [excerpt]}


def test_evidence_is_sought_among_the_first_hits_and_in_the_bundle() -> None:
    claims = [
        Claim("wheat is reaped", {"a"}, [marked(3)]),
        Claim("bees", {"b"}, []),
        Claim("soil", {"c"}, []),
    ]
    seen: Seen = ask(Recorded(), claims, {"min_match": 0})  # type: ignore[arg-type]
    assert seen.in_bundle == [True, False, False]
    assert seen.among_first == [False, True, False]
    assert seen.marked == [Marking(in_excerpt=True, in_first=False, is_part=True)]
    figures = seen.figures()
    assert (figures["in_bundle_only"], figures["among_first_only"]) == (1, 1)
    assert (figures["excerpts_mean"], figures["room_used_mean"]) == (1.0, 0.25)
    assert (figures["bundle_id_chars_mean"], figures["answerable"]) == (3.0, 3)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [([(0, 26)], True), ([(0, 25)], False), ([(0, 14), (15, 26)], True), ([(27, 55)], False)],
)
def test_a_marked_sentence_has_to_lie_whole_in_one_span(
    spans: list[tuple[int, int]], expected: bool
) -> None:
    assert has_marked(marked(1), spans) == expected


def test_a_whole_abstract_is_no_part() -> None:
    excerpt = {"spans": [{"start": 0, "end": len(ABSTRACT)}]}
    assert Marking.of(marked(0), excerpt) == Marking(in_excerpt=True, in_first=True, is_part=False)


def test_an_index_and_claims_have_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        context.main(["--claims", "folder"])
    assert "name an index and claims, or --smoke" in capsys.readouterr().err


@pytest.mark.slow
def test_the_sample_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "context.json"
    assert context.main(["--smoke", "--results", str(results)]) == 0
    figures = json.loads(results.read_text())
    assert json.loads(capsys.readouterr().out) == figures
    everything = figures["claims"]["everything"]
    assert (
        everything["evidence_in_bundle"]["share"] >= everything["evidence_among_first_5"]["share"]
    )
    assert everything["marked_sentence_in_excerpts"]["n"] > 0
    assert everything["p50_ms"] > 0
    assert figures["also"]["index"]["room_used_mean"] <= 1
