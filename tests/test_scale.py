"""Recombined corpora, what stands for their embeddings, and the commands that measure them."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.article import Article
from index.pieces import pieces_of
from index.vectors import Embeddings
from scripts import scale
from scripts.charts import Line, Panel, draw_panels
from scripts.recombined.articles import PREFIX, corpus, further, join_titles, write_articles
from scripts.recombined.encoder import RecombinedEncoder, fit_spread, load_encoder
from scripts.recombined.opening import snapshot_of
from scripts.recombined.stock import Lookup, RealTexts, Stock, nearest, text_keys, write_stock
from scripts.scaling.asking import draw_questions
from scripts.scaling.processes import in_child
from service.cli import main as cognate
from tests.building import build, write_source
from tests.encoders import DIMENSION, HashEncoder
from tests.tiny_models import save_tiny_model

SUBJECTS = ("sleep", "gravity", "bargains", "wheat", "bees", "signals", "deltas", "bridges")
N_REAL = 3 * len(SUBJECTS)
N_MADE = 40
HALF_PRECISION = 2e-3
FOUR_BITS = 0.98


def record(number: int) -> dict[str, object]:
    subject = SUBJECTS[number % len(SUBJECTS)]
    return {
        "id": f"real:{number}",
        "title": f"Careful studies of {subject} number {number}",
        "abstract": f"We study {subject} in the mountains of region {number} over years. "
        f"The weight of {subject} was taken with instrument {number} every morning. "
        f"Nothing in the literature on {subject} explains finding {number} very well. "
        f"A short note on {number}. "
        f"Our results on {subject} hold for the other {number} valleys as well.",
        "authors": [f"Ada Author{number}", f"Ben Writer{number % 5}"],
        "journal": f"Journal of {subject}",
        "published": f"20{number % 25:02}-03",
    }


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write articles with sentences to take, and one that has a title only."""
    folder = tmp_path_factory.mktemp("source")
    bare = {"id": "real:bare", "title": "A title without an abstract"}
    return write_source(folder / "real.jsonl", *map(record, range(N_REAL)), bare)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, source: Path) -> Path:
    """Build an index with the readable encoder."""
    directory = tmp_path_factory.mktemp("real") / "index"
    build(directory, source)
    return snapshot_of(directory)


@pytest.fixture(scope="module")
def texts(snapshot: Path) -> RealTexts:
    """Read its articles."""
    return RealTexts.read(snapshot)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, snapshot: Path, texts: RealTexts) -> Path:
    """Write its stock, with the spread."""
    folder = tmp_path_factory.mktemp("stock")
    write_stock(folder, snapshot, texts)
    fit_spread(Stock.open(folder, snapshot), folder)
    return folder


@pytest.fixture(scope="module")
def stock(folder: Path, snapshot: Path) -> Stock:
    """Open the stock."""
    return Stock.open(folder, snapshot)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, stock: Stock, texts: RealTexts) -> Lookup:
    """Write a corpus of real and recombined articles."""
    path = tmp_path_factory.mktemp("made") / "articles.jsonl.gz"
    return write_articles(path, corpus(stock, texts, N_REAL + 1 + N_MADE))


@pytest.fixture
def encoder(stock: Stock, folder: Path, made: Lookup) -> RecombinedEncoder:
    """Give the encoder of that corpus."""
    return load_encoder(HashEncoder(), stock, folder, made)


def recombined(stock: Stock, texts: RealTexts) -> list[Article]:
    """Give the recombined articles, as the readers of a build make them."""
    return [
        Article(article_id=str(one["id"]), title=str(one["title"]), abstract=str(one["abstract"]))
        for one in corpus(stock, texts, N_REAL + 1 + N_MADE)
        if str(one["id"]).startswith(PREFIX)
    ]


def embeddings_of(encoder: RecombinedEncoder, passages: Sequence[str]) -> Embeddings:
    return np.array([one.embedding for one in encoder.encode_passages(passages)])


def test_a_smaller_corpus_is_the_beginning_of_a_larger_one(stock: Stock, texts: RealTexts) -> None:
    n = N_REAL + 1
    larger = list(corpus(stock, texts, n + 20))
    assert list(corpus(stock, texts, n + 10)) == larger[: n + 10]
    assert list(corpus(stock, texts, 10)) == larger[:10]
    assert list(further(stock, texts, n + 10, 10)) == larger[n + 10 :]
    assert [one["id"] for one in larger[:n]] == [one.article_id for one in texts.articles]


def test_sentences_and_names_of_a_recombined_article_are_those_of_real_ones(
    stock: Stock, texts: RealTexts
) -> None:
    sentences = {piece for pieces in texts.pieces for piece in pieces}
    names = {name for article in texts.articles for name in article.authors}
    journals = {article.journal for article in texts.articles}
    for one in further(stock, texts, 0, N_MADE):
        article = Article(article_id="x", title=None, abstract=str(one["abstract"]))
        found = pieces_of(article)
        assert 5 <= len(found) <= 9
        assert set(found) <= sentences
        assert set(one["authors"]) <= names  # type: ignore[call-overload]  # a list
        assert one["journal"] in journals


def test_a_short_sentence_and_an_article_without_abstract_are_not_taken(
    stock: Stock, texts: RealTexts
) -> None:
    assert stock.rows.tolist() == list(range(N_REAL))
    assert all("short note" not in str(one["abstract"]) for one in further(stock, texts, 0, N_MADE))


@pytest.mark.parametrize(
    ("head", "tail", "joined"),
    [
        ("Deep parsing for Latin", "A corpus of old letters", "Deep parsing of old letters"),
        ("Parsing: a survey", "Tagging: one more look", "Parsing: one more look"),
        ("Parsing", "Tagging", "Parsing: Tagging"),
        ("Parler : essai", "Écrire : essai", "Parler: essai"),
    ],
)
def test_a_title_is_the_front_of_one_and_the_back_of_another(
    head: str, tail: str, joined: str
) -> None:
    assert join_titles(head, tail, "", draw=random.Random(0)) == joined


def test_a_word_of_a_title_is_that_of_a_third() -> None:
    draw = random.Random(0)
    title = join_titles("Deep parsing for Latin", "New work on Turkish", "In German", draw=draw)
    assert title == "Deep parsing on German"


def test_every_embedding_has_length_one_and_none_is_computed(
    encoder: RecombinedEncoder, stock: Stock, texts: RealTexts
) -> None:
    articles = [*texts.articles, *recombined(stock, texts)]
    passages = [article.passage() for article in articles]
    pieces = [piece for article in articles for piece in pieces_of(article)]
    found = embeddings_of(encoder, [*passages, *pieces])
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5
    assert encoder.counts["really_encoded"] == 0
    assert encoder.counts["recombined_passages"] == N_MADE


def test_a_real_passage_has_its_stored_embedding_and_a_real_sentence_its_piece(
    encoder: RecombinedEncoder, texts: RealTexts
) -> None:
    real = HashEncoder()
    passages = [article.passage() for article in texts.articles]
    expected = np.array([real.encode_query(passage) for passage in passages])
    assert np.abs(embeddings_of(encoder, passages) - expected).max() < HALF_PRECISION
    truncated = [one.truncated for one in encoder.encode_passages(passages)]
    assert truncated == [one.truncated for one in real.encode_passages(passages)]
    pieces = [piece for of_one in texts.pieces for piece in of_one]
    expected = np.array([real.encode_query(piece) for piece in pieces])
    assert (embeddings_of(encoder, pieces) * expected).sum(axis=1).min() > FOUR_BITS


def test_embeddings_do_not_depend_on_order_or_company(
    encoder: RecombinedEncoder, stock: Stock, texts: RealTexts
) -> None:
    passages = [article.passage() for article in recombined(stock, texts)]
    together = embeddings_of(encoder, passages)
    apart = np.array([embeddings_of(encoder, [passage])[0] for passage in passages[::-1]])
    assert np.abs(together - apart[::-1]).max() < 1e-5
    # a perturbation, not the mean itself, and not the same for all
    assert len(np.unique(together, axis=0)) == N_MADE


def test_what_nobody_wrote_is_encoded_and_two_sentences_in_one_are_their_mean(
    encoder: RecombinedEncoder, texts: RealTexts
) -> None:
    (unknown,) = embeddings_of(encoder, ["Nobody wrote this"])
    assert np.array_equal(unknown, HashEncoder().encode_query("Nobody wrote this"))
    first, second = texts.pieces[0][1:3]
    one, other, both = embeddings_of(encoder, [first, second, f"{first} {second}"])
    assert both @ (one + other) == pytest.approx(np.linalg.norm(one + other), abs=1e-5)
    assert encoder.counts["really_encoded"] == encoder.counts["joined_pieces"] == 1


def test_the_nearest_are_others_nearest_first() -> None:
    drawn = np.random.default_rng(0).standard_normal((30, DIMENSION)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    cosines = drawn @ drawn.T
    np.fill_diagonal(cosines, -1)
    assert np.array_equal(nearest(drawn, 5), np.argsort(-cosines, axis=1)[:, :5])


def test_a_lookup_finds_what_was_saved_and_of_equal_texts_the_first(tmp_path: Path) -> None:
    lookup = Lookup.of(text_keys(["a", "b", "a"]), np.arange(3))
    lookup.save(tmp_path, "found")
    loaded = Lookup.load(tmp_path, "found")
    assert loaded.find(text_keys(["b", "a", "c"])).tolist() == [1, 0, -1]
    nothing = Lookup.of(text_keys([]), np.arange(0))
    assert nothing.find(text_keys(["a"])).tolist() == [-1]


def test_a_child_gives_back_what_it_found() -> None:
    assert in_child(divmod, 7, 2) == (3, 1)


def test_a_chart_may_grow_by_factors_upwards() -> None:
    line = Line("time", [(10_000, 1), (1_000_000, 100)])
    panel = Panel(
        "Time", "articles", "ms", [line], (10_000, 1_000_000), "log", False, (1, 10, 100), "log"
    )
    drawn = draw_panels([panel])
    # from the lower left corner to the upper right one
    assert '<polyline points="52.0,254.0 328.0,34.0"' in drawn
    assert "1,000,000" in drawn


def test_a_corpus_is_made_and_measured_by_the_command(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, origin, into = save_tiny_model(tmp_path), tmp_path / "origin", tmp_path / "made"
    arguments = ["build", str(source), "--into", str(origin), "--model", str(model), "--quiet"]
    assert cognate(arguments) == 0
    n_articles = N_REAL + 1 + N_MADE
    results = tmp_path / "results.json"

    def measure(kind: str, *arguments: str) -> dict[str, object]:
        assert scale.main([kind, *arguments, "--smoke", "--results", str(results)]) == 0
        figures: dict[str, object] = json.loads(results.read_text())
        assert "commit" in figures
        return figures

    taken = ("--from", str(origin))
    figures = measure("make", *taken, "--articles", str(n_articles), "--into", str(into))
    assert figures["build"]["n_articles"] == n_articles  # type: ignore[index]  # JSON
    figures = measure("recall", "--index", str(into))
    assert figures["recall@10"]["all"]["mean"] == 1  # type: ignore[index]
    figures = measure("serve", "--index", str(into))
    assert figures["one_client"]["n"] > 0  # type: ignore[index]
    figures = measure("add", *taken, "--index", str(into), "--articles", "10")
    assert figures["n_after"] == n_articles + 10
    chart = tmp_path / "curve.svg"
    figures = measure("curve", "--index", str(origin), str(into), "--chart", str(chart))
    assert [one["n_articles"] for one in figures["sizes"]] == [N_REAL + 1, n_articles + 10]  # type: ignore[attr-defined]
    assert chart.read_text().startswith("<svg")
    questions = draw_questions(into / "index", 20)
    assert len(set(questions)) == len(questions) == 20
    with pytest.raises(FileExistsError):
        scale.main(["make", *taken, "--articles", "9", "--into", str(into)])
