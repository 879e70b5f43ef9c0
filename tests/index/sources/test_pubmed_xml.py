"""PubMed's XML, and what every XML reader must withstand."""

from pathlib import Path

import pytest

from index.errors import SourceError
from index.sources import pubmed_xml
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

FULL = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet>
<PubmedArticle>
  <MedlineCitation>
    <PMID Version="1">28775130</PMID>
    <Article>
      <Journal>
        <JournalIssue><PubDate><Year>2018</Year></PubDate></JournalIssue>
        <Title>Journal of &amp; things</Title>
      </Journal>
      <ArticleTitle>The <i>APOE</i> gene &lt; x<sub>2</sub></ArticleTitle>
      <ELocationID EIdType="pii">S07</ELocationID>
      <ELocationID EIdType="doi" ValidYN="N">10.1/wrong</ELocationID>
      <ELocationID EIdType="doi">10.1/right</ELocationID>
      <Abstract>
        <AbstractText Label="BACKGROUND">One &amp; two.</AbstractText>
        <AbstractText Label="UNLABELLED">Three.</AbstractText>
        <AbstractText/>
      </Abstract>
      <AuthorList>
        <Author><LastName>Lerro</LastName><ForeName>Catherine C</ForeName></Author>
        <Author ValidYN="N"><LastName>Wrong</LastName></Author>
        <Author><LastName>Plato</LastName></Author>
        <Author><CollectiveName>The Group</CollectiveName></Author>
      </AuthorList>
      <Language>eng</Language>
      <PublicationTypeList>
        <PublicationType>Journal Article</PublicationType>
        <PublicationType>Review</PublicationType>
      </PublicationTypeList>
      <ArticleDate><Year>2018</Year><Month>7</Month><Day>31</Day></ArticleDate>
    </Article>
  </MedlineCitation>
  <PubmedData>
    <ArticleIdList><ArticleId IdType="doi">10.1/right</ArticleId></ArticleIdList>
    <ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1/cited</ArticleId>
    </ArticleIdList></Reference></ReferenceList>
  </PubmedData>
</PubmedArticle>
</PubmedArticleSet>
"""

BOOK = """<PubmedBookArticle><BookDocument>
  <PMID>21413195</PMID>
  <Book>
    <BookTitle>Rheumatoid Arthritis</BookTitle>
    <PubDate><Year>2009</Year><Month>02</Month></PubDate>
    <AuthorList><Author><CollectiveName>National Centre</CollectiveName></Author></AuthorList>
  </Book>
  <Language>eng</Language>
  %s
  <Abstract><AbstractText>Text.</AbstractText></Abstract>
</BookDocument></PubmedBookArticle>"""


def read(text: str) -> list[Record | Refused]:
    return list(pubmed_xml.read(open_content(text.encode(), "pubmed.xml")))


def read_one(text: str) -> Record:
    (record,) = read(text)
    assert isinstance(record, Record)
    return record


def article(inner: str, more: str = "") -> str:
    return (
        f"<PubmedArticle><MedlineCitation><PMID>1</PMID><Article>{inner}</Article>"
        f"{more}</MedlineCitation></PubmedArticle>"
    )


def test_every_field_finds_its_place_and_markup_stays() -> None:
    assert pubmed_xml.recognise(FULL)
    assert read_one(FULL) == Record(
        line=4,
        identifiers=("pmid:28775130", "doi:10.1/right"),
        title="The <i>APOE</i> gene &lt; x<sub>2</sub>",
        abstract="BACKGROUND: One &amp; two.\nThree.",
        authors=("Lerro, Catherine C", "Plato", "The Group"),
        journal="Journal of & things",
        published="2018-07-31",
        type="Journal Article; Review",
        language="eng",
    )


def test_a_book_and_a_chapter_of_it_are_told_apart() -> None:
    book = read_one(BOOK % "")
    assert (book.title, book.journal, book.type) == ("Rheumatoid Arthritis", None, "Book")
    assert (book.published, book.authors) == ("2009-02", ("National Centre",))
    chapter = read_one(BOOK % "<ArticleTitle>Care</ArticleTitle>")
    assert (chapter.title, chapter.journal) == ("Care", "Rheumatoid Arthritis")
    assert chapter.type == "Book Chapter"


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("<Year>2015</Year><Month>Dec</Month><Day>1</Day>", "2015 Dec 1"),
        ("<Year>2015</Year><Month>12</Month><Day>1</Day>", "2015-12-01"),
        ("<Year>2013</Year><Season>Spring</Season>", "2013 Spring"),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", "1998 Dec-1999 Jan"),
        ("<Month>12</Month>", None),
    ],
)
def test_dates_are_read_in_every_form(date: str, published: str | None) -> None:
    inner = f"<Journal><JournalIssue><PubDate>{date}</PubDate></JournalIssue></Journal>"
    assert read_one(article(inner)).published == published


@pytest.mark.parametrize(
    ("types", "reference", "retracted"),
    [
        ("Retracted Publication", "ErratumIn", True),
        ("Journal Article", "RetractionIn", True),
        ("Retraction of Publication", "RetractionOf", None),
    ],
)
def test_a_retracted_article_is_told_from_the_notice_of_it(
    types: str, reference: str, retracted: bool | None
) -> None:
    record = read_one(
        article(
            f"<PublicationTypeList><PublicationType>{types}</PublicationType></PublicationTypeList>",
            f"<CommentsCorrectionsList><CommentsCorrections RefType='{reference}'/>"
            "</CommentsCorrectionsList>",
        )
    )
    assert record.retracted is retracted


def test_the_original_title_stands_in_for_one_not_translated() -> None:
    inner = "<ArticleTitle>[Not Available].</ArticleTitle><VernacularTitle>Ein</VernacularTitle>"
    assert read_one(article(inner)).title == "Ein"


@pytest.mark.parametrize("root", ["MedlineCitationSet", "PubmedArticleSet", "PubmedBookArticleSet"])
def test_every_root_is_read(root: str) -> None:
    inner = article("<ArticleTitle>T</ArticleTitle>")
    if root == "MedlineCitationSet":
        inner = inner.replace("<PubmedArticle>", "").replace("</PubmedArticle>", "")
    text = f"<!-- one -->\n<{root}>{inner}\n{inner}</{root}>"
    assert pubmed_xml.recognise(text)
    assert [getattr(record, "title", None) for record in read(text)] == ["T", "T"]


def test_an_article_with_nothing_in_it_is_refused() -> None:
    (refused,) = read("<PubmedArticleSet>\n<PubmedArticle>\n</PubmedArticle></PubmedArticleSet>")
    assert refused == Refused(
        2, "the PubmedArticle has neither a MedlineCitation nor a BookDocument"
    )


def test_where_the_xml_breaks_the_articles_before_are_given_and_the_place_named() -> None:
    one = article("<ArticleTitle>T</ArticleTitle>")
    text = f"<PubmedArticleSet>\n{one}\n{one}\n<PubmedArticle>\n</PubmedArticleSet>{one}"
    *records, refused = read(text)
    assert [record.line for record in records] == [2, 3]
    assert isinstance(refused, Refused)
    assert refused.line == 5
    assert "the 2 entries before were read, any after were not" in refused.reason


@pytest.mark.parametrize(
    "declared",
    ['<!ENTITY x SYSTEM "file:///etc/hostname">', '<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">',
     '<!ENTITY % p SYSTEM "http://example.org/x.dtd"> %p;'],
)  # fmt: skip
def test_a_document_that_declares_entities_is_refused(declared: str) -> None:
    text = f"<!DOCTYPE PubmedArticleSet [{declared}]>\n<PubmedArticleSet>&x;</PubmedArticleSet>"
    assert pubmed_xml.recognise(text)
    with pytest.raises(SourceError, match="declares XML entities"):
        read(text)


def test_an_entity_that_nobody_declared_is_left_as_it_stands_or_ends_the_reading() -> None:
    one = article("<ArticleTitle>A&nbsp;B</ArticleTitle>")
    doctype = '<!DOCTYPE PubmedArticle PUBLIC "-//NLM//DTD//EN" "https://dtd.nlm.nih.gov/x.dtd">'
    assert read_one(doctype + one).title == "A&nbsp;B"
    (refused,) = read(one)
    assert isinstance(refused, Refused)
    assert "Entity 'nbsp' not defined" in refused.reason


def test_bytes_and_depth_that_the_parser_does_not_bear_are_refused() -> None:
    deep = "<PubmedArticleSet>" + "<a>" * 100_000
    for content in (deep.encode(), FULL.replace("Plato", "Pl\xe9").encode("latin-1")):
        *_, refused = pubmed_xml.read(open_content(content, "bad.xml"))
        assert isinstance(refused, Refused)


def test_line_numbers_go_past_65535() -> None:
    text = f"<PubmedArticleSet>{chr(10) * 70_000}{article('')}</PubmedArticleSet>"
    assert read_one(text).line == 70_001


def test_no_article_of_a_real_export_is_lost(shared_data: Path) -> None:
    for path in sorted((shared_data / "exports" / "pubmed").glob("*.xml")):
        source = open_source(path)
        if pubmed_xml.recognise(source.head):
            n_articles = sum(
                source.text().count(f"<{name}>") for name in ("PubmedArticle", "PubmedBookArticle")
            )
            assert len(list(pubmed_xml.read(source))) == n_articles, path.name


def test_what_an_article_updates_or_republishes_is_a_version_of_it(tmp_path: Path) -> None:
    corrections = "".join(
        f'<CommentsCorrections RefType="{kind}"><RefSource>J.</RefSource>'
        f'<PMID Version="1">{pmid}</PMID></CommentsCorrections>'
        for pmid, kind in enumerate(
            ("UpdateOf", "ErratumIn", "UpdateIn", "CommentOn", "RepublishedFrom"), start=1
        )
    )
    path = tmp_path / "update.xml"
    path.write_text(
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>9</PMID>"
        "<Article><ArticleTitle>Bees</ArticleTitle></Article>"
        f"<CommentsCorrectionsList>{corrections}</CommentsCorrectionsList>"
        "</MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )

    (record,) = pubmed_xml.read(open_source(path, path.name))

    assert isinstance(record, Record)
    assert record.version_ids == ("pmid:1", "pmid:3", "pmid:5")
