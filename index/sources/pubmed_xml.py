"""Read PubMed's XML: articles and books, in their sets or alone."""

from collections.abc import Iterator

from lxml import etree

from index.sources.nbib import RETRACTED_TYPE
from index.sources.opening import Source
from index.sources.record import Record, Refused
from index.sources.xml_entries import inner_xml, line_of, root_name, stream_entries, text_of

_CITATIONS = ("MedlineCitation", "MedlineCitationSet")
_ROOTS = frozenset(
    ("PubmedArticleSet", "PubmedBookArticleSet", "PubmedArticle", "PubmedBookArticle", *_CITATIONS)
)
_NO_TITLE = "[not available]"
_UNNAMED_SECTION = "UNLABELLED"
_OTHER_VERSIONS = ("UpdateOf", "UpdateIn", "RepublishedFrom", "RepublishedIn")
"""How an article refers to its preprint, and to an earlier or later form of itself."""


def recognise(head: str) -> bool:
    """Say whether a source is a PubMed XML document."""
    return root_name(head) in _ROOTS


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record, or the reason for none, for every article and book."""
    bare = root_name(source.head) in _CITATIONS
    names = ("MedlineCitation",) if bare else ("PubmedArticle", "PubmedBookArticle")
    for element in stream_entries(source, names):
        yield element if isinstance(element, Refused) else _entry(element)


def _entry(element: etree._Element) -> Record | Refused:
    line = line_of(element)
    book = element.find("BookDocument")
    if book is not None:
        return _book_record(book, line)
    citation = element if element.tag == "MedlineCitation" else element.find("MedlineCitation")
    if citation is None:
        return Refused(line, f"the {element.tag} has neither a MedlineCitation nor a BookDocument")
    return _article_record(citation, element, line)


def _article_record(citation: etree._Element, whole: etree._Element, line: int) -> Record:
    article = citation.find("Article")
    article = citation if article is None else article
    types = _texts(article, "PublicationTypeList/PublicationType")
    return Record(
        line=line,
        identifiers=tuple(
            _identifiers(
                text_of(citation.find("PMID")),
                _texts(article, "ELocationID[@EIdType='doi']")
                + _texts(whole, "PubmedData/ArticleIdList/ArticleId[@IdType='doi']"),
            )
        ),
        version_ids=tuple(
            f"pmid:{pmid}"
            for kind in _OTHER_VERSIONS
            for pmid in _texts(
                citation, f"CommentsCorrectionsList/CommentsCorrections[@RefType='{kind}']/PMID"
            )
        ),
        title=_title(article),
        abstract=_abstract(article.find("Abstract")) or _abstract(citation.find("OtherAbstract")),
        authors=_authors(article.find("AuthorList")),
        journal=_first(article, "Journal/Title", "Journal/ISOAbbreviation")
        or text_of(citation.find("MedlineJournalInfo/MedlineTA")),
        published=_published(article),
        type="; ".join(types) or None,
        language=_first(article, "Language"),
        retracted=True if _is_retracted(citation, types) else None,
    )


def _book_record(book: etree._Element, line: int) -> Record:
    types = _texts(book, "PublicationType")
    title, book_title = inner_xml(book.find("ArticleTitle")), inner_xml(book.find("Book/BookTitle"))
    authors = book.find("AuthorList")
    return Record(
        line=line,
        identifiers=tuple(
            _identifiers(
                text_of(book.find("PMID")),
                _texts(book, "ArticleIdList/ArticleId[@IdType='doi']")
                + _texts(book, "Book/ELocationID[@EIdType='doi']"),
            )
        ),
        title=title or book_title,
        abstract=_abstract(book.find("Abstract")),
        authors=_authors(book.find("Book/AuthorList") if authors is None else authors),
        journal=_first(book, "Book/BookTitle") if title else None,
        published=_date(book.find("Book/PubDate")) or _date(book.find("ContributionDate")),
        type="; ".join(types) or ("Book Chapter" if title else "Book"),
        language=_first(book, "Language"),
    )


def _title(article: etree._Element) -> str | None:
    """Give the title, or the original one where it was not translated."""
    title = inner_xml(article.find("ArticleTitle"))
    if title is None or title.strip().casefold().startswith(_NO_TITLE):
        return inner_xml(article.find("VernacularTitle")) or title
    return title


def _abstract(abstract: etree._Element | None) -> str | None:
    if abstract is None:
        return None
    sections = []
    for section in abstract.findall("AbstractText"):
        text = inner_xml(section)
        label = section.get("Label")
        if text and label and label != _UNNAMED_SECTION:
            text = f"{label}: {text}"
        if text:
            sections.append(text)
    return "\n".join(sections) or None


def _authors(authors: etree._Element | None) -> tuple[str, ...]:
    """Give "Family, Given", or the name of the group, for every author not struck out."""
    names = []
    for author in () if authors is None else authors.findall("Author"):
        family = _first(author, "LastName")
        given = _first(author, "ForeName", "Initials")
        name = _first(author, "CollectiveName") if family is None else family
        if name and author.get("ValidYN") != "N":
            names.append(f"{name}, {given}" if family and given else name)
    return tuple(names)


def _published(article: etree._Element) -> str | None:
    """Give the date of the issue; where that is a bare year, the exact date online in it."""
    issue = _date(article.find("Journal/JournalIssue/PubDate"))
    online = _date(article.find("ArticleDate"))
    if online and (issue is None or (len(issue) == len("2025") and online.startswith(issue))):
        return online
    return issue


def _date(date: etree._Element | None) -> str | None:
    """Give an ISO date where the month is a number, else the parts as they are written."""
    if date is None:
        return None
    year, month, day = (text_of(date.find(name)) for name in ("Year", "Month", "Day"))
    if year is None:
        return _first(date, "MedlineDate")
    month = month or _first(date, "Season")
    if month is None:
        return year
    if month.isdecimal():
        return "-".join([year, month.zfill(2), *([day.zfill(2)] if day else [])])
    return f"{year} {month} {day}" if day else f"{year} {month}"


def _is_retracted(citation: etree._Element, types: list[str]) -> bool:
    """Tell a retracted article from the notice of a retraction."""
    notices = citation.find("CommentsCorrectionsList/CommentsCorrections[@RefType='RetractionIn']")
    return notices is not None or RETRACTED_TYPE in (kind.casefold() for kind in types)


def _identifiers(pmid: str | None, dois: list[str]) -> Iterator[str]:
    if pmid:
        yield f"pmid:{pmid}"
    for doi in dois[:1]:
        yield f"doi:{doi}"


def _texts(element: etree._Element, path: str) -> list[str]:
    found = (child for child in element.findall(path) if child.get("ValidYN") != "N")
    return [text for child in found if (text := text_of(child))]


def _first(element: etree._Element, *paths: str) -> str | None:
    return next((text for path in paths for text in _texts(element, path)), None)
