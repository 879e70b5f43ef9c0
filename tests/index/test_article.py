"""From records to articles: every field, every refusal, every repair."""

import gzip
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import TYPES, Article, parse_article
from index.article_types import TYPE_NAMES, parse_type, says_retracted
from index.errors import RefusedRecordError
from index.identity import fingerprint_id
from index.languages import parse_language
from index.sources.record import Record

_RECORD = Record(line=1, title="A Title")


def _article(**fields: Any) -> Article:
    return parse_article(replace(_RECORD, **fields), "x.ris")[0]


def _repairs(**fields: Any) -> tuple[str, ...]:
    return parse_article(replace(_RECORD, **fields), "x.ris")[1]


def test_a_record_becomes_an_article_with_every_field_clean() -> None:
    record = Record(
        line=7,
        markup="latex",
        identifiers=("pmid:0123", "doi:https://doi.org/10.1000/ABC", "arxiv:2101.00001v2"),
        citation_key="harrer2014",
        title=r"{BPEL} Conformance \& more",
        abstract="Abstract: It  is.",
        authors=(r"J\"org Lenhard", "Harrer,  Simon", ""),
        journal="{IEEE} Data Eng. Bull.",
        published="Dec 25, 2014",
        type="Conference Paper",
        url="https://example.org/x",
        language="en-US",
        is_new=True,
        repairs=("the reader mended something",),
    )
    article, repairs = parse_article(record, "library.bib")
    assert article == Article(
        article_id="doi:10.1000/abc",
        title="BPEL Conformance & more",
        abstract="It is.",
        authors=("Jörg Lenhard", "Harrer, Simon"),
        n_authors=2,
        doi="10.1000/abc",
        journal="IEEE Data Eng. Bull.",
        published="2014-12-25",
        type="conference-paper",
        url="https://example.org/x",
        language="en",
        is_new=True,
        citation_key="harrer2014",
        identifiers=("arxiv:2101.00001", "doi:10.1000/abc", "pmid:123"),
        source="library.bib",
        line=7,
    )
    assert repairs == ("the reader mended something",)
    assert article.year == 2014
    assert article.evidence == "title+abstract"
    assert article.passage() == "BPEL Conformance & more\nIt is."


def test_a_title_or_an_abstract_alone_is_enough() -> None:
    assert _article(abstract="No abstract available.").evidence == "title"
    assert _article(title="[No title available]", abstract="Text").evidence == "abstract"
    assert _article(title=None, abstract="Text").passage() == "Text"
    assert _article().year is None


def test_a_placeholder_for_authors_is_none() -> None:
    article = _article(authors=("[No author name available]",))
    assert (article.authors, article.n_authors) == ((), 0)


@pytest.mark.parametrize("title", ["", "  ", "<p></p>", "Untitled", "NO TITLE", "[Not Available]."])
def test_a_record_without_title_and_abstract_is_refused(title: str) -> None:
    record = Record(line=1, given_id="x1", title=title, abstract="[No abstract available]")
    with pytest.raises(RefusedRecordError, match=r"x1.*only blanks or placeholders"):
        parse_article(record, "x")
    with pytest.raises(RefusedRecordError, match="the record has neither title nor abstract"):
        parse_article(Record(line=1), "x")


def test_words_near_a_placeholder_are_a_title() -> None:
    assert _article(title="Untitled: a history").title == "Untitled: a history"
    assert _article(title="None", abstract="n/a").title == "None"


@pytest.mark.parametrize(
    ("fields", "article_id"),
    [
        ({"given_id": "12", "identifiers": ("doi:10.1000/x",)}, "12"),
        ({"given_id": " As Given ", "identifiers": ()}, " As Given "),
        ({"given_id": " ", "identifiers": ("doi:10.1000/x",)}, "doi:10.1000/x"),
        ({"identifiers": ("openalex:W12", "pmid:3", "arxiv:2101.00001")}, "arxiv:2101.00001"),
        ({"identifiers": ("openalex:W12", "pmid:3")}, "pmid:3"),
        ({"identifiers": ("s2:9", "openalex:W12")}, "openalex:W12"),
        ({"identifiers": ("s2:9",)}, "s2:9"),
        ({"url": "https://doi.org/10.1000/X"}, "doi:10.1000/x"),
        ({"url": "https://arxiv.org/abs/2101.00001v1"}, "arxiv:2101.00001"),
        ({"url": "https://pubmed.ncbi.nlm.nih.gov/123/"}, "pmid:123"),
        ({"authors": ("B C",), "published": "2001"}, fingerprint_id("A Title", "B C", 2001)),
        ({"citation_key": "k"}, fingerprint_id("A Title", None, None)),
        ({"title": None, "abstract": "Text"}, fingerprint_id("Text", None, None)),
    ],
)
def test_the_id_is_the_given_one_or_the_best_identifier(
    fields: dict[str, Any], article_id: str
) -> None:
    assert _article(**fields).article_id == article_id


@pytest.mark.parametrize("given_id", ["a\nb", "a\x85", "x" * 513, "a\ud800"])
def test_an_id_that_cannot_be_kept_is_refused(given_id: str) -> None:
    with pytest.raises(RefusedRecordError, match="the id"):
        _article(given_id=given_id)


@pytest.mark.parametrize(
    ("given_id", "identifiers"),
    [
        ("acl:1952.earlymt-1.1", ("acl:1952.earlymt-1.1",)),
        ("arxiv:2503.11731", ("arxiv:2503.11731",)),
        ("10.1000/X", ("doi:10.1000/x",)),
        ("https://doi.org/10.1000/X", ("doi:10.1000/x",)),
        ("doi:10.1000/x", ("doi:10.1000/x",)),
        ("12", ()),
        ("http://example.org/12", ()),
    ],
)
def test_a_given_id_that_names_a_scheme_is_an_identifier_too(
    given_id: str, identifiers: tuple[str, ...]
) -> None:
    assert _article(given_id=given_id).identifiers == identifiers


def test_a_doi_of_arxiv_yields_to_the_journals() -> None:
    article = _article(identifiers=("doi:10.48550/arXiv.2101.00001", "doi:10.1000/x"))
    assert article.doi == "10.1000/x"
    assert "arxiv:2101.00001" in article.identifiers
    assert _article(identifiers=("doi:10.48550/arXiv.2101.00001v1",)).doi == (
        "10.48550/arxiv.2101.00001"
    )


def test_everything_mended_or_left_out_is_told() -> None:
    repairs = _repairs(
        identifiers=("doi:10.1000/x.", "doi:http://hdl.handle.net/1/2", "pmid:abc", "pmid: "),
        published="2021-02-30",
        url="javascript:alert(1)",
        authors=("A B", "et al."),
    )
    assert len(repairs) == 6
    for told in ("et al.", "2021-02-30", "10.1000/x.", "hdl.handle.net", "no pmid", "javascript:"):
        assert any(told in repair for repair in repairs)


@pytest.mark.parametrize(
    ("fields", "authors", "n_authors"),
    [
        ({"authors": ("A B", " ", "C  D;")}, ("A B", "C D"), 2),
        ({"authors": ("A B",), "n_authors": 5}, ("A B",), 5),
        ({"authors": ("A B", "C D"), "n_authors": 1}, ("A B", "C D"), 2),
        ({"authors": ("A B", "others")}, ("A B",), 2),
        ({"authors": ("A B", "et al."), "n_authors": 9}, ("A B",), 9),
        ({"authors": ("{The CGAL Project}",)}, ("The CGAL Project",), 1),
        ({}, (), 0),
    ],
)
def test_authors_are_named_as_the_source_does_and_counted(
    fields: dict[str, Any], authors: tuple[str, ...], n_authors: int
) -> None:
    article = _article(**fields)
    assert (article.authors, article.n_authors) == (authors, n_authors)


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("https://a.org/x y", "https://a.org/x"),
        ("HTTP://a.org;", "HTTP://a.org"),
        ("ftp://a.org", None),
        ("www.a.org", None),
        ("https://" + "a" * 2000, None),
        ("https://", None),
        ("  ", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_kept(raw: str | None, url: str | None) -> None:
    assert _article(url=raw).url == url


@pytest.mark.parametrize(
    ("raw", "ours"),
    [
        ("JOUR", "research-article"),
        ("Research Article", "research-article"),
        ("JournalArticle", "research-article"),
        ("journal-article", "research-article"),
        ("article-journal", "research-article"),
        ("Journal Article; Research Support, N.I.H.", "research-article"),
        ("Article in Press", "research-article"),
        ("INPROCEEDINGS", "conference-paper"),
        ("CPAPER", "conference-paper"),
        ("proceedings-article", "conference-paper"),
        ("JournalArticle;Conference", "conference-paper"),
        ("Article; Proceedings Paper", "conference-paper"),
        ("Journal Article; Review", "review"),
        ("Conference; Review", "review"),
        ("Meta-Analysis", "review"),
        ("posted-content", "preprint"),
        ("Preprint Article", "preprint"),
        ("preprint", "preprint"),
        ("Meeting Abstract", "abstract"),
        ("CHAP", "book-chapter"),
        ("incollection", "book-chapter"),
        ("Book Chapter", "book-chapter"),
        ("DATA", "dataset"),
        ("book-chapter; Book", "book-chapter"),
        ("Editorial", "other"),
        ("phdthesis", "other"),
        ("reallyunknowntype", "other"),
        ("", "other"),
    ],
)
def test_types_of_all_formats_become_ours(raw: str, ours: str) -> None:
    assert parse_type(raw) == ours


def test_the_table_of_types_is_ours_and_names_each_type_once() -> None:
    assert set(TYPE_NAMES) == set(TYPES)
    names = [name for all_names in TYPE_NAMES.values() for name in all_names.split("|")]
    assert len(names) == len(set(names))
    assert [parse_type(ours) for ours in TYPES] == list(TYPES)


@pytest.mark.parametrize(
    ("fields", "retracted"),
    [
        ({}, None),
        ({"retracted": False}, False),
        ({"type": "Journal Article; Retracted Publication"}, True),
        ({"type": "Retraction of Publication"}, None),
        ({"title": "RETRACTED: A Title"}, True),
        ({"title": "[RETRACTED ARTICLE] A Title"}, True),
        ({"title": "Retraction: A Title"}, None),
        ({"title": "RETRACTED: A Title", "retracted": False}, False),
    ],
)
def test_a_retraction_is_read_where_the_source_shows_it(
    fields: dict[str, Any], retracted: bool | None
) -> None:
    assert _article(**fields).retracted is retracted
    assert not says_retracted("Journal Article")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("eng", "en"),
        ("en-US", "en"),
        ("English", "en"),
        ("English; French", "en"),
        ("fre", "fr"),
        ("fra", "fr"),
        ("pt_BR", "pt"),
        ("Deutsch", "de"),
        ("zho", "zh"),
        ("tlh", "tlh"),
        ("Klingon", None),
        ("und", None),
        ("", None),
    ],
)
def test_languages_become_two_letter_codes(raw: str, code: str | None) -> None:
    assert parse_language(raw) == code
    assert _article(language=raw or None).language == code


_TEXTS = st.one_of(st.none(), st.text(max_size=40))


@given(
    title=_TEXTS,
    abstract=_TEXTS,
    given_id=_TEXTS,
    published=_TEXTS,
    url=_TEXTS,
    language=_TEXTS,
    type=_TEXTS,
    journal=_TEXTS,
    authors=st.lists(st.text(max_size=20), max_size=4).map(tuple),
    identifiers=st.lists(st.text(max_size=30), max_size=4).map(tuple),
)
def test_any_record_gives_an_article_or_is_refused(**fields: Any) -> None:
    try:
        article, _ = parse_article(Record(line=1, **fields), "x")
    except RefusedRecordError:
        return
    assert article.article_id
    assert article.title or article.abstract
    assert article.type in TYPES
    assert article.n_authors >= len(article.authors)
    assert list(article.identifiers) == sorted(set(article.identifiers))
    assert repr(article).encode()


def test_a_real_corpus_parses_whole(shared_data: Path) -> None:
    with gzip.open(shared_data / "corpora" / "acl-anthology.jsonl.gz", "rt") as lines:
        for number, line in enumerate(itertools.islice(lines, 3_000), 1):
            raw = json.loads(line)
            record = Record(
                line=number,
                given_id=raw["id"],
                identifiers=(f"doi:{raw['doi']}",) if raw.get("doi") else (),
                title=raw["title"],
                abstract=raw.get("abstract"),
                authors=tuple(raw.get("authors", ())),
                published=raw["date"],
                url=raw["url"],
            )
            article, _ = parse_article(record, "acl")
            assert article.article_id == raw["id"]
            assert article.published == raw["date"]
            assert article.url == raw["url"]


def test_an_article_goes_by_the_doi_of_its_publisher_rather_than_the_one_of_arxiv() -> None:
    identifiers = ("doi:10.48550/arXiv.2101.00001", "doi:10.1145/1")
    article, _ = parse_article(Record(line=1, title="Bees", identifiers=identifiers), "a.ris")
    assert article.doi == "10.1145/1"
    assert article.article_id == "doi:10.1145/1"


def test_the_ids_of_other_versions_are_normalised_and_none_is_the_articles_own() -> None:
    article = _article(
        identifiers=("doi:10.1000/ABC",),
        version_ids=(
            "doi:https://doi.org/10.1000/abc",
            "arxiv:2101.00001v2",
            "doi:10.48550/arXiv.2101.00001",
            "doi:nothing",
            "pmid:007",
        ),
    )
    assert article.version_ids == (
        "arxiv:2101.00001",
        "doi:10.48550/arxiv.2101.00001",
        "pmid:7",
    )


def test_an_id_of_another_version_that_cannot_be_read_is_no_fault_of_the_record() -> None:
    assert _repairs(version_ids=("doi:nothing",)) == ()
