"""Laws of budgets: whatever articles there are, an answer holds no more tokens than asked for."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import TYPES, Article
from index.onnx import OnnxEncoder
from index.snapshot import SNAPSHOTS, current_name
from index.versions import Version
from service.holder import EngineHolder
from service.results import Exactness, Highlight, Hit, Results, Scores
from service.search import SearchEngine
from service.tools.answer import MOST_CHARS_A_TOKEN, Answer, Budget
from service.tools.arguments import LEAST_TOKENS, MOST_TOKENS, Detail
from service.tools.catalogue import tool_named
from service.tools.fitting import cut_to_fit
from service.tools.pages import page_that_fits
from tests.encoders import HashEncoder
from tests.service.tools.oddities import LONG, SENTENCE, SICI

Count = Callable[[str], int]


def _words_and_signs(text: str) -> int:
    return HashEncoder().count_tokens([text])[0]


COUNTS: dict[str, Count] = {
    "words and signs": _words_and_signs,
    "characters": len,
    "four characters": lambda text: -(-len(text) // 4),
    "words": lambda text: len(text.split()),
}
"""Tokenizers of many kinds; a text has no more tokens than characters for any of them."""

_CLEAN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1
)
_WORDS = st.lists(_CLEAN, min_size=1, max_size=30).map(" ".join)


@st.composite
def _texts(draw: st.DrawFn, longest: int) -> str:
    """Draw a text, often a long one: its words again and again."""
    words = draw(_WORDS)
    end = draw(st.sampled_from([" ", ". ", ""]))
    n_chars = draw(st.integers(1, longest))
    whole = (words + end) * (1 + n_chars // len(words))
    return whole[:n_chars].strip() or "a"


@st.composite
def _articles(draw: st.DrawFn) -> Article:
    authors = [draw(_texts(100))] * draw(st.sampled_from([0, 1, 5, 6, 500]))
    return Article(
        article_id=draw(_texts(512)),
        title=draw(_texts(2_000)),
        abstract=draw(st.none() | _texts(20_000)),
        authors=tuple(authors),
        n_authors=len(authors),
        doi=draw(st.none() | _texts(300)),
        journal=draw(st.none() | _texts(500)),
        published=draw(st.sampled_from([None, "2024", "2024-03-15"])),
        type=draw(st.sampled_from(TYPES)),
        retracted=draw(st.sampled_from([None, True])),
    )


@st.composite
def _hits(draw: st.DrawFn) -> Hit:
    article = draw(_articles())
    highlights = []
    if article.abstract:
        end = draw(st.integers(1, len(article.abstract)))
        highlights = [Highlight("abstract", article.abstract[:end], 0, end, 0.5)]
    versions = [Version(draw(_texts(512)), "preprint", None, draw(_texts(300)), None)]
    return Hit(
        rank=1,
        score=0.5,
        scores=Scores(0.5, 12.25, draw(st.floats(0, 1))),
        article=article,
        truncated=False,
        versions=tuple(versions * draw(st.sampled_from([0, 1, 20]))),
        highlights=tuple(highlights),
    )


def _asking(hits: list[Hit]) -> Callable[[int], Results]:
    """Give what answers pages of these hits; a cursor is the number of hits before it."""
    ranked = [replace(hit, rank=rank) for rank, hit in enumerate(hits, 1)]

    def ask(limit: int) -> Results:
        return Results(
            hits=tuple(ranked[:limit]),
            total=len(ranked),
            total_is_exact=True,
            answerable=True,
            respelled=None,
            facets={},
            next_cursor=f"after-{limit}" if limit < len(ranked) else None,
            snapshot="20261125T000000000Z-0123456789abcdef",
            exactness=Exactness("exact", 1, 10_000, False),
            took_ms=1.0,
        )

    return ask


@settings(max_examples=150, deadline=None)
@given(
    hits=st.lists(_hits(), min_size=1, max_size=6),
    limit=st.integers(1, 8),
    detail=st.sampled_from(get_args(Detail)),
    max_tokens=st.integers(LEAST_TOKENS, 5_000),
    counted=st.sampled_from([*COUNTS]),
)
def test_a_page_holds_no_more_than_its_budget_and_goes_on_where_it_ends(
    hits: list[Hit], limit: int, detail: Detail, max_tokens: int, counted: str
) -> None:
    count = COUNTS[counted]
    answer = page_that_fits(_asking(hits), limit, detail, Budget(max_tokens, count))

    assert answer.size(count) <= max_tokens
    assert answer.size(count) >= len(answer.text) // MOST_CHARS_A_TOKEN
    if answer.data is None:
        assert "even the first part does not fit" in answer.text
        return
    shown: Any = answer.data["hits"]
    ids = [hit.article.article_id for hit in hits]
    assert [one["article_id"] for one in shown] == ids[: len(shown)]
    wanted = min(limit, len(hits))
    expected = f"after-{len(shown)}" if len(shown) < len(hits) else None
    assert answer.data["next_cursor"] == expected
    assert (f"{len(shown)} of {wanted} shown" in answer.text) == (len(shown) < wanted)


@settings(max_examples=100, deadline=None)
@given(text=_texts(5_000), most=st.integers(1, 800), counted=st.sampled_from([*COUNTS]))
def test_a_cut_text_is_a_beginning_of_it_that_fits(text: str, most: int, counted: str) -> None:
    budget = Budget(most, COUNTS[counted])

    answer = cut_to_fit(text, None, Answer, budget)

    if answer is not None:
        assert text.startswith(answer.text)
        assert budget.holds(answer)


def test_as_many_sentences_are_kept_as_fit() -> None:
    for n in (1, 3, 50):
        kept = " ".join([SENTENCE.strip()] * n)
        budget = Budget(_words_and_signs(kept), _words_and_signs)

        answer = cut_to_fit(LONG, "en", Answer, budget)

        assert answer == Answer(kept)


def test_a_budget_that_is_just_enough_holds_an_answer_and_one_token_less_does_not() -> None:
    answer = Answer("three short words", {"and": "more"})
    count = _words_and_signs

    assert answer.size(count) == 3 + count('{"and":"more"}')
    assert Budget(answer.size(count), count).holds(answer)
    assert not Budget(answer.size(count) - 1, count).holds(answer)


def test_a_word_that_no_tokenizer_parts_counts_by_its_length() -> None:
    answer = Answer("x" * (10 * MOST_CHARS_A_TOKEN))

    assert answer.size(lambda _: 1) == 10
    assert not Budget(9, lambda _: 1).holds(answer)


_ASKED: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "search": st.fixed_dictionaries({"query": st.sampled_from(["wheat", "meadow bees", SICI])}),
    "fetch": st.fixed_dictionaries(
        {"id": st.sampled_from([SICI, "10.5555/long", "10.5555/planted", "10.5555/soil.1"])}
    ),
    "search_articles": st.fixed_dictionaries(
        {
            "query": st.sampled_from(["wheat", "everything about the meadow", "bees"]),
            "min_match": st.sampled_from([0, None]),
            "limit": st.integers(1, 50),
        }
    ),
    "similar_articles": st.fixed_dictionaries(
        {"positive": st.just([{"text": "bees, wheat and a meadow"}]), "limit": st.integers(1, 50)}
    ),
    "related_work": st.fixed_dictionaries(
        {
            "text": st.sampled_from([LONG[:3_000], "Wheat behind three slashes is known."]),
            "limit": st.integers(1, 10),
            "neighbours": st.integers(0, 20),
        }
    ),
}
_ASKED["get_context"] = st.fixed_dictionaries(
    {
        "query": st.sampled_from(["wheat", "everything about the meadow", "bees dance", "qqq"]),
        "max_excerpts": st.integers(1, 50),
    }
)
_ASKED["verify_citations"] = st.fixed_dictionaries(
    {
        "text": st.sampled_from(
            [
                f'{SENTENCE} (Author Number000, 1999; doi:{SICI}) "the bees of the lake". ' * 12,
                "Wheat grows [1]. Bees dance (https://doi.org/10.5555/long).",
                "So it is.",
            ]
        ),
        "start": st.integers(0, 30),
    }
)
_LEVELS = st.fixed_dictionaries(
    {
        "detail": st.sampled_from(get_args(Detail)),
        "max_tokens": st.integers(LEAST_TOKENS, MOST_TOKENS)
        | st.integers(LEAST_TOKENS, 2 * LEAST_TOKENS),
    }
)


@pytest.fixture(scope="module")
def real_holder(odd_index: Path) -> Iterator[EngineHolder]:
    """Lend an engine whose tokenizer is a real one."""
    engine = SearchEngine.open(odd_index)
    yield EngineHolder(engine)
    engine.close()


@settings(max_examples=60, deadline=None)
@given(drawn=st.data(), name=st.sampled_from([*_ASKED]))
def test_no_tool_answers_with_more_than_its_budget(
    real_holder: EngineHolder, drawn: st.DataObject, name: str
) -> None:
    asked: dict[str, Any] = {**drawn.draw(_ASKED[name])}
    max_tokens = 6_000
    if name not in ("search", "fetch"):
        asked |= drawn.draw(_LEVELS)
        max_tokens = asked["max_tokens"]
        if "detail" not in tool_named(name).arguments.model_fields:
            del asked["detail"]

    answer = tool_named(name).call(real_holder, asked)

    with real_holder.borrow() as engine:
        data = json.dumps(answer.data, ensure_ascii=False, separators=(",", ":"))
        sent = [answer.text] if answer.data is None else [answer.text, data]
        assert sum(map(engine.count_tokens, sent)) <= max_tokens
    for named in re.findall(r"^   by: (.*)$", answer.text, re.MULTILINE):
        assert named.count(",") <= 5


def test_the_tokenizer_of_a_snapshot_counts_a_text_of_any_length(odd_index: Path) -> None:
    folder = odd_index / SNAPSHOTS / current_name(odd_index) / "encoder"
    encoder = OnnxEncoder.load(folder)

    # the tiny model's word pieces are letters and signs
    assert encoder.count_tokens(["", "abc, de.", "ab c " * 1_000]) == [0, 7, 3_000]
