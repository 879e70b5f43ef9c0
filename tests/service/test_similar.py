"""Papers like these, not like those: order, reasons, what is left out, how they are mixed."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.sentences import split_sentences
from service.examples import Example, SimilarQuery
from service.query import Filters
from service.ranking import soft_best
from service.results import Results
from service.search import SearchEngine
from tests.encoders import HashEncoder
from tests.service.library import build_library, open_engine
from tests.service.likes import ids_of, like

TOPICS = {"bees": "bees dance flowers honey", "wheat": "wheat soil yield harvest"}
BOTH = "x:both"


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Open a library of two topics, with one article about both."""
    articles: list[dict[str, object]] = [
        {
            "id": f"x:{topic}.{number}",
            "title": f"On {words.split()[number % 4]} number {number}",
            "abstract": f"We study {words} here. Nothing else was looked at in plot {number}.",
        }
        for topic, words in TOPICS.items()
        for number in range(8)
    ]
    both = " and ".join(TOPICS.values())
    articles.append({"id": BOTH, "title": "On both", "abstract": f"We study {both} here."})
    folder = tmp_path_factory.mktemp("fields")
    with closing(open_engine(build_library(folder, articles))) as engine:
        yield engine


def ids(results: Results) -> list[str]:
    return [hit.article.article_id for hit in results.hits]


def share(results: Results, topic: str, first: int = 6) -> float:
    return sum(topic in one for one in ids(results)[:first]) / first


def test_a_negative_example_takes_its_topic_away(fields: SearchEngine) -> None:
    before = fields.similar(like(BOTH, min_match=0))
    against = SimilarQuery(positive=ids_of(BOTH), negative=ids_of("x:bees.0"), min_match=0)
    after = fields.similar(against)

    assert share(before, "bees") > 0
    assert share(after, "bees") == 0
    assert share(after, "wheat") == 1


def test_each_of_two_examples_pulls_in_its_own(fields: SearchEngine) -> None:
    results = fields.similar(like("x:bees.0", "x:wheat.0", min_match=0))

    for hit in results.hits[:6]:
        if hit.article.article_id != BOTH:
            assert hit.because is not None
            assert hit.because.example == int("wheat" in hit.article.article_id)


def test_negative_examples_alone_leave_out_what_matches_them_and_begin_with_the_least_like(
    fields: SearchEngine,
) -> None:
    bees = (Example("text", "bees honey"),)
    results = fields.similar(SimilarQuery(negative=bees, limit=100))
    alike = set(ids(fields.similar(SimilarQuery(positive=bees, limit=100))))

    everything = {f"x:{topic}.{number}" for topic in TOPICS for number in range(8)} | {BOTH}
    assert alike
    assert set(ids(results)) == everything - alike
    assert "wheat" in ids(results)[0]
    assert results.answerable
    assert results.total_is_exact
    for hit in results.hits:
        assert (hit.because, hit.scores.match) == (None, None)
        assert hit.despite is not None


def test_a_text_of_its_own_is_embedded_by_sentences_a_bounded_number(
    fields: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.reasons.MOST_EMBEDDED", 2)
    text = "Frogs sing at night. The wheat harvest was late. Bees dance."
    results = fields.similar(SimilarQuery(positive=(Example("text", text),), min_match=0))

    reason = results.hits[0].because
    assert reason is not None
    ours = reason.sentences.example
    assert (ours.field, ours.text) == ("text", "The wheat harvest was late.")
    assert text[ours.start : ours.end] == ours.text
    shown = {hit.because.sentences.example.text for hit in results.hits if hit.because}
    # the third sentence is past what is embedded
    assert "Bees dance." not in shown


def test_filters_and_facets_hold_for_examples(fields: SearchEngine) -> None:
    results = fields.similar(
        like("x:bees.0", min_match=0, filters=Filters(has_abstract=False), facets=("types",))
    )

    assert (results.total, results.hits) == (0, ())
    assert results.facets["types"] == ()


def test_answers_by_example_are_kept_for_who_asks_the_same_again(library: Path) -> None:
    encoder = HashEncoder()
    engine = SearchEngine.open(library, n_cached=4, load_encoder=lambda _: encoder)
    query = SimilarQuery(positive=(Example("bibtex", "@book{a, title={Frogs at night}}"),))

    with closing(engine):
        first = engine.similar(query)
        n_encoded = encoder.n_encoded
        again = engine.similar(query)

    assert n_encoded > 0
    assert encoder.n_encoded == n_encoded
    assert again.hits == first.hits


def test_examples_are_mixed_between_their_mean_and_the_best() -> None:
    scores = np.array([[3.0, 0.0, 1.0], [-1.0, 0.0, 1.0]])

    mixed = soft_best(scores)

    assert scores.mean(axis=0)[0] < mixed[0] < scores.max(axis=0)[0]
    assert mixed[1:] == pytest.approx([0.0, 1.0])
    assert soft_best(scores[:1]) == pytest.approx(scores[0])
    assert soft_best(scores * 1e4)[0] == pytest.approx(3e4, rel=1e-3)


def test_one_text_in_two_languages_has_reasons_all_the_same(tmp_path: Path) -> None:
    # the sentences of one text are embedded once, as the first language tells them apart
    text = "Bees fly z.B. Honey is sweet. Bees dance 1. Mai at home. Flowers wait."
    assert split_sentences(text, "en") != split_sentences(text, "de")
    articles: list[dict[str, object]] = [
        {"id": "x:en", "abstract": text, "language": "en", "published": "1999"},
        {"id": "x:de", "abstract": text, "language": "de", "published": "2020"},
        {"id": "x:one", "title": "Bees", "abstract": "Honey is sweet."},
    ]
    with closing(open_engine(build_library(tmp_path, articles))) as engine:
        results = engine.similar(like("x:one", min_match=0))

    assert {"x:en", "x:de"} <= set(ids(results))
    for hit in results.hits:
        assert hit.because is not None
        piece = hit.because.sentences.article
        assert text[piece.start : piece.end] == piece.text
