"""The plain-text listing of a discovery site."""

import gzip
import json
from pathlib import Path

import pytest

from index.sources import listing
from index.sources.listing import is_abstract
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

HEADING = "Articles published on Emotion\nAuthors\nSelect Authors\n599 Search results\n"
TITLE = "Adaptive weighting in a transformer: why, how and when?"
ABSTRACT = "Emotion recognition is widely used. We propose a simple new method for it."


def read(text: str) -> list[Record | Refused]:
    return list(listing.read(open_content(text.encode(), "listing.txt")))


def read_one(text: str) -> Record:
    (record,) = read(text)
    assert isinstance(record, Record)
    return record


def test_every_line_of_an_entry_finds_its_place() -> None:
    text = HEADING + (
        "- New\n- Research Article\n- 10.1016/j.x.2025.1\n- Jan 1, 2026\n- Pattern Recognition\n"
        f"- Liangfei Zhang + 4 more\n{TITLE}\n"
        f"- Abstract\n- 10.1002/alz.1\n- Dec 24, 2025\n- A + B - Letters\n- Junze Lyu\n{ABSTRACT}"
    )
    assert listing.recognise(text)
    assert read(text) == [
        Record(
            line=5,
            identifiers=("doi:10.1016/j.x.2025.1",),
            title=TITLE,
            authors=("Liangfei Zhang",),
            n_authors=5,
            journal="Pattern Recognition",
            published="Jan 1, 2026",
            type="Research Article",
            is_new=True,
        ),
        Record(
            line=12,
            identifiers=("doi:10.1002/alz.1",),
            abstract=ABSTRACT,
            authors=("Junze Lyu",),
            n_authors=1,
            journal="A + B - Letters",
            published="Dec 24, 2025",
            type="Abstract",
        ),
    ]


@pytest.mark.parametrize(
    ("names", "journal", "authors", "n_authors"),
    [
        ("- Nature\n- A B + 1 more\n", "Nature", ("A B",), 2),
        ("- Nature\n- A B\n", "Nature", ("A B",), 1),
        ("- Nature\n", "Nature", (), None),
        ("- A B + 12 more\n", None, ("A B",), 13),
        ("", None, (), None),
    ],
)
def test_journal_and_authors_may_be_missing(
    names: str, journal: str | None, authors: tuple[str, ...], n_authors: int | None
) -> None:
    record = read_one(f"- Review Article\n- 10.1016/x\n- Dec 2025\n{names}{TITLE}\n")
    assert (record.journal, record.authors, record.n_authors) == (journal, authors, n_authors)
    assert (record.title, record.published, record.type) == (TITLE, "Dec 2025", "Review Article")


def test_type_doi_or_date_may_be_missing() -> None:
    record = read_one(f"- 10.1016/x\n- Dec 5, 2025\n- Nature\n{TITLE}")
    assert (record.type, record.journal) == (None, "Nature")
    record = read_one(f"- New\n- Dataset\n- Dec 5, 2025\n- Nature\n{TITLE}")
    assert (record.type, record.identifiers, record.is_new) == ("Dataset", (), True)
    record = read_one(f"- Dataset\n- https://doi.org/10.1016/x\n- Nature\n- A B\n{TITLE}")
    assert (record.identifiers, record.published, record.journal) == (
        ("doi:10.1016/x",), None, "Nature",
    )  # fmt: skip


def test_blank_lines_and_several_lines_of_text_do_no_harm() -> None:
    record = read_one(f"- 10.1016/x\n\n- Dec 5, 2025\n- Nature\n\n{TITLE}\n\n{ABSTRACT}\n1 2 3\n")
    assert (record.title, record.abstract) == (TITLE, ABSTRACT)
    assert record.repairs == ("a line of the entry was not understood: '1 2 3'",)


def test_an_entry_that_lost_its_text_is_refused_and_the_next_one_kept() -> None:
    lost = "- Research Article\n- 10.1016/lost\n- Dec 5, 2025\n- Nature\n- A B\n"
    for kept in (
        f"- New\n- Review\n- 10.1016/kept\n- Dec 4, 2025\n- Cell\n{TITLE}\n",
        f"- Review\n- 10.1016/kept\n- Dec 4, 2025\n- Cell\n{TITLE}\n",
    ):
        refused, record = read(lost + kept)
        assert refused == Refused(1, "no title or abstract follows the list items")
        assert isinstance(record, Record)
        assert (record.line, record.type, record.journal) == (6, "Review", "Cell")


def test_what_is_no_entry_is_refused() -> None:
    text = "- Research Article\n- Nature\n- A B\nSome text\n- 10.1016/x\n"
    assert read(text) == [
        Refused(1, "the list items hold neither a DOI nor a date"),
        Refused(5, "no title or abstract follows the list items"),
    ]


@pytest.mark.parametrize(
    "title",
    [
        "Attention",
        "What is emotion, and how do we know it? A survey",
        "COLIN: complementary and competitive balanced learning network",
        "The Bio* toolkits--a brief overview.",
        "Emotion in the wild. Part 2. Recognition of faces",
        "Emotion recognition. A review.",
        "Dr. Who vs. the Daleks et al. in U.S. television, No. 5, by J. R. Hartley",
        "Is multimodal emotion recognition solved yet? A critical review.",
        "Background noise and our hearing",
        "Effects of " + "very " * 36 + "long titles",
        "A randomised, double-blind, placebo-controlled trial of " + "the drug and " * 16 + "more",
        "基于多模态融合的情感识别方法研究",
    ],
)
def test_a_title_is_taken_for_a_title(title: str) -> None:
    assert not is_abstract(title)


@pytest.mark.parametrize(
    "abstract",
    [
        ABSTRACT,
        "This paper presents a method for recognising emotions from speech and text.",
        "Can emotions be recognised? In this study we show that they can, to a degree.",
        "Abstract: A dataset of emotional speech is described.",
        "We study emotion in U.S. schools. Our code is at https://example.org/code",
        "Emotion recognition, " * 14 + "is a field of growing interest in the sciences.",
        "emotion recognition and " * 30,
        "本文提出了一种基于多模态融合的情感识别方法。实验结果表明该方法优于现有方法。",
    ],
)
def test_an_abstract_is_taken_for_an_abstract(abstract: str) -> None:
    assert is_abstract(abstract)


@pytest.mark.parametrize("date", ["1 Jan 2026", "January 1, 2026", "2026-01-01", "Jan 2026"])
def test_a_date_may_be_written_in_many_ways(date: str) -> None:
    record = read_one(f"- Review\n- 10.1016/j.x.2025.1\n- {date}\n- Corals\n- Ann Lee\n{TITLE}\n")
    assert (record.published, record.journal, record.authors) == (date, "Corals", ("Ann Lee",))


def test_very_many_authors_are_counted() -> None:
    record = read_one(f"- 10.1016/j.x.2025.1\n- 2026\n- Corals\n- Ann Lee + 1,004 more\n{TITLE}")
    assert (record.authors, record.n_authors) == (("Ann Lee",), 1005)


def test_an_abstract_of_several_paragraphs_is_kept_whole() -> None:
    entry = "- 10.1016/j.x.2025.1\n- 2026\n- Corals\n"
    assert read_one(f"{entry}{ABSTRACT}\n{ABSTRACT}\nSave\n").abstract == f"{ABSTRACT}\n{ABSTRACT}"


def test_a_changelog_is_not_taken_for_a_listing() -> None:
    assert not listing.recognise("- first thing\n- second thing\n\ntext\n- Jan 1, 2026\n")


def test_the_listing_is_read_whole(shared_data: Path) -> None:
    source = open_source(shared_data / "seed" / "listing.txt")
    assert listing.recognise(source.head)
    records = [record for record in listing.read(source) if isinstance(record, Record)]
    assert len(records) == 20
    for record in records:
        assert record.journal
        assert record.published
        assert record.n_authors
        assert (record.title is None) != (record.abstract is None)
    # Every title of this page is shorter than every abstract by far.
    longest_title = max(len(record.title.split()) for record in records if record.title)
    shortest_abstract = min(len(record.abstract.split()) for record in records if record.abstract)
    assert longest_title <= 18 < 146 <= shortest_abstract


def test_titles_and_abstracts_of_real_corpora_are_told_apart(shared_data: Path) -> None:
    n_titles = n_abstracts = n_wrong = 0
    for name in ("acl-anthology", "arxiv-2025-2026"):
        with gzip.open(shared_data / "corpora" / f"{name}.jsonl.gz", "rt") as lines:
            for number, line in enumerate(lines):
                article = json.loads(line)
                if number % 40 == 0 and article.get("title") and article.get("abstract"):
                    n_titles, n_abstracts = n_titles + 1, n_abstracts + 1
                    n_wrong += is_abstract(article["title"])
                    n_wrong += not is_abstract(article["abstract"])
    assert n_titles > 2000
    assert n_wrong / (n_titles + n_abstracts) < 0.005
