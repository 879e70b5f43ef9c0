"""An index that was added to is the index that one build of everything makes."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.build import add_sources, decide_versions
from index.changes import Changes
from index.columns import FIELDS
from index.snapshot import Snapshot
from index.store import STORE, ArticleStore
from index.vectors import load_embeddings
from tests.building import (
    BEES,
    WHEAT,
    all_new,
    build,
    current_folder,
    open_snapshot,
    silent,
    write_source,
    write_store,
)
from tests.encoders import HashEncoder

Records = Sequence[dict[str, object]]

SENTENCES = ["They fly far.", "They dance at home in the dark.", "Soil holds water.", "Far."]
IDS = [("10.5555/a", None), ("10.5555/b", None), (None, "arxiv:2101.00001"), (None, "pmid:7")]
records = st.lists(
    st.builds(
        lambda ids, title, sentences, authors, journal, published: {
            "doi": ids[0],
            "id": ids[1] or f"doi:{ids[0]}",
            "title": title,
            "abstract": " ".join(sentences) or None,
            "authors": [{"name": name} for name in authors],
            "journal": journal,
            "published": published,
        },
        st.sampled_from([*IDS, *((f"10.5555/{number}", None) for number in range(9))]),
        st.sampled_from(["Bees remember flowers", "Wheat and soil", "Bees", "Wheat of bees"]),
        st.lists(st.sampled_from(SENTENCES), max_size=3),
        st.lists(st.sampled_from(["Ada Ek", "Ek, Ada", "Bo Chen", "ADA EK"]), max_size=2),
        st.sampled_from([None, "Nature", "NATURE", "Cell"]),
        st.sampled_from([None, "2024", "2023-05"]),
    ),
    min_size=1,
    max_size=8,
)


def add(directory: Path, source: Path) -> None:
    add_sources([source], directory, encoder=HashEncoder(), say=silent, quiet=True)


def visible(article: Article) -> Article:
    """Give an article without what tells where and when it was read."""
    return replace(article, source="", line=0, first_indexed=None)


def of_row(snapshot: Snapshot, row: int) -> dict[str, list[str]]:
    """Give the names of an article in every field, as the whole corpus spells them."""
    columns = snapshot.columns
    return {
        field: sorted(columns.names(field, columns.count_codes(field, np.array([row]))[0]))
        for field in FIELDS
    }


@given(corpus=records, cut=st.integers(1, 8))
@settings(deadline=None, max_examples=25)
def test_an_index_that_is_added_to_holds_what_one_build_of_everything_holds(
    corpus: Records, cut: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        first = write_source(folder / "first.jsonl", *corpus[:cut])
        later = write_source(folder / "later.jsonl", *corpus[cut:])
        build(folder / "at-once", first, later) if corpus[cut:] else build(
            folder / "at-once", first
        )
        build(folder / "added", first)
        if corpus[cut:]:
            add(folder / "added", later)
        with (
            closing(open_snapshot(folder / "at-once")) as at_once,
            closing(open_snapshot(folder / "added")) as added,
        ):
            assert_same(at_once, added)
            for part in ("embeddings", "passages", "hubness"):
                arrays = [
                    np.load(current_folder(folder / one) / "vectors" / f"{part}.npy")
                    for one in ("at-once", "added")
                ]
                assert arrays[0].tobytes() == arrays[1].tobytes()


def assert_same(at_once: Snapshot, added: Snapshot) -> None:
    articles = [visible(article) for article in at_once.store]
    assert [visible(article) for article in added.store] == articles
    assert added.manifest.n_with_abstract == at_once.manifest.n_with_abstract
    assert [added.store.find(one.article_id) for one in articles] == [*range(len(articles))]
    for row in range(len(articles)):
        assert of_row(added, row) == of_row(at_once, row)
        assert added.pieces.of(row).codes.tolist() == at_once.pieces.of(row).codes.tolist()
    assert added.versions.families() == at_once.versions.families()
    for question in ("bees", "wheat soil", "they dance at home far", "of the"):
        ours, theirs = (one.lexical.matches(question) for one in (added, at_once))
        np.testing.assert_allclose(ours.scores, theirs.scores, rtol=1e-6)
        np.testing.assert_allclose(ours.coverage, theirs.coverage, rtol=1e-6)
        assert (ours.weight, ours.ceiling) == (theirs.weight, theirs.ceiling)
        rows = [one.lexical.phrase_rows(question, "text", 10) for one in (added, at_once)]
        assert sorted(rows[0]) == sorted(rows[1])


def test_a_decision_about_versions_leaves_every_other_part_as_it_was(tmp_path: Path) -> None:
    build(tmp_path / "index", write_source(tmp_path / "all.jsonl", BEES, WHEAT))
    before = current_folder(tmp_path / "index")

    decide_versions(
        ("10.5555/bees", "10.5555/wheat"),
        tmp_path / "index",
        same=True,
        encoder=HashEncoder(),
        say=silent,
        quiet=True,
    )

    after = current_folder(tmp_path / "index")
    assert after != before
    for name in ("articles.sqlite", "vectors/embeddings.npy", "lexical/postings/rows.npy"):
        assert (after / name).stat().st_ino == (before / name).stat().st_ino
    np.testing.assert_array_equal(
        load_embeddings(after / "vectors"), load_embeddings(before / "vectors")
    )


def test_changes_are_the_new_and_the_replaced_articles_by_row(tmp_path: Path) -> None:
    old = [Article(article_id=str(number), title="old") for number in range(3)]
    new = [old[0], replace(old[1], title="new"), old[2], Article(article_id="3", title="new")]
    write_store(tmp_path / STORE, old)

    with all_new(new) as every:
        assert list(every.changed()) == list(enumerate(new))
        assert every.replaced_articles() == []
        changes = Changes(every.store, tmp_path, n_before=3, replaced=(1,))
        assert list(changes.changed()) == [(1, new[1]), (3, new[3])]
        assert changes.replaced_articles() == [old[1]]
        assert changes.part("columns") == tmp_path / "columns"
    with closing(ArticleStore(tmp_path / STORE)) as store:
        assert Changes(store).part("columns") is None
