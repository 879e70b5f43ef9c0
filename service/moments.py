"""When articles were first indexed: the order in which a feed tells of them."""

import threading

import numpy as np
import numpy.typing as npt

from index.store import ArticleStore

Ranks = npt.NDArray[np.float64]


class Moments:
    """Ranks the articles of one snapshot by when they were first indexed; safe for many threads.

    The ranks are read from the store when they are first asked for, and kept: eight bytes an
    article.
    """

    def __init__(self, store: ArticleStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._ranks: Ranks | None = None

    def ranks(self) -> Ranks:
        """Give of each row a number that is higher the later it came; 0 where that is unknown."""
        with self._lock:
            if self._ranks is None:
                self._ranks = self._read()
            return self._ranks

    def _read(self) -> Ranks:
        # a build dates all that it adds alike, so there are few different times
        numbers: dict[str, int] = {}
        met = np.zeros(len(self._store), np.int64)
        for row, moment in self._store.moments():
            met[row] = numbers.setdefault(moment, len(numbers) + 1)
        ranks = np.zeros(len(numbers) + 1)
        for rank, moment in enumerate(sorted(numbers), 1):
            ranks[numbers[moment]] = rank
        return ranks[met]
