"""The store gives back the articles that were written, by row and by any form of an id."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import TYPES, Article
from index.errors import DamagedSnapshotError
from index.store import ArticleStore, StoreWriter
from tests.building import write_store

texts = st.text(min_size=1, max_size=40)
articles_without_ids = st.builds(
    Article,
    article_id=st.just(""),
    title=st.none() | texts,
    abstract=st.none() | texts,
    authors=st.lists(texts, max_size=3).map(tuple),
    n_authors=st.integers(0, 10_000),
    doi=st.none() | texts,
    journal=st.none() | texts,
    published=st.none() | st.sampled_from(["1999", "2024-02", "2024-02-29"]),
    type=st.sampled_from(TYPES),
    url=st.none() | texts,
    language=st.none() | texts,
    is_new=st.booleans(),
    retracted=st.none() | st.booleans(),
    citation_key=st.none() | texts,
    identifiers=st.lists(texts, max_size=3).map(tuple),
    version_ids=st.lists(texts, max_size=3).map(tuple),
    first_indexed=st.none() | st.just("2026-11-22T10:00:00.000Z"),
    source=texts,
    line=st.integers(0, 2**40),
)
corpora = st.lists(
    st.tuples(texts, articles_without_ids), min_size=1, max_size=6, unique_by=lambda pair: pair[0]
).map(lambda pairs: [replace(article, article_id=one) for one, article in pairs])


@contextmanager
def opened(articles: Sequence[Article]) -> Iterator[ArticleStore]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a #% folder.sqlite"
        write_store(path, articles)
        store = ArticleStore(path)
        yield store
        store.close()


def numbered(n_articles: int) -> list[Article]:
    return [Article(article_id=f"id {row}", title=f"title {row}") for row in range(n_articles)]


@given(corpus=corpora)
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_back(corpus: list[Article]) -> None:
    with opened(corpus) as store:
        assert store.n_articles == len(store) == len(corpus)
        assert list(store) == corpus
        assert [store[row] for row in range(len(corpus))] == store[:] == corpus
        assert list(store.since(1)) == corpus[1:]
        assert store.articles(range(len(corpus))) == corpus
        assert [store[row] for row in store.in_order_of_ids()] == sorted(
            corpus, key=lambda article: article.article_id.encode()
        )
        assert [store.find(article.article_id) for article in corpus] == [*range(len(corpus))]


@pytest.mark.parametrize("n_asked", [0, 1, 499, 500, 501, 1_100])
def test_articles_come_in_the_order_asked_for_however_many(n_asked: int) -> None:
    corpus = numbered(1_100)
    rows = [(7 * number) % 1_100 for number in range(n_asked)]

    with opened(corpus) as store:
        assert store.articles(rows) == [corpus[r] for r in rows]
        assert store.article_ids(rows) == [corpus[row].article_id for row in rows]


def test_a_row_can_be_asked_for_twice() -> None:
    with opened(numbered(3)) as store:
        assert store.article_ids([2, 0, 2]) == ["id 2", "id 0", "id 2"]
        assert [article.title for article in store.articles([1, 1])] == ["title 1"] * 2


def test_every_article_is_streamed_while_others_are_asked_for() -> None:
    corpus = numbered(1_200)
    with opened(corpus) as store:
        streamed = []
        for row, article in enumerate(store):
            streamed.append(article)
            assert store.article_ids([row]) == [article.article_id]

    assert streamed == corpus


@pytest.mark.parametrize(
    "text",
    [
        "acme-1",
        "  acme-1 ",
        "doi:10.1145/abc.1",
        "10.1145/ABC.1",
        "https://doi.org/10.1145/Abc.1",
        "DOI: 10.1145/abc.1",
        "arXiv:2101.00001v3",
        "2101.00001",
        "https://arxiv.org/abs/2101.00001v2",
        "10.48550/arXiv.2101.00001",
        "pmid:12345",
        "https://pubmed.ncbi.nlm.nih.gov/12345/",
        "https://openalex.org/W2741809807",
        "W2741809807",
        "acl:2020.acl-main.1",
        "https://aclanthology.org/2020.acl-main.1/",
    ],
)
def test_any_form_of_any_of_its_identifiers_finds_an_article(text: str) -> None:
    identifiers = (
        "acl:2020.acl-main.1",
        "arxiv:2101.00001",
        "doi:10.1145/abc.1",
        "openalex:W2741809807",
        "pmid:12345",
    )
    sought = Article(article_id="acme-1", title="sought", identifiers=identifiers)

    with opened([*numbered(2), sought]) as store:
        assert store.find(text) == 2


@pytest.mark.parametrize(
    "text",
    ["", "acme", "12345", "10.1145/other", "%", "acme-1' OR 1=1", "\x00", "\udcff", "x" * 9999],
)
def test_what_names_no_article_finds_none(text: str) -> None:
    with opened([Article(article_id="acme-1", title="t", identifiers=("pmid:12345",))]) as store:
        assert store.find(text) is None


def test_an_articles_own_id_wins_over_the_same_identifier_of_another() -> None:
    first = Article(article_id="1", title="first", identifiers=("doi:10.1000/x", "pmid:7"))
    second = Article(article_id="doi:10.1000/x", title="second", identifiers=("pmid:7",))

    with opened([first, second]) as store:
        assert store.find("10.1000/x") == 1
        assert store.find("pmid:7") == 0


def test_many_threads_read_at_once() -> None:
    corpus = numbered(600)
    with opened(corpus) as store:

        def read(row: int) -> Article:
            found = store.find(f"id {row}")
            assert found == row
            return store.articles([row, 0])[0]

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(read, range(600))) == corpus


CHANGES = st.lists(
    st.tuples(st.sampled_from(["append", "replace", "remove"]), st.integers(0, 9)), max_size=8
)


@given(corpus=corpora, cut=st.integers(0, 6), changes=CHANGES)
@settings(deadline=None, max_examples=100)
def test_a_store_that_is_changed_is_the_one_that_is_written_at_once(
    corpus: list[Article], cut: int, changes: list[tuple[str, int]]
) -> None:
    expected: dict[int, Article] = dict(enumerate(corpus[:cut]))
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_store(folder / "before.sqlite", corpus[:cut])
        with StoreWriter(folder / "after.sqlite", folder / "before.sqlite") as writer:
            for one in corpus[cut:]:
                expected[writer.append(one)] = one
            for number, (change, place) in enumerate(changes):
                new = Article(article_id=f"new {number}", title="t", identifiers=("pmid:1",))
                if change == "append" or len(expected) < 2:
                    expected[writer.append(new)] = new
                    continue
                row = sorted(expected)[place % len(expected)]
                if change == "replace":
                    writer.replace(row, new)
                    expected[row] = new
                else:
                    writer.remove(row)
                    del expected[row]
            assert list(writer.articles()) == [expected[row] for row in sorted(expected)]
            writer.finish()
        articles = [expected[row] for row in sorted(expected)]
        with closing(ArticleStore(folder / "after.sqlite")) as store, opened(articles) as at_once:
            assert list(store) == list(at_once) == articles
            for one in articles:
                assert store.find(one.article_id) == at_once.find(one.article_id)
            rows = [row for row in range(len(articles)) if "pmid:1" in articles[row].identifiers]
            found = store.find("pmid:1")
            assert found in rows if rows else found is None


def test_an_article_is_dated_by_when_it_was_first_indexed_under_any_of_its_ids() -> None:
    def at(time: str | None, one: str, *others: str, doi: str | None = None) -> Article:
        return Article(article_id=one, title="t", identifiers=others, doi=doi, first_indexed=time)

    with opened([at("2020", "1", "pmid:7"), at("2021", "2", doi="10.1/a")]) as earlier:
        writer = StoreWriter()
        for article in (
            at(None, "pmid:7"),
            at(None, "2", doi="10.1/a"),
            at(None, "x", "2", doi="10.1/b"),
            at("2019", "1"),
        ):
            writer.append(article)
        writer.date("2026", earlier)

        assert [one.first_indexed for one in writer.articles()] == ["2020", "2021", "2026", "2020"]


def test_what_an_article_says_of_itself_counts_only_where_there_was_no_index_before() -> None:
    said = (None, "2019", "2027")
    articles = [
        Article(article_id=str(number), title="t", first_indexed=time)
        for number, time in enumerate(said)
    ]

    first = StoreWriter()
    later = StoreWriter()
    for article in articles:
        first.append(article)
        later.append(article)
    first.date("2026", None)
    with opened([Article(article_id="other", title="t")]) as earlier:
        later.date("2026", earlier)

    assert [one.first_indexed for one in first.articles()] == ["2026", "2019", "2026"]
    assert [one.first_indexed for one in later.articles()] == ["2026", "2026", "2026"]


# Damage

READINGS: dict[str, Callable[[ArticleStore], object]] = {
    "all": list,
    "some": lambda store: store.articles([0, 1]),
    "ids": lambda store: store.article_ids([1]),
    "order": lambda store: list(store.in_order_of_ids()),
    "found": lambda store: store.find("id 1"),
    "moments": lambda store: list(store.moments()),
    "counts": lambda store: store.count_by_language(),
}


@pytest.mark.parametrize("reading", READINGS)
def test_a_damaged_store_is_named_whatever_is_read_of_it(tmp_path: Path, reading: str) -> None:
    path = tmp_path / "articles.sqlite"
    write_store(path, numbered(400))
    store = ArticleStore(path)
    # all but the page that says which pages there are
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\xff" * (len(raw) - 4096))

    with closing(store), pytest.raises(DamagedSnapshotError, match=r"check all .* cognate verify"):
        READINGS[reading](store)


def test_a_store_that_lacks_an_article_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "articles.sqlite"
    write_store(path, numbered(3))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM articles WHERE row = 1")
        connection.commit()

    with closing(ArticleStore(path)) as store:
        assert [article.article_id for article in store.articles([0, 2])] == ["id 0", "id 2"]
        with pytest.raises(DamagedSnapshotError, match="holds no article at row 1"):
            store.articles([0, 1, 2])


def test_what_is_asked_of_a_closed_store_is_no_damage(tmp_path: Path) -> None:
    write_store(tmp_path / "articles.sqlite", numbered(3))
    store = ArticleStore(tmp_path / "articles.sqlite")
    store.close()

    with pytest.raises(sqlite3.ProgrammingError):
        store.find("id 1")
