"""Hubness: how near an article lies to whatever is asked.

In many dimensions some embeddings are among the nearest of far more questions than others
(Radovanović et al. 2010, "Hubs in space"). How near an article is to its nearest neighbours
tells it apart; taken off its cosine, as cross-domain similarity local scaling does (Conneau
et al. 2018), it no longer comes first for what it has nothing to do with.
"""

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from index.arrays import load_array, save_array
from index.embeddings import PASSAGES
from index.errors import DamagedSnapshotError
from index.vectors import load_embeddings

HUBNESS = "hubness.npy"
NEIGHBOURS = 10
SAMPLED = 1_000
"""Neighbours are looked for among so many articles: in a few seconds also for a large corpus."""

_BLOCK_ROWS = 16_384
_DIGITS = 4
# of a sum of products whose last bits depend on its place in a block

Hubness = npt.NDArray[np.float32]


def write_hubness(folder: Path) -> None:
    """Write the mean cosine of each article with its nearest of a sample, from its embeddings.

    Both lie in `folder`. The sample is drawn by the passages' keys, so the order of the corpus
    plays no part; an article is no neighbour of itself.
    """
    embeddings = load_embeddings(folder)
    keys = np.load(folder / PASSAGES, allow_pickle=False)["key"]
    n_articles = len(keys)
    sample = np.sort(np.argsort([key.tobytes() for key in keys], kind="stable")[:SAMPLED])
    others = embeddings[sample].astype(np.float32)
    hubness = np.zeros(n_articles, np.float32)
    k = min(NEIGHBOURS, len(sample) - 1)
    for start in range(0, n_articles if k else 0, _BLOCK_ROWS):
        rows = np.arange(start, min(start + _BLOCK_ROWS, n_articles))
        block = embeddings[rows].astype(np.float32)
        # in all threads, without the matrix of all cosines that numpy would sort
        cosines, places = faiss.knn(block, others, k + 1, metric=faiss.METRIC_INNER_PRODUCT)
        is_own = sample[places] == rows[:, None]
        # of one that is not in the sample the last is left out
        is_own[~is_own.any(axis=1), k] = True
        nearest = cosines[~is_own].reshape(len(rows), k)
        hubness[rows] = nearest.mean(axis=1).round(_DIGITS)
    save_array(folder / HUBNESS, hubness)


def read_hubness(folder: Path, n_articles: int) -> Hubness:
    """Read what `write_hubness` wrote, shape (n_articles,)."""
    hubness: Hubness = load_array(folder, HUBNESS, np.float32)
    if hubness.shape != (n_articles,):
        raise DamagedSnapshotError(str(folder), f"hubness of {len(hubness)} articles")
    return hubness
