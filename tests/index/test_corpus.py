"""The corpus: which records are one article, and what is kept of each."""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.corpus import Corpus, hash_articles, merge
from index.errors import IdentityError
from index.store import StoreWriter


def article(*identifiers: str, source: str = "a.ris", line: int = 1, **known: object) -> Article:
    """Make an article as a reader would: its id is the best of its identifiers."""
    doi = next((i.removeprefix("doi:") for i in identifiers if i.startswith("doi:")), None)
    values = {
        "article_id": identifiers[0] if identifiers else "sha:0",
        "title": "Bees",
        "identifiers": tuple(sorted(i for i in identifiers if ":" in i)),
        "doi": doi,
        "source": source,
        "line": line,
    }
    return Article(**{**values, **known})  # type: ignore[arg-type]  # fields of every type


def corpus_of(*articles: Article) -> Corpus:
    corpus = Corpus()
    for one in articles:
        corpus.add(one)
    return corpus


def later(*earlier: Article) -> Corpus:
    """Give the corpus of a later build, to which the articles of an earlier one belong."""
    with TemporaryDirectory() as name:
        store = StoreWriter(Path(name) / "earlier.sqlite")
        corpus = Corpus(store)
        for one in earlier:
            corpus.add(one)
        store.finish()
        return Corpus(StoreWriter(Path(name) / "later.sqlite", Path(name) / "earlier.sqlite"))


def ids(corpus: Corpus) -> list[str]:
    return [one.article_id for one in corpus.articles()]


# Which records are one article


@pytest.mark.parametrize(
    "shared", ["doi:10.1/a", "arxiv:2101.00001", "pmid:7", "openalex:W12", "acl:P19-1001", "sha:ab"]
)
def test_records_that_share_an_identifier_are_one_article(shared: str) -> None:
    corpus = corpus_of(article(shared, source="a.ris"), article(shared, source="b.bib"))

    assert ids(corpus) == [shared]


def test_records_join_by_an_identifier_that_is_the_id_of_neither() -> None:
    corpus = corpus_of(article("doi:10.1/a", "pmid:7"), article("arxiv:2101.00001", "pmid:7"))

    assert ids(corpus) == ["doi:10.1/a"]


def test_records_without_a_common_identifier_stay_apart_whatever_their_titles() -> None:
    corpus = corpus_of(article("doi:10.1/a"), article("pmid:7"), article("acl:P19-1001"))

    assert len(corpus.articles()) == 3


def test_different_dois_never_join_whatever_else_is_shared() -> None:
    preprint = article("doi:10.48550/arxiv.2101.00001", "arxiv:2101.00001")
    published = article("doi:10.1/a", "arxiv:2101.00001")

    assert len(corpus_of(preprint, published).articles()) == 2


def test_a_record_without_doi_joins_the_first_of_two_works_that_share_its_id() -> None:
    first, second = (
        article("doi:10.1/a", "arxiv:2101.00001"),
        article("doi:10.1/b", "arxiv:2101.00001"),
    )
    corpus = corpus_of(first, second)

    joined = corpus.add(article("arxiv:2101.00001", journal="Hive"))

    assert joined is not None
    assert [one.journal for one in corpus.articles()] == ["Hive", None]


def test_a_later_record_of_one_version_takes_no_id_from_the_other() -> None:
    first, second = article("doi:10.1/a", "pmid:7"), article("doi:10.1/b", "pmid:7")
    corpus = corpus_of(first, second, second)

    corpus.add(article("pmid:7", journal="Hive"))

    assert [one.journal for one in corpus.articles()] == ["Hive", None]


def test_a_record_that_names_two_dois_leaves_the_second_to_its_own_work() -> None:
    both = article("doi:10.1/a", "doi:10.48550/arxiv.2101.00001", "arxiv:2101.00001")
    preprint = article("doi:10.48550/arxiv.2101.00001", "arxiv:2101.00001")

    corpus = corpus_of(both, preprint, preprint, both)

    assert ids(corpus) == ["doi:10.1/a", "doi:10.48550/arxiv.2101.00001"]


def test_a_third_record_unites_two_that_were_apart() -> None:
    corpus = corpus_of(article("pmid:7", journal="Hive"), article("arxiv:2101.00001", line=2))

    joined = corpus.add(article("doi:10.1/a", "arxiv:2101.00001", "pmid:7", line=3))

    assert joined is not None
    assert joined.row == 0
    assert [(one.row, one.article.line) for one in joined.absorbed] == [(1, 2)]
    assert ids(corpus) == ["doi:10.1/a"]
    assert corpus.at(0) == corpus.at(1)


def test_what_was_united_is_found_by_all_its_ids_afterwards() -> None:
    corpus = corpus_of(
        article("pmid:7"), article("arxiv:2101.00001"), article("arxiv:2101.00001", "pmid:7")
    )

    for identifier in ("pmid:7", "arxiv:2101.00001"):
        joined = corpus.add(article(identifier))
        assert joined is not None
        assert joined.row == 0


def test_what_is_united_step_by_step_ends_in_the_first_row() -> None:
    chain = [article(f"acl:{n}") for n in range(6)]
    links = [article(f"acl:{n}", f"acl:{n - 1}") for n in range(5, 0, -1)]
    corpus = corpus_of(*chain, *links)

    joined = corpus.add(article("acl:5"))

    assert joined is not None
    assert joined.row == 0
    assert len(corpus.articles()) == 1
    assert len(corpus) == len(chain)


def test_uniting_leaves_out_the_one_of_two_neighbours_that_has_another_doi() -> None:
    corpus = corpus_of(article("doi:10.1/a", "pmid:7"), article("arxiv:2101.00001"))

    corpus.add(article("doi:10.1/b", "pmid:7", "arxiv:2101.00001"))

    assert ids(corpus) == ["doi:10.1/a", "doi:10.1/b"]


# Bare ids, which every file counts for itself


def test_a_bare_id_joins_within_one_file() -> None:
    corpus = corpus_of(
        article("12", source="a.jsonl", title="Bees", line=1),
        article("12", source="a.jsonl", title=None, abstract="They fly.", line=2),
    )

    (one,) = corpus.articles()
    assert (one.title, one.abstract) == ("Bees", "They fly.")


def test_the_same_content_under_one_bare_id_in_two_files_is_one_article() -> None:
    corpus = corpus_of(article("12", source="a.jsonl"), article("12", source="b.jsonl"))

    assert ids(corpus) == ["12"]


def test_two_articles_of_one_bare_id_are_refused_naming_both_places() -> None:
    corpus = corpus_of(article("12", source="a.jsonl", line=3))

    with pytest.raises(IdentityError) as caught:
        corpus.add(article("12", title="Wheat", source="b.jsonl", line=8))

    assert "'12'" in str(caught.value)
    assert "a.jsonl, line 3 and b.jsonl, line 8" in str(caught.value)
    assert "give one of them another id" in str(caught.value)


def test_two_files_may_use_one_bare_id_for_one_doi_under_two_titles() -> None:
    corpus = corpus_of(
        article("12", "doi:10.1/a", source="a.jsonl"),
        article("12", "doi:10.1/a", source="b.jsonl", title="Bees: a review"),
    )

    assert ids(corpus) == ["12"]


@pytest.mark.parametrize("given", ["12", "acl:P19-1001"])
def test_one_given_id_with_two_dois_is_refused_naming_both_places(given: str) -> None:
    corpus = corpus_of(article(given, "doi:10.1/a", source="a.jsonl", line=3))

    with pytest.raises(IdentityError, match=r"a\.jsonl, line 3 and a.jsonl, line 9"):
        corpus.add(article(given, "doi:10.1/b", source="a.jsonl", line=9))


def test_a_bare_id_that_became_another_name_of_an_article_is_still_taken() -> None:
    corpus = corpus_of(
        article("a1", "doi:10.1/a", source="a.jsonl", line=1),
        article("12", "doi:10.1/a", source="b.jsonl", line=5),
    )
    assert ids(corpus) == ["a1"]

    with pytest.raises(IdentityError, match=r"b\.jsonl, line 5 and c.jsonl, line 2"):
        corpus.add(article("12", title="Wheat", source="c.jsonl", line=2))


def test_a_bare_id_is_taken_where_it_was_given_not_where_its_article_came_first() -> None:
    corpus = corpus_of(
        article("sha:ab", "pmid:7", source="a.ris", line=4),
        article("12", "pmid:7", source="b.jsonl", line=5),
    )
    assert ids(corpus) == ["12"]

    with pytest.raises(IdentityError, match=r"b\.jsonl, line 5 and c.jsonl, line 2"):
        corpus.add(article("12", title="Wheat", source="c.jsonl", line=2))


def test_a_file_of_the_same_name_in_a_later_build_is_another_file() -> None:
    earlier = article("12", source="library.jsonl")

    with pytest.raises(IdentityError, match="names two different articles"):
        later(earlier).add(article("12", source="library.jsonl", title="Wheat"))
    assert later(earlier).add(article("12", source="library.jsonl")) is not None


def test_a_bare_id_of_an_earlier_build_is_still_taken_as_another_name() -> None:
    corpus = later(
        article("a1", "doi:10.1/a", source="a.jsonl"), article("12", "doi:10.1/a", source="b.jsonl")
    )

    with pytest.raises(IdentityError, match="'12'"):
        corpus.add(article("12", title="Wheat", source="c.jsonl"))


# What is kept of each record


def test_of_each_field_the_richer_value_wins() -> None:
    poor = article(
        "pmid:7",
        abstract="They fly.",
        authors=("Ana Ek",),
        n_authors=5,
        published="2024",
        first_indexed="2026-02-01T00:00:00.000Z",
    )
    rich = article(
        "doi:10.1/a",
        "pmid:7",
        source="b.bib",
        line=9,
        title="Other title",
        abstract="They fly far.",
        authors=("Ana Ek", "Bo Li"),
        n_authors=2,
        journal="Hive",
        published="2024-06",
        type="review",
        url="https://example.org/a",
        language="en",
        is_new=True,
        retracted=False,
        citation_key="ek2024",
        first_indexed="2026-01-01T00:00:00.000Z",
    )

    assert merge(poor, rich) == replace(
        rich, title="Bees", n_authors=5, source=poor.source, line=poor.line
    )


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        (None, None, None),
        (None, False, False),
        (False, None, False),
        (False, True, True),
        (True, False, True),
    ],
)
def test_an_article_that_any_record_calls_retracted_is_retracted(
    first: bool | None, second: bool | None, merged: bool | None
) -> None:
    one, other = article("pmid:7", retracted=first), article("pmid:7", retracted=second)

    assert merge(one, other).retracted is merged


@pytest.mark.parametrize(
    ("first", "second", "known_as"),
    [
        ("sha:ab", "arxiv:2101.00001", "arxiv:2101.00001"),
        ("arxiv:2101.00001", "doi:10.1/a", "doi:10.1/a"),
        ("doi:10.1/a", "pmid:7", "doi:10.1/a"),
        ("pmid:7", "openalex:W1", "pmid:7"),
        ("doi:10.1/a", "mine-1", "mine-1"),
        ("doi:10.1/a", "acl:P1", "acl:P1"),
        ("s2:0a", "doi:10.1/a", "doi:10.1/a"),
        ("wos:0001", "sha:ab", "wos:0001"),
        ("mine-1", "mine-2", "mine-1"),
    ],
)
def test_the_best_known_id_stays_and_the_other_still_names_the_article(
    first: str, second: str, known_as: str
) -> None:
    merged = merge(article(article_id=first), article(article_id=second))

    assert merged.article_id == known_as
    assert {first, second} - {known_as} <= set(merged.identifiers)


def test_what_an_article_gained_is_named() -> None:
    corpus = corpus_of(article("pmid:7", abstract="They fly."))

    joined = corpus.add(
        article("pmid:7", "doi:10.1/a", article_id="doi:10.1/a", abstract="They.", journal="Hive")
    )

    assert joined is not None
    assert joined.gained == ("doi", "journal")


def test_the_hash_of_a_corpus_sees_the_articles_and_not_where_they_came_from() -> None:
    one = article("pmid:7", source="a.ris", line=1)

    moved, changed = replace(one, source="b.ris", line=2), replace(one, title="Wasps")

    assert hash_articles([(0, one)]) == hash_articles([(0, moved)])
    assert hash_articles([(0, one)]) != hash_articles([(0, changed)])


# Laws, for any list of small articles

_IDENTIFIERS = st.sampled_from(
    ["arxiv:2101.00001", "arxiv:2101.00002", "pmid:1", "pmid:2", "pmid:3", "acl:A", "acl:B"]
)
_DOIS = st.sampled_from(
    [(), (), (), ("doi:10.1/a",), ("doi:10.1/b",), ("doi:10.1/a", "doi:10.1/b")]
)


@st.composite
def _articles(draw: st.DrawFn) -> Article:
    dois = draw(_DOIS)
    others = draw(st.lists(_IDENTIFIERS, max_size=3, unique=True))
    identifiers = (*dois, *sorted(others))
    authors = draw(st.sampled_from([(), ("Ek",), ("Ek", "Li")]))
    given = draw(st.sampled_from([None, None, None, "1", "2", "own:1"]))
    sha = f"sha:{draw(st.integers(0, 2))}"
    return article(
        *identifiers,
        article_id=given or next(iter(identifiers), sha),
        source=draw(st.sampled_from(["a", "b"])),
        line=draw(st.integers(1, 99)),
        title=draw(st.sampled_from(["Bees", "Wheat", None])),
        abstract=draw(st.sampled_from(["Far.", "Further."])),
        authors=authors,
        n_authors=len(authors),
        journal=draw(st.sampled_from([None, "Hive"])),
        published=draw(st.sampled_from([None, "2024", "2024-05"])),
        retracted=draw(st.sampled_from([None, True, False])),
    )


_LISTS = st.lists(_articles(), max_size=12)


def _added(corpus: Corpus, articles: Sequence[Article]) -> tuple[int, int]:
    """Add articles and count the new and the joined, as a build's report does."""
    n_kept = n_merged = 0
    try:
        for one in articles:
            joined = corpus.add(one)
            n_kept += joined is None
            n_merged += joined is not None
            if joined:
                n_kept -= len(joined.absorbed)
                n_merged += len(joined.absorbed)
    except IdentityError:
        assume(False)
    return n_kept, n_merged


@settings(max_examples=150, deadline=None)
@given(_LISTS)
def test_every_record_is_kept_or_merged_and_every_article_was_kept(
    articles: list[Article],
) -> None:
    corpus = Corpus()
    n_kept, n_merged = _added(corpus, articles)

    assert n_kept + n_merged == len(articles)
    assert n_kept == len(corpus.articles())


@settings(max_examples=150, deadline=None)
@given(_LISTS)
def test_articles_share_an_identifier_only_if_their_dois_differ(articles: list[Article]) -> None:
    corpus = Corpus()
    _added(corpus, articles)

    found = corpus.articles()
    assert len({one.article_id for one in found}) == len(found)
    dois = [one.doi for one in found if one.doi]
    assert len(set(dois)) == len(dois)
    for row, one in enumerate(found):
        for other in found[row + 1 :]:
            shared = set(one.identifiers) & set(other.identifiers)
            assert not shared or (one.doi and other.doi and one.doi != other.doi)


@settings(max_examples=150, deadline=None)
@given(_LISTS)
def test_adding_the_same_articles_again_changes_nothing(articles: list[Article]) -> None:
    corpus = Corpus()
    _added(corpus, articles)
    before = corpus.articles()

    n_kept, n_merged = _added(corpus, articles)

    assert (n_kept, n_merged) == (0, len(articles))
    assert corpus.articles() == before


@settings(max_examples=60, deadline=None)
@given(_LISTS, st.integers(0, 8))
def test_a_corpus_that_is_added_to_later_is_that_of_one_build(
    articles: list[Article], cut: int
) -> None:
    # what came before is given by ids that hold outside of its files
    together = Corpus()
    _added(together, articles)
    before = Corpus()
    _added(before, articles[:cut])

    corpus = later(*before.articles())
    assert corpus.articles() == before.articles()
    _added(corpus, articles[cut:])

    assert sorted(map(_visible, corpus.articles())) == sorted(map(_visible, together.articles()))


def _visible(one: Article) -> str:
    return repr(replace(one, source="", line=0))


@settings(max_examples=100, deadline=None)
@given(_articles(), _articles())
def test_merging_loses_no_known_field(first: Article, second: Article) -> None:
    second = replace(second, doi=first.doi or second.doi)
    merged = merge(first, second)

    for field in fields(Article):
        values = getattr(first, field.name), getattr(second, field.name)
        if any(value not in (None, "", (), 0) for value in values):
            assert getattr(merged, field.name) not in (None, "", ())
    everything = {*first.identifiers, *second.identifiers, first.article_id, second.article_id}
    assert everything <= {merged.article_id, *merged.identifiers}


@settings(max_examples=100, deadline=None)
@given(_articles(), _articles())
def test_merging_a_record_twice_gives_no_more_than_once(first: Article, second: Article) -> None:
    second = replace(second, doi=first.doi or second.doi)
    merged = merge(first, second)

    assert merge(merged, second) == merged
    assert merge(merged, first) == merged


def test_the_versions_of_joined_records_are_those_of_both_that_are_not_the_article() -> None:
    first = article("doi:10.1/a", version_ids=("arxiv:2101.00001", "pmid:7"))
    second = article("doi:10.1/a", "arxiv:2101.00001", version_ids=("doi:10.1/b",))

    assert merge(first, second).version_ids == ("doi:10.1/b", "pmid:7")


def test_the_hash_of_a_corpus_changes_with_its_versions() -> None:
    one = article("doi:10.1/a")

    assert hash_articles([(0, one)]) != hash_articles(
        [(0, replace(one, version_ids=("doi:10.1/b",)))]
    )


def test_the_hash_of_a_corpus_is_the_sum_of_its_articles_at_their_rows() -> None:
    one, other = article("doi:10.1/a"), article("doi:10.1/b")

    both = hash_articles([(0, one), (1, other)])

    assert both == (hash_articles([(0, one)]) + hash_articles([(1, other)])) % 2**256
    assert both != hash_articles([(0, other), (1, one)])
    assert hash_articles([(0, replace(one, source="other.ris", line=9))]) == hash_articles(
        [(0, one)]
    )
