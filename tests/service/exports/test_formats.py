"""What is exported is read back by our own readers, with nothing lost that the format can hold."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from service.exports.formats import FORMS, ExportFormat, export, file_name
from tests.service.exports.drawing import drawn_articles, folded, found, read_back

REFERENCES: list[ExportFormat] = ["bibtex", "ris", "csl-json"]
VALID_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_./+-]*")
SHARED = ["title", "abstract", "journal", "published", "doi", "type", "url", "language"]


@given(articles=st.lists(drawn_articles(), min_size=1, max_size=4))
def test_json_lines_hold_all_of_an_article(articles: list[Article]) -> None:
    assert read_back("jsonl", articles) == articles


@given(articles=st.lists(drawn_articles(), min_size=1, max_size=4))
def test_a_table_holds_all_of_an_article_but_the_ids_of_its_versions(
    articles: list[Article],
) -> None:
    for read, article in zip(read_back("csv", articles), articles, strict=True):
        if article.citation_key not in (None, read.citation_key):
            # taken by another article, or none that can be cited by
            assert read.citation_key
        assert read == replace(article, citation_key=read.citation_key)


@pytest.mark.parametrize("name", REFERENCES)
@given(articles=st.lists(drawn_articles(), min_size=1, max_size=4))
def test_a_file_of_references_holds_what_its_format_can(
    name: ExportFormat, articles: list[Article]
) -> None:
    all_read = read_back(name, articles)

    assert len(all_read) == len(articles)
    for read, article in zip(all_read, articles, strict=True):
        assert {field: getattr(read, field) for field in SHARED} == {
            field: getattr(article, field) for field in SHARED
        }
        assert folded(read) == folded(article)
        assert set(read.identifiers) >= set(article.identifiers) - {article.article_id}
        assert read.retracted == (article.retracted or None)
        if name == "csl-json":
            assert read.n_authors == article.n_authors
    keys = [read.citation_key or "" for read in all_read]
    assert all(VALID_KEY.fullmatch(key) for key in keys)
    assert len({key.casefold() for key in keys}) == len(articles)


@given(article=drawn_articles())
def test_no_cell_of_a_table_is_a_formula(article: Article) -> None:
    content = b"".join(export("csv", [found(article)])).decode("utf-8-sig")

    (_, row) = csv.reader(io.StringIO(content))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "＝")) for cell in row)


@pytest.mark.parametrize(
    "title", ["=1+1", "'=1+1", "''-x", "@sum", "+1", "-1", "＝1", "'tis", "''"]
)
def test_a_title_that_looks_like_a_formula_comes_back_as_it_was(title: str) -> None:
    article = Article(article_id="x", title=title, abstract="-@ not a formula")

    (read,) = read_back("csv", [article])

    assert (read.title, read.abstract) == (title, "-@ not a formula")


def test_an_apostrophe_in_a_table_of_others_stays() -> None:
    from index.sources import open_content, read_records

    (record,) = read_records(open_content(b"title,year\n'-omics' in fields,2020\n", "x"))[1]

    assert getattr(record, "title", None) == "'-omics' in fields"


def test_the_key_of_a_bibliography_stays_where_it_can_be_cited() -> None:
    own = Article(article_id="a", title="One", citation_key="Ray:2001")
    articles = [own, replace(own, article_id="b"), replace(own, citation_key="with a blank")]

    keys = [read.citation_key for read in read_back("bibtex", articles)]

    assert keys == ["Ray:2001", "anonone", "anonone-a"]


@pytest.mark.parametrize("name", FORMS)
def test_an_export_of_nothing_is_a_whole_file(name: ExportFormat) -> None:
    content = b"".join(export(name, []))

    if name == "csl-json":
        assert json.loads(content) == []
    elif name == "csv":
        assert content.decode("utf-8-sig").startswith("Article ID,Title,")
    else:
        assert content == b""


@pytest.mark.parametrize("name", FORMS)
def test_articles_are_read_as_they_are_written(name: ExportFormat) -> None:
    n_read = 0

    def endless() -> object:
        nonlocal n_read
        while True:
            n_read += 1
            yield found(Article(article_id=str(n_read), title="t", abstract="word " * 200))

    blocks = export(name, endless())  # type: ignore[arg-type]  # a generator of them
    first = next(blocks)

    assert len(first) >= 65_536
    assert n_read < 100


def test_an_entry_of_each_kind_looks_as_people_write_it() -> None:
    article = Article(
        article_id="doi:10.5555/a",
        title="BERT in bed",
        abstract="Naïve cats: 5 %.",
        authors=("Ann Ray", "Vision Group"),
        n_authors=2,
        doi="10.5555/a",
        journal="Proceedings of X",
        published="2020-05-03",
        type="conference-paper",
        language="en",
        url="https://example.org/a_b",
        retracted=True,
        identifiers=("arxiv:2101.00001", "doi:10.5555/a", "openalex:W1"),
        first_indexed="2026-11-22T10:00:00.000Z",
    )

    def text(name: ExportFormat) -> str:
        return b"".join(export(name, [found(article)])).decode()

    assert text("bibtex") == (
        "@inproceedings{ray2020bert,\n"
        "  author = {Ray, Ann and {Vision Group}},\n"
        "  title = {{BERT} in bed},\n"
        "  booktitle = {Proceedings of X},\n"
        "  year = {2020},\n"
        "  month = may,\n"
        "  day = {3},\n"
        "  doi = {10.5555/a},\n"
        "  eprint = {2101.00001},\n"
        "  archiveprefix = {arXiv},\n"
        "  identifiers = {openalex:W1},\n"
        "  url = {https://example.org/a_b},\n"
        "  language = {en},\n"
        "  note = {Retracted.},\n"
        '  abstract = {Na{\\"\\i}ve cats: 5 \\%.},\n'
        "}\n\n"
    )
    assert text("ris").splitlines() == [
        "TY  - CPAPER",
        "ID  - ray2020bert",
        "TI  - BERT in bed",
        "AU  - Ray, Ann",
        "AU  - Vision Group,",
        "T2  - Proceedings of X",
        "PY  - 2020",
        "DA  - 2020/05/03/",
        "DO  - 10.5555/a",
        "UR  - https://example.org/a_b",
        "LA  - en",
        "AB  - Naïve cats: 5 %.",
        "N1  - Retracted.",
        "DP  - Cognate",
        "AN  - arxiv:2101.00001",
        "AN  - openalex:W1",
        "ER  - ",
        "",
    ]
    assert json.loads(text("csl-json")) == [
        {
            "author": [{"family": "Ray", "given": "Ann"}, {"literal": "Vision Group"}],
            "id": "ray2020bert",
            "type": "paper-conference",
            "title": "BERT in bed",
            "container-title": "Proceedings of X",
            "issued": {"date-parts": [[2020, 5, 3]]},
            "DOI": "10.5555/a",
            "URL": "https://example.org/a_b",
            "language": "en",
            "abstract": "Naïve cats: 5 %.",
            "status": "retracted",
            "note": "Retracted.",
            "custom": {"identifiers": ["arxiv:2101.00001", "openalex:W1"]},
        }
    ]


def test_an_unknown_title_is_shown_in_brackets_and_read_back_as_unknown() -> None:
    article = Article(article_id="x", abstract="Bees remember flowers. They dance.")

    for name in REFERENCES:
        text = b"".join(export(name, [found(article)])).decode()
        assert "[Bees remember flowers. They dance.]" in text
        assert "Title unknown; these are the first words of the abstract." in text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Can poor sleep harm memory?", "cognate-can-poor-sleep-harm-memory.bib"),
        (None, "cognate-articles.bib"),
        ('"../../etc/passwd"\r\nX: y', "cognate-etc-passwd-x-y.bib"),
        ("神経 Müller", "cognate-muller.bib"),
        ("word " * 40, "cognate-word-word-word-word-word-word-word-word-word-word.bib"),
    ],
)
def test_a_file_is_called_by_what_was_asked(question: str | None, expected: str) -> None:
    assert file_name("bibtex", question) == expected
