"""The changes of a corpus: which articles the last snapshot does not have as they are now.

Every part of a snapshot is written from them: from all articles where there is nothing to take
over, else from the new ones and the same part of the last snapshot. An article keeps its row as
long as articles are added or gain; so what costs is what changed, and a copy of the rest.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.article import Article
from index.store import STORE, ArticleStore


@dataclass(frozen=True, slots=True)
class Changes:
    """The articles of a snapshot in the making, and how they differ from the last one.

    The first `n_before` rows are those of the snapshot in the folder `earlier`, but for the
    `replaced` ones, ascending; without one, all rows are new.
    """

    store: ArticleStore
    earlier: Path | None = None
    n_before: int = 0
    replaced: tuple[int, ...] = ()

    @property
    def n_articles(self) -> int:
        """How many articles there are."""
        return len(self.store)

    def part(self, name: str) -> Path | None:
        """Give the folder of a part of the earlier snapshot."""
        return None if self.earlier is None else self.earlier / name

    def changed(self) -> Iterator[tuple[int, Article]]:
        """Give what is new or other than it was, by row, ascending."""
        yield from ((row, self.store[row]) for row in self.replaced)
        yield from enumerate(self.store.since(self.n_before), self.n_before)

    def replaced_articles(self) -> list[Article]:
        """Give the replaced articles as they were."""
        if self.earlier is None or not self.replaced:
            return []
        with closing(ArticleStore(self.earlier / STORE)) as before:
            return before.articles(self.replaced)
