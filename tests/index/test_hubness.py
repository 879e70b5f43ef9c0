"""Hubness: the mean cosine with the nearest of a sample, whatever the order of the corpus."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embeddings import KEY_TYPE, PASSAGES, passage_key
from index.errors import DamagedSnapshotError
from index.hubness import HUBNESS, NEIGHBOURS, read_hubness, write_hubness
from index.vectors import EMBEDDINGS

ROUNDING = 1e-4
Matrix = npt.NDArray[np.float16]


def random_units(n: int, dimension: int = 8) -> Matrix:
    vectors = np.random.default_rng(n).normal(size=(n, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float16)


def keys_of(texts: Sequence[str]) -> list[bytes]:
    return [passage_key(text) for text in texts]


def hubness(folder: Path, embeddings: Matrix, texts: Sequence[str] | None = None) -> list[float]:
    """Write embeddings as they lie in a snapshot, and give the hubness of each."""
    texts = [str(row) for row in range(len(embeddings))] if texts is None else texts
    passages = np.zeros(len(embeddings), KEY_TYPE)
    for row, key in enumerate(keys_of(texts)):
        passages[row] = (np.void(key), False)
    folder.mkdir(exist_ok=True)
    np.save(folder / EMBEDDINGS, embeddings)
    np.save(folder / PASSAGES, passages)
    write_hubness(folder)
    return [float(one) for one in read_hubness(folder, len(embeddings))]


def brute_force(embeddings: Matrix, texts: Sequence[str], n_sampled: int) -> list[float]:
    """Give the mean cosine of each with its nearest of the sample, one pair after the other."""
    keys = keys_of(texts)
    sample = sorted(range(len(keys)), key=lambda row: keys[row])[:n_sampled]
    exact = embeddings.astype(np.float64)
    means = []
    for row in range(len(exact)):
        cosines = sorted(exact[row] @ exact[other] for other in sample if other != row)
        nearest = cosines[::-1][: min(NEIGHBOURS, len(sample) - 1)]
        means.append(float(np.mean(nearest)))
    return means


@pytest.mark.parametrize("n_articles", [3, NEIGHBOURS, NEIGHBOURS + 1, NEIGHBOURS + 2, 60])
@pytest.mark.parametrize("n_sampled", [2, NEIGHBOURS + 1, 25, 1_000])
def test_hubness_is_that_of_brute_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_articles: int, n_sampled: int
) -> None:
    monkeypatch.setattr("index.hubness.SAMPLED", n_sampled)
    embeddings = random_units(n_articles)
    texts = [f"of bees {row}" for row in range(n_articles)]

    found = hubness(tmp_path, embeddings, texts)

    assert found == pytest.approx(brute_force(embeddings, texts, n_sampled), abs=ROUNDING)


@pytest.mark.parametrize("block_rows", [1, 7, 20])
def test_how_many_rows_are_compared_at_once_plays_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_rows: int
) -> None:
    embeddings = random_units(40)
    whole = hubness(tmp_path / "whole", embeddings)
    monkeypatch.setattr("index.hubness._BLOCK_ROWS", block_rows)

    assert hubness(tmp_path / "blocks", embeddings) == pytest.approx(whole, abs=ROUNDING)


@given(order=st.permutations(range(30)))
@settings(deadline=None)
def test_the_order_of_the_corpus_plays_no_part(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    embeddings, texts = random_units(30), [f"of bees {row}" for row in range(30)]
    folder = tmp_path_factory.mktemp("hubness")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.hubness.SAMPLED", 20)
        in_order = hubness(folder, embeddings, texts)
        shuffled = hubness(folder, embeddings[order], [texts[row] for row in order])

    assert shuffled == pytest.approx([in_order[row] for row in order], abs=ROUNDING)


def test_an_article_alone_is_near_to_nothing(tmp_path: Path) -> None:
    assert hubness(tmp_path, random_units(1)) == [0]


def test_of_two_articles_each_is_the_others_neighbour(tmp_path: Path) -> None:
    embeddings = random_units(2)
    first, second = embeddings.astype(np.float64)

    assert hubness(tmp_path, embeddings) == pytest.approx([first @ second] * 2, abs=ROUNDING)


def test_an_article_is_no_neighbour_of_itself_but_its_equals_are(tmp_path: Path) -> None:
    # each in a dimension of its own, but for two
    embeddings = np.eye(6, dtype=np.float16)
    embeddings[1] = embeddings[0]

    found = hubness(tmp_path, embeddings)

    # all five others are neighbours
    assert found == pytest.approx([1 / 5, 1 / 5, 0, 0, 0, 0], abs=ROUNDING)


def test_what_lies_in_the_middle_has_the_highest(tmp_path: Path) -> None:
    around = np.eye(12, dtype=np.float64)
    middle = np.full((1, 12), 12**-0.5)
    embeddings = np.concatenate([around, middle]).astype(np.float16)

    found = hubness(tmp_path, embeddings)

    assert found[-1] == pytest.approx(12**-0.5, abs=ROUNDING)
    assert max(found[:-1]) == pytest.approx(12**-0.5 / NEIGHBOURS, abs=ROUNDING)


def test_hubness_of_another_number_of_articles_is_refused_by_name(tmp_path: Path) -> None:
    hubness(tmp_path, random_units(3))

    with pytest.raises(DamagedSnapshotError, match="hubness of 3 articles") as caught:
        read_hubness(tmp_path, 4)
    assert caught.value.path == str(tmp_path)


def test_hubness_is_one_number_of_single_precision_for_each_article(tmp_path: Path) -> None:
    hubness(tmp_path, random_units(3))

    stored = np.load(tmp_path / HUBNESS)

    assert (stored.shape, stored.dtype) == ((3,), np.float32)
