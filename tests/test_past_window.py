"""Sentences are told apart by the encoder's window, and asked of a real service."""

import json
import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.article import Article
from index.embeddings import read_truncated
from index.sentences import split_sentences
from index.snapshot import SNAPSHOTS, current_name
from index.store import STORE, ArticleStore
from scripts import past_window
from scripts.draws import read_known
from scripts.known_items import SAMPLE
from scripts.past_window import LEAST_WORDS, Pair, Window, compare, draw_pairs, interval, sides
from service.cli import main as cognate
from tests.building import WHEAT, write_source
from tests.tiny_models import bert_config, save_tiny_model

WINDOW = 400
SPECIAL = 2
"""A passage is read between two word pieces of the model's own."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sample's index with a model that reads the first 398 letters of a passage."""
    folder = tmp_path_factory.mktemp("index")
    config = bert_config()
    config.max_position_embeddings = WINDOW
    model = save_tiny_model(folder, window=WINDOW, config=config)
    build = ["build", str(SAMPLE), "--into", str(folder / "sample"), "--model", str(model)]
    assert cognate([*build, "--quiet"]) == 0
    return folder / "sample"


@pytest.fixture(scope="module")
def articles() -> Sequence[Article]:
    """Read the sample as a build does."""
    return read_known(SAMPLE).drawn_from


@pytest.fixture(scope="module")
def window(index: Path) -> Window:
    """Open the window of the sample's index."""
    return Window.open(index)


def test_a_window_ends_where_its_last_piece_does(window: Window) -> None:
    n_read = WINDOW - SPECIAL
    text = "letters and, é: more " * WINDOW
    end = window.end(text)
    assert end is not None
    assert sum(not letter.isspace() for letter in text[:end]) == n_read
    words = "ab " * (n_read // 2)
    assert window.end(words) is None
    assert window.end(words + "c") == len(words.rstrip())


def test_a_prompt_takes_its_part_of_the_window(window: Window) -> None:
    prompted = Window(window.tokenizer, replace(window.spec, passage_prompt="say: "))
    n_words = (WINDOW - SPECIAL - len("say:")) // 2
    assert prompted.end("ab " * WINDOW) == len("ab " * n_words) - 1


def test_a_window_ends_in_the_passages_that_the_index_calls_truncated(
    index: Path, window: Window
) -> None:
    folder = index / SNAPSHOTS / current_name(index)
    with closing(ArticleStore(folder / STORE)) as store:
        ends = [window.end(article.passage()) for article in store]
    truncated = read_truncated(folder / "vectors").tolist()
    assert [end is not None for end in ends] == truncated
    assert 0 < sum(truncated) < len(truncated)


def test_a_sentence_past_the_window_starts_at_or_after_its_end(articles: Sequence[Article]) -> None:
    for article in articles:
        passage, end = article.passage(), random.Random(article.article_id).randrange(400, 900)
        before, past = sides(article, end)
        assert all(passage.index(sentence) + len(sentence) <= end for sentence in before)
        assert all(passage.index(sentence) >= end for sentence in past)
        assert all(len(sentence.split()) >= LEAST_WORDS for sentence in before + past)
        places = split_sentences(article.abstract or "", article.language)
        assert len(before) + len(past) <= len(places)


def test_a_sentence_that_straddles_the_end_lies_on_neither_side() -> None:
    long = "We counted all the bees of {} and their many dances."
    first, second, third = (long.format(where) for where in ("Rome", "Oslo", "Lima"))
    article = Article(article_id="x:1", title="Bees", abstract=f"{first} {second} Few. {third}")
    passage = article.passage()
    within = passage.index(second) + 5
    assert sides(article, within) == ([first], [third])
    assert sides(article, passage.index(second)) == ([first], [second, third])
    assert sides(article, passage.index(second) + len(second)) == ([first, second], [third])


def test_a_draw_is_the_same_each_time_and_takes_an_article_once(
    articles: Sequence[Article], window: Window
) -> None:
    pairs = draw_pairs(articles, window, 20)
    assert pairs == draw_pairs(articles, window, 20)
    assert pairs[:7] == draw_pairs(articles, window, 7)
    assert len({pair.article.article_id for pair in pairs}) == len(pairs) == 20
    for pair in pairs:
        end = window.end(pair.article.passage())
        assert end is not None
        before, past = sides(pair.article, end)
        assert pair.before in before
        assert pair.past in past


def test_a_damaged_query_is_every_second_word() -> None:
    pair = Pair(Article(article_id="x:1"), "a b c d e f g h", "i j k l m n o p")
    assert pair.query("past", "verbatim") == "i j k l m n o p"
    assert pair.query("past", "every second word") in ("i k m o", "j l n p")
    asked = {
        replace(pair, article=Article(article_id=f"x:{n}")).query("before", "every second word")
        for n in range(20)
    }
    assert asked == {"a c e g", "b d f h"}


@pytest.mark.parametrize(
    ("sentence", "says_so"),
    [
        ("Code and data are publicly available.", True),
        ("See https://example.org/bees for more.", True),
        ("The model will be released soon.", True),
        ("We ask open-ended questions of bees.", False),
        ("There are few tools available to them.", False),
    ],
)
def test_sentences_that_say_where_the_code_is_are_told(sentence: str, says_so: bool) -> None:
    pair = Pair(Article(article_id="x:1"), "Bees dance.", sentence)
    assert pair.says_where_the_code_is == says_so


def test_sides_are_compared_over_the_articles_kept() -> None:
    before, past = [True, True, False, True], [True, False, False, False]
    figures = compare({"before": before, "past": past}, [True, True, True, False])
    assert (figures["n"], figures["before"], figures["past"]) == (3, 0.6667, 0.3333)
    assert figures["past_minus_before"] == -0.3333
    assert compare({"before": before, "past": past}, [False] * 4) == {"n": 0}


def test_an_interval_holds_the_mean_and_narrows_with_more_articles() -> None:
    differences = np.array([1.0, 0.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0])
    low, high = interval(differences)
    of_more = interval(np.tile(differences, 16))
    assert low < of_more[0] < differences.mean() < of_more[1] < high
    assert interval(np.zeros(5)) == (0, 0)


def test_the_sample_is_asked_in_every_form_mode_and_floor(index: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    arguments = ["--smoke", "--index", str(index), "--results", str(results)]
    assert past_window.main(arguments) == 0
    figures = json.loads(results.read_text(encoding="utf-8"))
    assert (figures["n_articles"], figures["window"]) == (past_window.N_SMOKE, WINDOW)
    recalls = figures["recall@10"]
    assert recalls.keys() == {"verbatim", "every second word"}
    for of_form in recalls.values():
        assert of_form.keys() == set(past_window.MODES)
        for of_mode in of_form.values():
            assert of_mode.keys() == set(past_window.FLOORS)
    # the words know of no window
    for of_floor in recalls["verbatim"]["lexical"].values():
        assert (of_floor["before"], of_floor["past"]) == (1, 1)
    assert {"commit", "snapshot", "command"} <= figures.keys()


def test_what_is_too_short_or_not_named_is_refused(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = write_source(tmp_path / "short.jsonl", WHEAT)
    for arguments, reason in (
        ([str(short)], "no article has a sentence on either side"),
        ([], "name a corpus, or ask for --smoke"),
    ):
        with pytest.raises(SystemExit):
            past_window.main([*arguments, "--index", str(index)])
        assert reason in capsys.readouterr().err
