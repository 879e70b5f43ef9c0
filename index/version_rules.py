"""The rules by which two articles are versions of one work, or are not.

Every rule asks for authors in common. What else it asks depends on the kinds of the two: a
work often has a preprint and a published form, or a proceedings and a journal form, and
those may differ in title or abstract. Two papers of the same kind are most often two works,
this year's report and last year's, and must agree in more. Nothing here knows a corpus.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from index.article import Article
from index.identity import fold_name
from index.resemblance import (
    Shingles,
    jaccard,
    shared_authors,
    shingles,
    title_marks,
    title_words,
)
from index.versions import Rule, VersionKind, kind_of

LEAST_AUTHORS = 0.5
"""The share of the shorter list of authors that two versions have in common at least."""

PART_WORDS = 5
"""Words that a title must have to say, as part of another title, what the work is."""

_SURE_AUTHORS = 0.6
_MOST_YEARS = 3
_OWN_TITLE = 4
"""Words that make a title of its own; a shorter one needs an abstract beside it."""
_OWN_LETTERS = 12

# shares of the runs of three words that two abstracts have in common
_SAME_ABSTRACT = 0.8
_REVISED_ABSTRACT = 0.4
_RELATED_ABSTRACT = 0.3
_REWRITTEN_ABSTRACT = 0.2
_SHORTENED_ABSTRACT = 0.15

# shares of the words of two titles
_SAME_TITLE = 0.8
_REVISED_TITLE = 0.6

_NOTICE = re.compile(
    r"\W*(?:errat(?:um|a)|corrigend(?:um|a)|corrections?\b|retract(?:ed|ion)|withdrawn|comments? on"
    r"|repl(?:y|ies) to|a? ?response to|rejoinder|book reviews?|reviews? of|invited (?:talk|speech)"
    r"|keynote|editorial|preface|foreword|introduction to the special issue)",
    re.IGNORECASE,
)
_REPEATED = re.compile(
    r"\btutorials?\b|\bkeynotes?\b|\binvited (?:talks?|papers?)\b|\boverview of\b|\bpanel\b"
    r"|\bfindings of the\b(?! association)|\bproject descriptions?\b",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r"\([^)]*\)|\d+(?:st|nd|rd|th)?|\b[ivx]+\b|\b(?:january|february|march|april|may|june|july"
    r"|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_FORMS: tuple[frozenset[VersionKind], ...] = (
    frozenset(("preprint", "conference")),
    frozenset(("preprint", "journal")),
    frozenset(("preprint", "other")),
    frozenset(("conference", "journal")),
)
"""Kinds of which a work often has both."""


class Profile:
    """An article as it is compared; what costs is worked out when it is first asked for."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.kind = kind_of(article)

    @cached_property
    def key(self) -> str:
        """The letters and digits of the title."""
        return fold_name(self.article.title or "", is_person=False)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the title."""
        return title_words(self.article.title)

    @cached_property
    def marks(self) -> frozenset[str]:
        """The numbers and ordinals of the title."""
        return title_marks(self.article.title)

    @cached_property
    def shingles(self) -> Shingles:
        """The runs of words of the abstract."""
        return shingles(self.article.abstract)

    @cached_property
    def series(self) -> str:
        """The venue without what tells its editions apart."""
        venue = _EDITION.sub(" ", (self.article.journal or "").casefold())
        ordinals = title_marks(venue)
        return " ".join(word for word in venue.split() if word not in ordinals)

    @cached_property
    def venue_words(self) -> frozenset[str]:
        """The words of the venue without those that tell its editions apart."""
        return title_words(_EDITION.sub(" ", self.article.journal or ""))

    @property
    def id_run(self) -> str:
        """The id without the number that it ends in."""
        return self.article.article_id.rstrip("0123456789")

    @cached_property
    def is_notice(self) -> bool:
        """Whether it is about another article: an erratum, a reply, a review."""
        return _NOTICE.match(self.article.title or "") is not None

    @cached_property
    def is_repeated(self) -> bool:
        """Whether its like is given again, next year, in other words."""
        texts = (self.article.title or "", self.article.journal or "")
        return any(_REPEATED.search(text) for text in texts)

    @property
    def has_own_title(self) -> bool:
        """Whether the title is long enough to be no other work's: "Introduction" is not."""
        n_words = len((self.article.title or "").split())
        is_unspaced = not self.key.isascii() and len(self.key) >= _OWN_LETTERS
        return n_words >= _OWN_TITLE or is_unspaced


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two articles are, each share from 0 to 1.

    `holds`: all words of the one title, at least five, are in the other. `abstract` and
    `years` are None where one has none. `all_authors`: but one author may be lacking.
    """

    same_title: bool
    title: float
    holds: bool
    authors: float
    all_authors: bool
    abstract: float | None
    years: int | None

    @property
    def abstracts(self) -> float:
        """How alike the abstracts are; 0 where one is unknown."""
        return self.abstract or 0.0

    @property
    def distance(self) -> int:
        """Years apart; an unknown date is no reason against."""
        return self.years or 0


def likeness_of(ours: Profile, theirs: Profile) -> Likeness:
    """Measure how alike two articles are."""
    # the key knows no punctuation, and "HANSpeller++" is not "HANSpeller"
    same_title = bool(ours.key) and ours.key == theirs.key and ours.marks == theirs.marks
    shared_words = len(ours.words & theirs.words)
    fewest = min(len(ours.words), len(theirs.words))
    either = len(ours.words | theirs.words)
    share, all_authors = authors_shared(ours, theirs)
    years = (ours.article.year, theirs.article.year)
    return Likeness(
        same_title=same_title,
        title=1.0 if same_title else shared_words / either if either else 0.0,
        holds=shared_words == fewest >= PART_WORDS,
        authors=share,
        all_authors=all_authors,
        abstract=jaccard(ours.shingles, theirs.shingles),
        years=abs(years[0] - years[1]) if years[0] and years[1] else None,
    )


def authors_shared(ours: Profile, theirs: Profile) -> tuple[float, bool]:
    """Give the share of the shorter list, and whether but one author may be lacking in it."""
    authors = (ours.article.authors, theirs.article.authors)
    names = sorted(authors, key=lambda names: (len(names), names))
    shared = shared_authors(*names)
    fewer, more = map(len, names)
    return shared / fewer if fewer else 0.0, 0 < shared == fewer >= more - 1


def rule_for(ours: Profile, theirs: Profile) -> Rule | None:
    """Give the rule by which two articles are one work, if one holds."""
    # most that share a phrase or a title share no author; that is known sooner
    if ours.is_notice or theirs.is_notice or authors_shared(ours, theirs)[0] < LEAST_AUTHORS:
        return None
    likeness = likeness_of(ours, theirs)
    if frozenset((ours.kind, theirs.kind)) in _FORMS:
        return _rule_across_kinds(ours, theirs, likeness)
    return _rule_within_kind(ours, theirs, likeness)


def could_be_one(ours: Profile, theirs: Profile) -> bool:
    """Whether nothing says that two articles, each a version of a third, are two works."""
    likeness = likeness_of(ours, theirs)
    return (
        likeness.authors >= LEAST_AUTHORS
        and likeness.distance <= _MOST_YEARS + 1
        and (
            likeness.title >= _REVISED_TITLE
            or likeness.abstracts >= _RELATED_ABSTRACT
            or likeness.holds
        )
    )


def _rule_across_kinds(ours: Profile, theirs: Profile, likeness: Likeness) -> Rule | None:
    if likeness.distance > _MOST_YEARS and likeness.abstracts < _REVISED_ABSTRACT:
        return None
    if likeness.same_title:
        is_repeated = likeness.distance > 0 and (ours.is_repeated or theirs.is_repeated)
        is_own = _has_own_title(ours, theirs) and not is_repeated
        return "title" if is_own or likeness.abstracts >= _RELATED_ABSTRACT else None
    if "preprint" not in (ours.kind, theirs.kind):
        return "abstract" if _is_nearly_the_same(ours, theirs, likeness) else None
    if ours.marks and theirs.marks and ours.marks != theirs.marks:
        return None
    return _rule_for_a_preprint(likeness)


def _rule_for_a_preprint(likeness: Likeness) -> Rule | None:
    """Give the rule for a preprint and a published form whose titles differ."""
    if likeness.abstracts >= _REVISED_ABSTRACT:
        return "abstract"
    is_alike = likeness.title >= _REVISED_TITLE or likeness.holds
    is_rewritten = likeness.abstracts >= _REWRITTEN_ABSTRACT and likeness.authors >= _SURE_AUTHORS
    if is_alike and is_rewritten:
        return "abstract"
    # "Team X at Task Y: TITLE" and "TITLE", where one has no abstract
    is_unknown = likeness.abstract is None and likeness.distance <= 1
    return "part of title" if is_unknown and likeness.holds and likeness.all_authors else None


def _is_nearly_the_same(ours: Profile, theirs: Profile, likeness: Likeness) -> bool:
    return (
        ours.marks == theirs.marks
        and likeness.distance <= 1
        and likeness.abstracts >= _SAME_ABSTRACT
        and likeness.authors >= _SURE_AUTHORS
        and (likeness.title >= _SAME_TITLE or likeness.holds)
    )


def _rule_within_kind(ours: Profile, theirs: Profile, likeness: Likeness) -> Rule | None:
    if likeness.distance > 1 or likeness.authors < _SURE_AUTHORS:
        return None
    is_other_year = likeness.distance > 0
    is_series = ours.kind != "preprint" and ours.series == theirs.series
    if is_other_year and (is_series or ours.is_repeated or theirs.is_repeated):
        return None
    if not likeness.same_title:
        return "abstract" if _is_nearly_the_same(ours, theirs, likeness) else None
    if likeness.abstracts >= _RELATED_ABSTRACT:
        return "title"
    if is_other_year or not _has_own_title(ours, theirs) or _is_reported_twice(ours, theirs):
        return None
    is_known = likeness.abstracts >= _SHORTENED_ABSTRACT or likeness.all_authors
    return "title" if is_known else None


def _has_own_title(ours: Profile, theirs: Profile) -> bool:
    # one may be written with hyphens where the other has spaces
    return ours.has_own_title or theirs.has_own_title


def _is_reported_twice(ours: Profile, theirs: Profile) -> bool:
    """Whether one title may stand for two texts: a project's paper and its report.

    So it is in two meetings of one series in a year, and where one volume lists both under
    ids of one run of numbers; of a volume that a source lists twice over, each has its own.
    """
    if ours.article.journal == theirs.article.journal:
        return ours.id_run == theirs.id_run
    shared, either = ours.venue_words & theirs.venue_words, ours.venue_words | theirs.venue_words
    return 2 * len(shared) > len(either)
