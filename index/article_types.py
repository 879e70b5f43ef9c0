"""What the formats call kinds of articles, as one table onto our few."""

from functools import lru_cache

TYPE_NAMES = {
    "research-article": (
        "article|journal article|research article|original article|original paper|original research"
        "|jour|ejour|jfull|inpr|case|abst article|article in press|early access|case reports"
        "|case report|clinical trial|randomized controlled trial|controlled clinical trial"
        "|observational study|comparative study|evaluation study|evaluation studies"
        "|validation study|validation studies|multicenter study|twin study|clinical study"
        "|clinical case report|study|brief communication|short communication|rapid communication"
        "|data paper|software paper|magazine article|electronic article|report of research|j"
        "|technical note|methods article|journal|article journal|article magazine|mgzn"
    ),
    "review": (
        "review|review article|systematic review|meta analysis|short survey|survey|scoping review"
        "|literature review|mini review|state of the art review|network meta analysis"
    ),
    "conference-paper": (
        "conference paper|conference|proceedings article|proceedings paper|inproceedings|conf"
        "|cpaper"
        "|conference proceedings|conference article|paper conference|congress|conference review"
        "|proceedings|c"
    ),
    "preprint": (
        "preprint|posted content|eprint|working paper|arxiv|article preprint|preprint article|unpb"
        "|unpublished"
    ),
    "abstract": (
        "abstract|abst|meeting abstract|conference abstract|poster|published abstract"
        "|conference poster|conference meeting abstract"
    ),
    "book-chapter": (
        "book chapter|chapter|chap|incollection|inbook|book section|book part|echap|ebook chapter"
        "|section"
    ),
    "dataset": "dataset|data set|data|database|dbase|aggregated database",
    "other": "other|book|gen|misc",
}
"""The names that formats use, by our type; letters and digits alone tell them apart.

RIS codes, BibTeX entry types, Crossref, OpenAlex and Semantic Scholar types, PubMed
publication types, Scopus, Embase and Web of Science document types, EndNote reference types.
What no list names is `other`: so are books, theses, letters, editorials and errata.
"""

_MOST_TELLING_FIRST = (
    "review", "abstract", "conference-paper", "preprint", "book-chapter", "dataset",
    "research-article", "other",
)  # fmt: skip
_RETRACTED = frozenset(("retractedpublication", "retractedarticle", "retracted"))


def _key(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


_TYPES_BY_KEY = {
    _key(name): ours for ours, names in TYPE_NAMES.items() for name in (*names.split("|"), ours)
}


@lru_cache(maxsize=1024)
def parse_type(raw: str) -> str:
    """Give our type for a source's; of several, parted by ";", the most telling.

    parse_type("Journal Article; Review")   "review"
    parse_type("Editorial")                 "other"
    """
    named = {_TYPES_BY_KEY.get(_key(name), "other") for name in raw.split(";")}
    return next(ours for ours in _MOST_TELLING_FIRST if ours in named)


@lru_cache(maxsize=1024)
def says_retracted(raw: str) -> bool:
    """Say whether a source's type marks a retracted article (not the notice about one)."""
    return any(_key(name) in _RETRACTED for name in raw.split(";"))
