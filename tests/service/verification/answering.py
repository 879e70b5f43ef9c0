"""A library whose articles are worth citing wrongly, and answers that cite them."""

from index.article import Article
from service.context.bundle import Bundle
from service.search import SearchEngine
from service.verification.query import VerifyQuery
from service.verification.results import CheckedCitation, Verification
from tests.service.context.conversing import ask

Record = dict[str, object]

PARSING = "doi:10.5555/parse.1"
PREPRINT = "doi:10.48550/arxiv.1905.00001"
SOIL = "doi:10.5555/soil.9"
BEES = "bees"
ABSTRACT = (
    "The parser does not improve accuracy by 4.2 % on “long” trees. However, it re-reads every"
    " sentence twice — and finds more errors than people do. Fast hardware helps."
)


def _people(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


_GLACIERS: list[dict[str, object]] = [
    {
        "id": f"ice-{number}",
        "title": f"Glaciers of the {place} melt",
        "abstract": f"Glaciers of the {place} melt faster than they grow.",
        "authors": _people("Ola Moe"),
        "published": "1990",
    }
    for number, place in enumerate(("Andes", "Alps", "Rockies"))
]
ARTICLES: list[Record] = [
    {
        "doi": "10.5555/parse.1",
        "title": "Deep parsing of very long trees",
        "abstract": ABSTRACT,
        "authors": _people("Ana Müller", "Jan-Peter de Vries", "Bo Chen"),
        "journal": "Journal of Trees",
        "published": "2020-05",
        "type": "research-article",
    },
    {
        "doi": "10.48550/arxiv.1905.00001",
        "title": "Deep parsing of very long trees",
        "abstract": ABSTRACT,
        "authors": _people("Ana Müller", "Jan-Peter de Vries", "Bo Chen"),
        "published": "2019-05-01",
        "type": "preprint",
    },
    {
        "doi": "10.5555/soil.9",
        "title": "Soil moisture and the yield of winter wheat",
        "abstract": "Moist soil doubles the yield of winter wheat in dry years.",
        "authors": _people("Dora Ek", "Cy Dee"),
        "journal": "Journal of Fields",
        "published": "2018",
        "retracted": True,
    },
    {
        "id": "bees",
        "title": "Bees remember the colour of flowers",
        "abstract": "Honey bees remember which colour a rewarding flower had for several days.",
        "authors": _people("Eve Fox", "Gil Hart"),
        "journal": "Nature",
        "published": "2015",
    },
    {
        "id": "notes-1",
        "title": "Notes from the editors of this volume",
        "abstract": "The first volume has twelve papers on grammars.",
        "authors": _people("Amy Roe"),
        "published": "2001",
    },
    {
        "id": "notes-2",
        "title": "Notes from the editors of this volume",
        "abstract": "The second volume has thirteen papers on semantics.",
        "authors": _people("Ben Poe"),
        "published": "2002",
    },
    {
        "doi": "10.5555/(sici)1097(199801)17:1<1::aid-x>3.0.co;2-2",
        "title": "Odd identifiers are identifiers too",
        "abstract": "An identifier can hold brackets, semicolons and angle brackets.",
        "authors": _people("Ida Jay"),
        "journal": "Journal of Identifiers",
        "published": "1998",
    },
    {
        "id": "cpp",
        "title": "Parsing C++ with small grammars",
        "abstract": "Small grammars suffice to parse most of the programs that people write.",
        "authors": _people("Kim Lee"),
        "published": "2011",
    },
    *_GLACIERS,
    {"id": "untold", "title": "A title whose authors nobody knows", "abstract": "It says little."},
]

PARSED = Article(
    article_id=PARSING,
    title="Deep parsing of very long trees",
    authors=("Ana Müller", "Jan-Peter de Vries", "Bo Chen"),
    n_authors=3,
    journal="Journal of Trees",
    published="2020-05",
)


def verify(engine: SearchEngine, text: str, bundle_id: str | None = None) -> Verification:
    """Verify an answer."""
    return engine.verify(VerifyQuery(text=text, bundle_id=bundle_id))


def statuses(found: Verification) -> list[tuple[str, str]]:
    """Give the kind and status of every citation."""
    return [(one.kind, one.status) for one in found.citations]


def only(engine: SearchEngine, text: str, bundle_id: str | None = None) -> CheckedCitation:
    """Give the one citation of an answer."""
    (one,) = verify(engine, text, bundle_id).citations
    return one


def fields(citation: CheckedCitation) -> list[str]:
    """Give the fields in which a citation differs."""
    return [one.field for one in citation.differs]


def handed(engine: SearchEngine, question: str) -> Bundle:
    """Hand over what answers a question."""
    context = ask(engine, question, min_match=0.5)
    assert context.bundle is not None
    return context.bundle
