"""Articles as an index can hold them, and what our readers make of an export of them."""

from dataclasses import replace

from hypothesis import strategies as st

from index.article import TYPES, Article, parse_article
from index.identity import fold_name
from index.sources import open_content, read_records
from index.sources.record import Refused
from index.text import clean_text
from service.exports.formats import ExportFormat, export
from service.results import FoundArticle

SIGNS = "abcdefXYZéüöñßøÅčłαβ中’“”–—…&%$#_~^{}\\+/()!?-'`\",.:;=@<>|[] 0123456789＝"
WORDS = [
    "and",
    "=",
    "@",
    "'=",
    "\\textbf{x}",
    "&lt;",
    "TY  - JOUR",
    "ER  -",
    "@article{a,",
]


def cleaned(text: str) -> str | None:
    """Give a text as an index holds it: cleaning it again changes nothing."""
    for _ in range(20):
        again = clean_text(text)
        if again is None or again == text:
            return again
        text = again
    return None


signs = st.text(alphabet=SIGNS, min_size=1, max_size=30)
texts = st.one_of(
    signs,
    st.lists(st.one_of(signs, st.sampled_from(WORDS)), min_size=1, max_size=5).map(" ".join),
).map(cleaned)
letters = st.text(alphabet="abcXYZéüñßøÅčłαβ", min_size=1, max_size=8)
names = st.one_of(
    st.builds("{} {}".format, letters, letters),
    st.builds("{}, {}".format, letters, letters),
    st.builds("{}, {}.".format, letters, letters),
    st.builds("{} van der {}".format, letters, letters),
    st.builds("{} {} Jr.".format, letters, letters),
    st.builds("{} and {} Consortium".format, letters, letters),
    st.builds("=@-'{} +{}".format, letters, letters),
    st.just("José Ortega y Gasset de la Vega Ruiz"),
    st.just("O'Brien & Sons; Ltd"),
    letters,
).map(lambda name: cleaned(name) or "x")
identifiers = st.sampled_from(
    [
        "arxiv:2101.00001", "arxiv:hep-th/9901001", "pmid:123", "pmcid:PMC77", "openalex:W123456",
        "wos:000123456789012", "acl:P19-1001", "mine:a_b/c#1", "s2:0f0f",
    ]
)  # fmt: skip
dois = st.sampled_from(
    [
        "10.5555/abc_d(1)", "10.48550/arxiv.2101.00001", "10.1000/x#y&z",
        "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2",
    ]
)  # fmt: skip
TIMES = ["2025-01-31T23:59:59.999Z", "2026-11-22T10:00:00.000Z"]


@st.composite
def drawn_articles(draw: st.DrawFn) -> Article:
    """Draw articles of an index, through its own reader of JSON Lines."""
    title, abstract = draw(texts | st.none()), draw(texts | st.none())
    named = tuple(draw(st.lists(names, max_size=4)))
    drawn = Article(
        article_id=draw(st.sampled_from(["a 1", "=id", "mine:12", "sha:0011223344556677"])),
        title=title,
        abstract=abstract if title or abstract else "Some words.",
        authors=named,
        n_authors=len(named) + draw(st.sampled_from([0, 0, 3])),
        doi=draw(st.none() | dois),
        journal=draw(st.none() | texts),
        published=draw(st.none() | st.sampled_from(["1999", "2020-05", "2021-01-31"])),
        type=draw(st.sampled_from(TYPES)),
        url=draw(
            st.none()
            | st.sampled_from(["https://x.org/a_b?c=d&e#f%20g", "http://arxiv.org/abs/2101.00001"])
        ),
        language=draw(st.none() | st.sampled_from(["en", "de", "tlh"])),
        is_new=draw(st.booleans()),
        retracted=draw(st.sampled_from([None, True, False])),
        citation_key=draw(st.none() | st.sampled_from(["smith2020", "Smith:2020_x", "not a key"])),
        identifiers=tuple(draw(st.lists(identifiers, max_size=3, unique=True))),
        first_indexed=draw(st.none() | st.sampled_from(TIMES)),
    )
    (article,) = read_back("jsonl", [drawn])
    return article


def found(article: Article) -> FoundArticle:
    """Give an article as the engine gives it."""
    return FoundArticle(article, truncated=False)


def read_back(name: ExportFormat, articles: list[Article]) -> list[Article]:
    """Export articles, and give what our own reader makes of that, without its place there."""
    content = b"".join(export(name, map(found, articles)))
    _, records = read_records(open_content(content, "export"))
    read = []
    for record in records:
        assert not isinstance(record, Refused), record
        article, repairs = parse_article(record, "export")
        assert record.unknown_keys == ()
        assert [one for one in repairs if "et al." not in one] == []
        read.append(replace(article, source="", line=0))
    return read


def folded(article: Article) -> list[str]:
    """Give the names of the authors as a filter compares them."""
    return [fold_name(name, is_person=True) for name in article.authors]
