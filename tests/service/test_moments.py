"""The order in which articles came to an index."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.store import ArticleStore
from service.moments import Moments
from tests.building import write_store

TIMES = ["2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z", "2026-11-22T10:00:00.000Z"]


@given(times=st.lists(st.none() | st.sampled_from(TIMES), min_size=1, max_size=9))
def test_ranks_are_in_the_order_of_the_times_and_none_is_before_all(
    times: list[str | None],
) -> None:
    articles = [
        Article(article_id=str(number), title="t", first_indexed=time)
        for number, time in enumerate(times)
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "articles.sqlite"
        write_store(path, articles)
        with closing(ArticleStore(path)) as store:
            moments = Moments(store)
            ranks = moments.ranks().tolist()
            assert moments.ranks() is moments.ranks()

    for one, rank in zip(times, ranks, strict=True):
        for other, another in zip(times, ranks, strict=True):
            assert (rank < another) == ((one or "") < (other or ""))
        assert (rank == 0) == (one is None)
