"""The vector index answers as plain multiplication would, whatever FAISS index lies below."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import DamagedSnapshotError
from index.vectors import (
    CODES,
    EMBEDDINGS,
    EXACT,
    FLAT,
    FLAT_UP_TO,
    GATHERED_UP_TO,
    REFINED,
    SCALES,
    Embeddings,
    Mask,
    VectorIndex,
    index_factory,
    write_vectors,
)

N_ARTICLES = 24_000
DIMENSION = 192
K = 10
CODED = f"PQ{DIMENSION // 2}x4fs"
KINDS = (FLAT, CODED)
ROUNDING = {FLAT: 1e-6, CODED: 0.003}
"""By how much a cosine can be off that an index of each kind gives: coded ones have 8 bits."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """An open index of each kind over the same embeddings, and queries near some of them."""

    embeddings: Embeddings
    queries: Embeddings
    opened: dict[str, VectorIndex]

    def cosines(self, query: Embeddings) -> Embeddings:
        return self.embeddings @ query

    def nearest(self, query: Embeddings, mask: Mask | None = None) -> list[int]:
        cosines = self.cosines(query)
        if mask is not None:
            cosines[~mask] = -np.inf
        order = [int(row) for row in np.argsort(-cosines, kind="stable")[:K]]
        return [row for row in order if cosines[row] > -np.inf]


def open_written(folder: Path, embeddings: Embeddings, kind: str | None = None) -> VectorIndex:
    folder.mkdir(exist_ok=True)
    np.save(folder / EMBEDDINGS, embeddings.astype(np.float16))
    write_vectors(folder, kind)
    return VectorIndex(folder)


def unit(vectors: npt.NDArray[np.float64]) -> Embeddings:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Make clustered embeddings, as topics make them, and an index of each kind over them."""
    generator = np.random.default_rng(7)
    centres = generator.normal(size=(60, DIMENSION))
    topics = centres[generator.integers(0, 60, N_ARTICLES)]
    embeddings = unit(topics + generator.normal(size=(N_ARTICLES, DIMENSION)))
    near = embeddings[generator.integers(0, N_ARTICLES, 12)]
    queries = unit(near + 0.05 * generator.normal(size=near.shape))
    folder = tmp_path_factory.mktemp("vectors")
    opened = {kind: open_written(folder / kind, embeddings, kind) for kind in KINDS}
    kept = embeddings.astype(np.float16).astype(np.float32)
    return Corpus(kept, queries, opened)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.01])
def test_every_kind_finds_what_multiplication_finds_and_nothing_the_mask_forbids(
    corpus: Corpus, kind: str, share: float
) -> None:
    mask = np.random.default_rng(3).random(N_ARTICLES) < share
    n_found = 0

    for query in corpus.queries:
        found = corpus.opened[kind].search(query, K, mask)
        assert mask[found.rows].all()
        assert len(set(found.rows)) == K
        np.testing.assert_allclose(
            found.scores, corpus.cosines(query)[found.rows], atol=ROUNDING[kind]
        )
        n_found += len(set(found.rows) & set(corpus.nearest(query, mask)))

    assert n_found >= 0.99 * K * len(corpus.queries)


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_mask_every_kind_finds_the_nearest_best_first(corpus: Corpus, kind: str) -> None:
    n_found = 0

    for query in corpus.queries:
        found = corpus.opened[kind].search(query, K)
        assert (np.diff(found.scores) <= 0).all()
        n_found += len(set(found.rows) & set(corpus.nearest(query)))

    assert n_found >= 0.99 * K * len(corpus.queries)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_of_three_rows_gives_these_three_however_many_are_asked_for(
    corpus: Corpus, kind: str
) -> None:
    mask = np.zeros(N_ARTICLES, dtype=np.bool_)
    mask[[5, 77, 23_999]] = True

    found = corpus.opened[kind].search(corpus.queries[0], 5_000, mask)

    assert list(found.rows) == corpus.nearest(corpus.queries[0], mask)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_that_lets_nothing_pass_gives_nothing(corpus: Corpus, kind: str) -> None:
    found = corpus.opened[kind].search(corpus.queries[0], K, np.zeros(N_ARTICLES, dtype=np.bool_))

    assert len(found.rows) == len(found.scores) == 0


@pytest.mark.parametrize("n_passing", [GATHERED_UP_TO, GATHERED_UP_TO + 1])
def test_few_rows_and_one_more_are_searched_with_the_same_result(
    corpus: Corpus, n_passing: int
) -> None:
    mask = np.zeros(N_ARTICLES, dtype=np.bool_)
    mask[:n_passing] = True

    for query in corpus.queries:
        found = corpus.opened["Flat"].search(query, K, mask)
        assert list(found.rows) == corpus.nearest(query, mask)


def test_more_candidates_than_are_refined_can_be_asked_for(corpus: Corpus) -> None:
    found = corpus.opened["Flat"].search(corpus.queries[0], 3_000)

    assert len(found.rows) == len(found.scores) == 3_000


def test_a_cosine_does_not_depend_on_what_is_gathered_with_it(corpus: Corpus) -> None:
    opened, query = corpus.opened["Flat"], corpus.queries[0]
    rows = np.arange(1_003)

    together = opened.cosines(query, rows)

    alone = [opened.cosines(query, rows[row : row + 1])[0] for row in rows]
    assert together.tolist() == np.array(alone).tolist()


def test_many_threads_get_the_answers_that_one_gets(corpus: Corpus) -> None:
    mask = np.arange(N_ARTICLES) % 2 == 0

    def search(number: int) -> list[int]:
        opened = corpus.opened[KINDS[number % 2]]
        return [int(row) for row in opened.search(corpus.queries[number % 12], K, mask).rows]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(search, range(60))) == [search(number) for number in range(60)]


def test_an_index_states_by_how_much_its_codes_misjudge_a_cosine(corpus: Corpus) -> None:
    assert corpus.opened[FLAT].code_error == 0
    assert 0.01 < corpus.opened[CODED].code_error < 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_found_is_no_nearer_than_the_last_by_more_than_the_stated_error(
    corpus: Corpus, kind: str
) -> None:
    for query in corpus.queries:
        found = corpus.opened[kind].propose(query, 3_000)
        others = np.delete(corpus.cosines(query), found.rows)
        assert others.max() <= found.scores[-1] + corpus.opened[kind].code_error + 1e-6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [1, K, REFINED, 3_000, N_ARTICLES + 1])
def test_proposals_are_best_first_and_those_that_are_refined_exact(
    corpus: Corpus, kind: str, k: int
) -> None:
    opened = corpus.opened[kind]

    for query in corpus.queries[:4]:
        proposed = opened.propose(query, k)
        exact = proposed.rows[:REFINED]
        assert len(set(proposed.rows)) == len(proposed.scores) == min(k, N_ARTICLES)
        assert (np.diff(proposed.scores[:REFINED]) <= 0).all()
        np.testing.assert_allclose(
            proposed.scores[:REFINED], corpus.cosines(query)[exact], atol=ROUNDING[kind]
        )
        errors = np.abs(proposed.scores - corpus.cosines(query)[proposed.rows])
        assert np.mean(errors <= opened.code_error + ROUNDING[kind]) >= 0.995


def test_the_first_hundred_are_compared_by_the_embeddings_themselves(corpus: Corpus) -> None:
    for query in corpus.queries[:4]:
        found = corpus.opened[CODED].search(query, 2 * EXACT)
        errors = np.abs(found.scores - corpus.cosines(query)[found.rows])
        assert errors[:EXACT].max() <= 1e-6
        assert (np.diff(found.scores) <= 0).all()


def test_proposals_under_a_mask_are_what_a_search_gives(corpus: Corpus) -> None:
    mask = np.arange(N_ARTICLES) % 3 == 0

    for kind, opened in corpus.opened.items():
        proposed = opened.propose(corpus.queries[0], 3_000, mask)
        found = opened.search(corpus.queries[0], 3_000, mask)
        assert proposed.rows.tolist() == found.rows.tolist(), kind
        assert proposed.scores.tolist() == found.scores.tolist()


def test_equal_scores_are_in_row_order_even_where_the_candidates_end(tmp_path: Path) -> None:
    same = np.repeat(unit(np.random.default_rng(0).normal(size=(1, 64))), 3_000, axis=0)
    opened = open_written(tmp_path, same)

    assert opened.search(same[0], 5).rows.tolist() == [0, 1, 2, 3, 4]
    assert opened.search(same[0], 5, np.arange(3_000) >= 100).rows.tolist() == [*range(100, 105)]


@given(
    places=st.lists(st.integers(0, 5), min_size=1, max_size=40),
    k=st.integers(1, 60),
    query=st.integers(0, 5),
    passing=st.none() | st.lists(st.booleans(), min_size=40, max_size=40),
)
@settings(deadline=None, max_examples=60)
def test_a_small_corpus_is_ranked_by_cosine_then_row(
    places: list[int], k: int, query: int, passing: list[bool] | None
) -> None:
    pool = unit(np.random.default_rng(1).normal(size=(6, 8)))
    embeddings = pool[places].astype(np.float16).astype(np.float32)
    mask = None if passing is None else np.array(passing[: len(places)])
    cosines = [float(embedding.astype(float) @ pool[query]) for embedding in embeddings]
    rows = [row for row in range(len(places)) if mask is None or mask[row]]
    with TemporaryDirectory() as folder:
        found = open_written(Path(folder), embeddings).search(pool[query], k, mask)

    assert found.rows.tolist() == sorted(rows, key=lambda row: (-cosines[row], row))[:k]
    np.testing.assert_allclose(found.scores, [cosines[row] for row in found.rows], atol=1e-6)


def test_one_article_is_found(tmp_path: Path) -> None:
    only = unit(np.ones((1, 16)))

    found = open_written(tmp_path, only).search(only[0], 10)

    assert found.rows.tolist() == [0]
    assert found.scores[0] == pytest.approx(1, abs=1e-3)


def test_an_embedding_is_given_back_as_a_unit_vector(tmp_path: Path) -> None:
    embeddings = np.array([[0.6, 0.8], [0, 0]], dtype=np.float32)
    opened = open_written(tmp_path, embeddings)

    assert np.linalg.norm(opened.embedding(0)) == pytest.approx(1, abs=1e-6)
    assert opened.embedding(0) == pytest.approx([0.6, 0.8], abs=1e-3)
    assert opened.embedding(1).tolist() == [0, 0]


@pytest.mark.parametrize("shape", [(9, 16), (11, 16), (10, 15)])
def test_embeddings_of_another_shape_than_the_codes_are_refused(
    tmp_path: Path, shape: tuple[int, int]
) -> None:
    open_written(tmp_path, unit(np.random.default_rng(0).normal(size=(10, 16))))
    np.save(tmp_path / EMBEDDINGS, np.zeros(shape, dtype=np.float16))

    with pytest.raises(DamagedSnapshotError, match="10 × 16 codes, but embeddings of shape"):
        VectorIndex(tmp_path)


@pytest.mark.parametrize(
    ("n_articles", "dimension", "kind"),
    [
        (1, 384, "Flat"),
        (FLAT_UP_TO, 384, "Flat"),
        (FLAT_UP_TO + 1, 384, "PQ192x4fs"),
        (1_000_000, 15, "PQ15x4fs"),
    ],
)
def test_the_kind_of_index_goes_by_the_size_of_the_corpus(
    n_articles: int, dimension: int, kind: str
) -> None:
    assert index_factory(n_articles, dimension) == kind


def test_the_kind_that_was_written_is_given_back(tmp_path: Path) -> None:
    embeddings = np.random.default_rng(1).normal(size=(700, 32)).astype(np.float16)
    np.save(tmp_path / EMBEDDINGS, embeddings)

    assert write_vectors(tmp_path) == "Flat"
    assert write_vectors(tmp_path, "PQ16x4fs") == "PQ16x4fs"


def test_an_odd_number_of_dimensions_is_coded_too(tmp_path: Path) -> None:
    embeddings = unit(np.random.default_rng(5).normal(size=(700, 15)))

    opened = open_written(tmp_path, embeddings, index_factory(FLAT_UP_TO + 1, 15))

    assert [int(opened.search(one, 1).rows[0]) for one in embeddings] == [*range(700)]


@pytest.mark.parametrize("name", [CODES, SCALES])
def test_8_bit_codes_of_another_length_are_refused(tmp_path: Path, name: str) -> None:
    open_written(tmp_path, unit(np.random.default_rng(0).normal(size=(700, 16))), "PQ8x4fs")
    np.save(tmp_path / name, np.load(tmp_path / name)[:-1])

    with pytest.raises(DamagedSnapshotError, match="8-bit codes of shape"):
        VectorIndex(tmp_path)


def test_a_filter_that_forbids_all_that_is_near_is_answered_by_gathering(corpus: Corpus) -> None:
    for query in corpus.queries[:4]:
        # what is left is so dense that many are nearly as near
        mask = corpus.cosines(query) < np.quantile(corpus.cosines(query), 0.8)
        found = corpus.opened[CODED].search(query, K, mask)
        nearest = corpus.cosines(query)[corpus.nearest(query, mask)]
        assert mask[found.rows].all()
        assert found.scores.tolist() == pytest.approx(nearest.tolist(), abs=1e-6)
