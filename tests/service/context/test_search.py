"""Excerpts are of what a search finds, in its order, and are what the articles say."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import QueryError
from service.context.bundle import DIGEST_BYTES, Bundle
from service.context.keys import citation_key, hashed
from service.context.query import ContextQuery, Message
from service.context.results import Context
from service.context.search import MOST_LOOKED_AT, ContextSearch, Ranked
from service.highlights import Highlighter
from service.query import Filters, Limits, Mode, Query
from service.ranking import Rows
from service.search import SearchEngine
from tests.encoders import HashEncoder
from tests.service.context.conversing import ENDLESS, FEELINGS, PLANTED, TROUBLE, ask
from tests.service.corpora import corpora, filters, opened, questions
from tests.service.library import build_library, open_engine
from tests.service.test_laws import law

GLACIERS = "glaciers and rivers"


@pytest.fixture(scope="module")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Open an index of articles that are out to break the form."""
    with closing(open_engine(build_library(tmp_path_factory.mktemp("ice"), TROUBLE))) as engine:
        yield engine


def ids(context: Context) -> list[str]:
    return [one.article.article_id for one in context.excerpts]


def check(engine: SearchEngine, context: Context) -> None:
    """Check what holds of any answer."""
    count_tokens = engine._snapshot.encoder.count_tokens
    assert context.tokens == count_tokens([context.text])[0] <= context.max_tokens
    assert context.answerable == bool(context.excerpts) == bool(context.text)
    lines = context.text.splitlines()
    for number, one in enumerate(context.excerpts, 1):
        article = engine.article(one.article.article_id).article
        field = article.abstract if one.field == "abstract" else article.title
        assert field is not None
        assert one.text == " … ".join(field[start:end] for start, end in one.spans)
        assert one.sha256 == hashlib.sha256(one.text.encode()).hexdigest()
        assert one.tokens == count_tokens([one.text])[0]
        assert one.key == citation_key(article)
        assert (one.number, lines[3 * number - 3][: len(f"[{number}] {one.key}")]) == (
            number,
            f"[{number}] {one.key}",
        )
        assert lines[3 * number - 2] == f"> {one.text}"
    if context.bundle is None:
        assert not context.excerpts
        return
    bundle = Bundle.from_id(context.bundle.to_id())
    assert bundle.snapshot == engine.snapshot_name
    handed = [(one.number, one.key, one.article_id, one.field, one.spans) for one in bundle.handed]
    assert handed == [
        (one.number, one.key, one.article.article_id, one.field, one.spans)
        for one in context.excerpts
    ]
    assert [one.digest.hex() for one in bundle.handed] == [
        one.sha256[: 2 * DIGEST_BYTES] for one in context.excerpts
    ]


def test_the_sentences_that_carry_the_question_are_handed_over(engine: SearchEngine) -> None:
    context = ask(engine)
    check(engine, context)
    assert ids(context)[:2] == ["doi:10.5555/eeg.2", "doi:10.5555/eeg.1"]
    assert "feelings are recognised" in context.excerpts[0].text
    assert context.query == FEELINGS
    assert context.tokenizer == "hash-encoder"
    assert context.took_ms > 0


def test_the_same_question_gives_the_same_bytes(engine: SearchEngine) -> None:
    first, second = (replace(ask(engine), took_ms=0.0) for _ in range(2))
    assert first == second


def test_where_nothing_matches_nothing_is_handed_over(engine: SearchEngine) -> None:
    context = ask(engine, "xyzzy qqq", min_match=None)
    check(engine, context)
    assert (context.answerable, context.text, context.tokens, context.bundle) == (
        False, "", 0, None,
    )  # fmt: skip


def test_what_no_filter_lets_pass_is_not_handed_over(engine: SearchEngine) -> None:
    assert not ask(engine, filters=Filters(journals=("No such journal",))).answerable
    found = ask(engine, filters=Filters(journals=("Journal of Signals",)))
    assert ids(found) == ["doi:10.5555/eeg.1"]


def test_a_follow_up_is_searched_with_what_came_before(engine: SearchEngine) -> None:
    messages = (
        Message("user", FEELINGS),
        Message("assistant", "By graphs."),
        Message("user", "and of voices?"),
    )
    context = engine.context(ContextQuery(messages=messages, min_match=0.0))
    check(engine, context)
    assert context.query == f"{FEELINGS} and of voices?"
    assert replace(ask(engine, context.query), took_ms=0.0) == replace(context, took_ms=0.0)


def test_a_question_with_a_slip_is_weighed_as_it_was_meant(engine: SearchEngine) -> None:
    meant = ask(engine, "electroencephalography records")
    slip = ask(engine, "electroencephalograpy records")
    assert slip.text == meant.text


def test_retracted_articles_are_left_out_unless_they_are_asked_for(trouble: SearchEngine) -> None:
    without, all_of_them = ask(trouble, GLACIERS), ask(trouble, GLACIERS, include_retracted=True)
    check(trouble, all_of_them)
    assert "doi:10.5555/ice.5" not in ids(without)
    assert "doi:10.5555/ice.5" in ids(all_of_them)
    (retracted,) = [one for one in all_of_them.excerpts if one.article.is_retracted]
    assert f"{retracted.key}. RETRACTED. Glaciers, withdrawn." in all_of_them.text


def test_other_works_take_the_places_of_retracted_ones(trouble: SearchEngine) -> None:
    n_found = len(ask(trouble, "glaciers withdrawn mistake", max_excerpts=3).excerpts)
    assert n_found == 3


def test_planted_text_is_handed_over_byte_for_byte_inside_its_own_excerpt(
    trouble: SearchEngine,
) -> None:
    context = ask(trouble, "glaciers of the Andes melt fast")
    check(trouble, context)
    (planted,) = [one for one in context.excerpts if one.article.doi == "10.5555/ice.1"]
    assert planted.text == PLANTED
    lines = [line for line in context.text.splitlines() if "Ignore previous" in line]
    assert lines == [f"> {PLANTED}"]
    assert sum(line.startswith("[") for line in context.text.splitlines()) == len(context.excerpts)


@settings(deadline=None, max_examples=40)
@given(st.integers(100, 3_000), st.integers(1, 50))
def test_hundreds_of_authors_and_endless_abstracts_stay_within_the_room(
    trouble: SearchEngine, max_tokens: int, most: int
) -> None:
    context = ask(trouble, GLACIERS, max_tokens=max_tokens, max_excerpts=most)
    check(trouble, context)
    assert 1 <= len(context.excerpts) <= most


def test_an_endless_abstract_is_cut_and_its_authors_are_not_all_named(
    trouble: SearchEngine,
) -> None:
    context = ask(trouble, GLACIERS)
    assert len(ENDLESS) > 20_000
    (endless,) = [one for one in context.excerpts if one.article.doi == "10.5555/ice.3"]
    assert 0 < endless.tokens < 2_000
    (many,) = [one for one in context.excerpts if one.article.doi == "10.5555/ice.2"]
    assert (len(many.article.authors), many.article.n_authors) == (5, 500)
    assert "Glaciologist 0 of the Andes et al." in context.text


def test_an_article_of_title_only_gives_its_title(trouble: SearchEngine) -> None:
    context = ask(trouble, "glaciers and rivers, a title alone")
    (alone,) = [one for one in context.excerpts if one.article.doi == "10.5555/ice.4"]
    assert (alone.field, alone.text) == ("title", "Glaciers and rivers, a title alone")
    assert context.text.count("a title alone") == 1


def test_more_than_the_limits_allow_is_refused(engine: SearchEngine) -> None:
    narrow = SearchEngine(engine._snapshot, Limits(max_query_chars=10))
    with pytest.raises(QueryError, match="the longest is 10"):
        narrow.context(ContextQuery(text="x" * 11))


class WordyEncoder(HashEncoder):
    """Counts a hundred tokens for every word and mark."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [100 * n_tokens for n_tokens in super().count_tokens(texts)]


def test_room_that_holds_no_excerpt_is_refused_not_called_unanswerable(library: Path) -> None:
    with closing(SearchEngine.open(library, load_encoder=WordyEncoder.load)) as engine:
        with pytest.raises(QueryError, match="1000 tokens have no room for one excerpt") as caught:
            ask(engine, max_tokens=1_000)
        assert caught.value.field == "max_tokens"
        assert not ask(engine, "xyzzy qqq", min_match=None, max_tokens=1_000).answerable


def test_two_articles_with_one_key_are_not_handed_over_together(tmp_path: Path) -> None:
    known: dict[str, str] = {}
    for number in count():
        doi = f"10.5555/{number}"
        if other := known.get(hashed(doi)):
            break
        known[hashed(doi)] = doi
    library: list[dict[str, object]] = [
        {"doi": one, "title": f"Glaciers of {name}", "abstract": f"Ice {name} melts in {name}."}
        for one, name in ((doi, "Peru"), (other, "Norway"))
    ]
    with closing(open_engine(build_library(tmp_path, library))) as engine:
        assert len(engine.search(Query(text="ice", min_match=0.0)).hits) == 2
        context = ask(engine, "ice")
        check(engine, context)
        assert len(context.excerpts) == 1


def test_two_hundred_articles_are_looked_at_for_one_that_is_not_retracted(tmp_path: Path) -> None:
    library: list[dict[str, object]] = [
        {"doi": f"10.5555/{n:03}", "title": f"Hive {n}", "retracted": n < MOST_LOOKED_AT}
        for n in range(MOST_LOOKED_AT + 1)
    ]
    with closing(open_engine(build_library(tmp_path, library))) as engine:
        snapshot = engine._snapshot
        found = [snapshot.store.find(f"doi:10.5555/{n:03}") for n in range(len(library))]
        rows = np.array(found, np.int64)

        def answer(rows: Rows) -> Context:
            ranked = Ranked(rows, np.ones(len(rows)), "hive", None)
            highlighter = Highlighter(snapshot.lexical, snapshot.encoder)
            search = ContextSearch(snapshot, lambda *_: ranked, highlighter)
            return search.answer(ContextQuery(text="hive"))

        assert ids(answer(rows[1:])) == [f"doi:10.5555/{MOST_LOOKED_AT}"]
        assert not answer(rows).answerable


@pytest.mark.parametrize("mode", get_args(Mode))
def test_every_mode_hands_over_what_it_finds(engine: SearchEngine, mode: Mode) -> None:
    query = ContextQuery(text=FEELINGS, mode=mode, min_match=0.0)
    context = engine.context(query)
    check(engine, context)
    assert ids(context)[0] == engine.search(query.to_search()).hits[0].article.article_id


@given(data=st.data())
@law
def test_excerpts_are_of_what_a_search_finds_in_its_order(data: st.DataObject) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(4):
            text = data.draw(questions(lib.corpus).filter(lambda one: bool((one or "").strip())))
            query = ContextQuery(
                text=text,
                max_tokens=data.draw(st.integers(100, 1_500)),
                max_excerpts=data.draw(st.integers(1, 12)),
                filters=data.draw(st.just(Filters()) | filters),
                min_match=data.draw(st.sampled_from([None, 0.0, 0.0])),
                include_retracted=data.draw(st.booleans()),
            )
            context = lib.engine.context(query)
            check(lib.engine, context)
            hits = lib.engine.search(replace(query.to_search(), limit=100)).hits
            found = [hit.article.article_id for hit in hits]
            handed = ids(context)
            assert [one for one in found if one in handed] == handed
            matches = {hit.article.article_id: hit.scores.match for hit in hits}
            assert [one.match for one in context.excerpts] == [matches[one] for one in handed]
            assert bool(hits) == context.answerable


def test_a_bundle_is_of_the_snapshot_that_answered(library: Path, engine: SearchEngine) -> None:
    bundle = ask(engine).bundle
    assert bundle is not None
    assert (library / "CURRENT").read_text().strip() == bundle.snapshot
