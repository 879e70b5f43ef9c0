"""Finding versions: what is one work, what is not, and that the order does not matter."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.decisions import Decision
from index.families import find_families
from index.versions import Family

TITLE = "Counting the dances of honey bees with small cameras"
ABSTRACT = (
    "Honey bees tell each other of flowers by dances that last a few seconds. We count them with "
    "two small cameras in the hive, and show that a colony dances twice as often on warm mornings "
    "as on cold ones, whatever grows in the fields around. The recordings and the counts of all "
    "forty colonies over three summers are free to use."
)
REVISED = (
    "Honey bees tell each other of flowers by dances that last a few seconds. We count them with "
    "cheap cameras in the hive, and show that a colony dances twice as often on warm mornings "
    "as on cold ones. Recordings of forty colonies over three summers are free to use."
)
REWRITTEN = (
    "Honey bees tell each other of flowers by dances that last a few seconds. Here cameras count "
    "these, and a colony dances twice as often on warm mornings as on cold ones. We give all "
    "that was filmed in three years to whoever asks, with a tool that draws the hive."
)
OTHER_ABSTRACT = (
    "Wheat takes up less water where the soil is shaded by a hedge. Over nine seasons we weighed "
    "the harvest of plots beside hedges of four heights and find no loss of yield, which speaks "
    "for planting them again along the larger fields of the plain."
)
AUTHORS = ("Ana Müller", "Bo Chen", "Cleo Díaz")
BEES = "Proceedings of the 12th Conference on Insects"
ROBOTS = "Proceedings of the Workshop on Small Robots"
JOURNAL = "Journal of Apiculture"


def article(article_id: str, **fields: object) -> Article:
    """Make an article of the bees, with other values where they are given."""
    values: dict[str, object] = {
        "title": TITLE,
        "abstract": ABSTRACT,
        "authors": AUTHORS,
        "published": "2024-05",
        "journal": BEES,
    }
    return Article(article_id=article_id, **(values | fields))  # type: ignore[arg-type]  # a table


def preprint(**fields: object) -> Article:
    """Make the preprint of the bees."""
    return article("arxiv:2401.00001", **({"journal": "arXiv", "published": "2024-01"} | fields))


def paper(**fields: object) -> Article:
    """Make the proceedings form of the bees."""
    return article("acl:2024.bees-1.1", **fields)


def works(articles: Sequence[Article], decisions: Sequence[Decision] = ()) -> list[tuple[str, ...]]:
    """Give the ids of each family, in order."""
    return sorted(
        tuple(sorted(articles[row].article_id for row in family.rows))
        for family in find_families(articles, decisions)
    )


def are_one(first: Article, second: Article) -> bool:
    """Tell whether two articles are found to be one work, in either order."""
    found = works([first, second])
    assert works([second, first]) == found
    return found == [tuple(sorted((first.article_id, second.article_id)))]


SAME: dict[str, tuple[Article, Article]] = {
    "a preprint and its proceedings form": (preprint(), paper()),
    "an abstract that was revised": (preprint(abstract=REVISED), paper()),
    "an abstract that was written anew": (preprint(abstract=OTHER_ABSTRACT), paper()),
    "a revised title over an abstract that was rewritten": (
        preprint(title="Counting the dances of bees with small cameras", abstract=REWRITTEN),
        paper(),
    ),
    "no abstract in one source": (preprint(), paper(abstract=None)),
    "initials and a middle name": (
        preprint(),
        paper(authors=("A. Müller", "Chen, Bo", "Cleo Maria Diaz")),
    ),
    "a preprint posted years later": (preprint(published="2030-01"), paper()),
    "another title over the same abstract": (preprint(title="Bees on film"), paper()),
    "a team's name before the title": (
        preprint(),
        paper(title=f"TeamBee at BugEval-2024 Task 5: {TITLE}", abstract=None),
    ),
    "a raised digit": (
        preprint(title="M³Bees: a corpus of dances of honey bees"),
        paper(title="M3Bees: A Corpus of Dances of Honey Bees"),
    ),
    "proceedings and journal form": (paper(), article("j:1", journal=JOURNAL, published="2026")),
    "workshop and conference, one abstract": (paper(), article("w:1", journal=ROBOTS)),
    "a volume listed by two ids, without abstracts": (
        paper(abstract=None),
        article("W24-0001", abstract=None),
    ),
    "revised and posted again": (
        preprint(),
        article("arxiv:2406.00009", journal="arXiv", published="2024-06", abstract=REVISED),
    ),
    "a title without spaces": (
        preprint(title="用小型摄像机计数蜜蜂的舞蹈次数", abstract=None),
        paper(title="用小型摄像机计数蜜蜂的舞蹈次数", abstract=None),
    ),
}
DIFFERENT: dict[str, tuple[Article, Article]] = {
    "other authors": (preprint(), paper(authors=("Dora Ek", "Emil Fox", "Gus Hay"))),
    "no authors": (preprint(authors=()), paper()),
    "a stock title": (
        paper(title="Introduction", abstract=None),
        article("j:1", title="Introduction", abstract=None, journal=JOURNAL),
    ),
    "a short title without an abstract": (
        paper(title="Universal Dances", abstract=None),
        article("j:1", title="Universal Dances", abstract=None, journal=JOURNAL),
    ),
    "an erratum": (paper(), article("j:1", title=f"Erratum: {TITLE}", journal=JOURNAL)),
    "a corrigendum of the same title": (
        paper(title=f"Corrigendum to: {TITLE}"),
        article("j:1", title=f"Corrigendum to: {TITLE}", journal=JOURNAL),
    ),
    "parts of a series": (
        paper(title=f"{TITLE}, Part I"),
        article("j:1", title=f"{TITLE}, Part II", journal=JOURNAL),
    ),
    "a successor of the same name": (
        paper(title="BeeCam++: counting dances with small cameras"),
        article("j:1", title="BeeCam: counting dances with small cameras", journal=JOURNAL),
    ),
    "editions of a shared task": (
        paper(title="Overview of the Third Shared Task on Counting Dances"),
        preprint(title="Overview of the Fourth Shared Task on Counting Dances"),
    ),
    "this year's overview of the same name": (
        paper(title="Overview of the Shared Task on Counting Dances"),
        article(
            "acl:2025.bees-1.1",
            title="Overview of the Shared Task on Counting Dances",
            journal="Proceedings of the 13th Conference on Insects",
            published="2025-05",
        ),
    ),
    "last year's tutorial": (
        paper(title="How to count the dances of bees", journal=f"{BEES}: Tutorial Abstracts"),
        article(
            "w:1",
            title="How to count the dances of bees",
            journal=f"{ROBOTS}: Tutorial Abstracts",
            published="2025-06",
            abstract=REVISED,
        ),
    ),
    "a yearly report without an abstract": (
        paper(title="Research in the counting of dances", abstract=None),
        article(
            "w:1",
            title="Research in the counting of dances",
            journal=ROBOTS,
            abstract=None,
            published="2025",
        ),
    ),
    "a report to two meetings of one series in a year": (
        paper(abstract=None, journal="Insects: Proceedings of a Workshop Held at Oslo, May 2024"),
        article(
            "acl:2024.bugs-2.9",
            abstract=None,
            journal="Insects: Proceedings of a Workshop Held at Rome, October 2024",
        ),
    ),
    "a title listed twice in one volume": (
        paper(abstract=None),
        article("acl:2024.bees-1.44", abstract=None),
    ),
    "another paper under the neighbour's abstract": (
        paper(),
        article("w:1", title="Sleep of mice on long flights over the sea", journal=ROBOTS),
    ),
    "two systems of one team": (
        paper(title="TeamBee at BugEval Task 5: counting the dances"),
        article("w:1", title="TeamBee at BugEval Task 7: counting the flights", journal=ROBOTS),
    ),
    "a follow-up of most authors": (
        preprint(title="Counting the dances of wasps", abstract=OTHER_ABSTRACT),
        paper(),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_versions_of_one_work_are_found(name: str) -> None:
    assert are_one(*SAME[name])


@pytest.mark.parametrize("name", DIFFERENT)
def test_two_works_stay_two(name: str) -> None:
    assert not are_one(*DIFFERENT[name])


def test_what_a_source_calls_a_version_is_one_whatever_the_titles_say() -> None:
    stated = preprint(title="Bees", abstract=None, authors=(), version_ids=("doi:10.1/bees",))
    published = paper(identifiers=("doi:10.1/bees",), doi="10.1/bees")

    (family,) = find_families([stated, published])

    assert family.rows == (0, 1)
    assert [reason.rule for reason in family.reasons] == ["identifier"]


def test_two_articles_of_one_arxiv_id_are_one_work() -> None:
    first = paper(title="Bees", abstract=None, identifiers=("arxiv:2401.00001", "doi:10.1/a"))
    second = preprint(authors=(), identifiers=("arxiv:2401.00001", "doi:10.48550/arxiv.2401.00001"))

    assert are_one(first, second)


def test_the_number_of_a_book_joins_no_chapters() -> None:
    chapters = [
        article(f"doi:10.1/{number}", title=title, abstract=None, identifiers=("isbn:978",))
        for number, title in enumerate(("Of bees", "Of wasps"))
    ]

    assert works(chapters) == []


def test_the_reason_says_how_alike_two_versions_are() -> None:
    (family,) = find_families([preprint(), paper(abstract=None, authors=AUTHORS[:2])])

    (reason,) = family.reasons
    assert (reason.rule, reason.title, reason.authors) == ("title", 1.0, 1.0)
    assert (reason.abstract, reason.years) == (None, 0)


def test_no_chain_joins_two_works() -> None:
    """The preprint is alike to both; between the two nothing is."""
    both = preprint(
        title="Dances of bees and harvests of wheat", abstract=ABSTRACT + OTHER_ABSTRACT
    )
    bees = paper(abstract=ABSTRACT)
    wheat = article("j:1", title="Wheat in the shade", abstract=OTHER_ABSTRACT, journal=JOURNAL)
    assert are_one(both, bees)
    assert are_one(both, wheat)

    (joined,) = works([both, bees, wheat])

    assert len(joined) == 2


def test_preprint_proceedings_and_journal_are_one_family() -> None:
    three = [preprint(), paper(), article("j:1", journal=JOURNAL, published="2025")]

    (family,) = find_families(three)

    assert family.rows == (0, 1, 2)
    assert len(family.reasons) == 2


def test_a_title_of_very_many_is_no_ones_own() -> None:
    many = [
        article(f"x:{number}", abstract=None, journal=JOURNAL if number % 2 else BEES)
        for number in range(30)
    ]

    assert works(many) == []


def test_a_corpus_without_words_has_no_families() -> None:
    assert works([article("x:1", title=None, abstract="!"), article("x:2", title="?")]) == []


def test_a_person_splits_and_joins() -> None:
    articles = [preprint(), paper(), article("x:1", title="Sleep", abstract=None, authors=())]
    split = Decision((articles[0].article_id, articles[1].article_id), same=False)
    join = Decision(("x:1", articles[1].article_id), same=True)

    assert works(articles, [split]) == []
    assert works(articles, [split, join]) == [("acl:2024.bees-1.1", "x:1")]
    assert works(articles, [join]) == [("acl:2024.bees-1.1", "arxiv:2401.00001", "x:1")]


def test_no_detour_leads_around_a_split() -> None:
    three = [preprint(), paper(), article("j:1", journal=JOURNAL, published="2025")]

    for pair in ((0, 1), (0, 2), (1, 2)):
        ids = three[pair[0]].article_id, three[pair[1]].article_id
        for family in find_families(three, [Decision(ids, same=False)]):
            assert not set(pair) <= set(family.rows)


def test_of_joins_that_a_split_lets_only_one_hold_the_latest_wins() -> None:
    apart = [article(f"x:{name}", title=name, abstract=None, authors=()) for name in "abc"]
    split = Decision(("x:a", "x:c"), same=False)
    with_a, with_c = Decision(("x:a", "x:b"), same=True), Decision(("x:b", "x:c"), same=True)

    assert works(apart, [split, with_a, with_c]) == [("x:b", "x:c")]
    assert works(apart, [split, with_c, with_a]) == [("x:a", "x:b")]


def test_decisions_name_articles_that_may_have_gone() -> None:
    assert works([paper()], [Decision(("x:gone", "x:too"), same=True)]) == []


CORPUS = [
    replace(one, article_id=f"x:{number}")
    for number, one in enumerate(
        one for pairs in (SAME, DIFFERENT) for pair in pairs.values() for one in pair
    )
]
chosen = st.lists(st.sampled_from(CORPUS), max_size=14, unique_by=lambda one: one.article_id)


@given(chosen.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_the_corpus_does_not_matter(
    both: tuple[list[Article], list[Article]],
) -> None:
    assert works(both[0]) == works(both[1])


@given(chosen, st.data())
def test_decisions_always_hold(some: list[Article], data: st.DataObject) -> None:
    ids = [one.article_id for one in some] or ["x:none"]
    pairs = st.tuples(st.sampled_from(ids), st.sampled_from(ids))
    splits = data.draw(st.lists(pairs.filter(lambda pair: pair[0] != pair[1]), max_size=4))
    decisions = [Decision(pair, same=False) for pair in splits]

    found = works(some, decisions)

    assert not any(set(pair) <= set(family) for pair in splits for family in found)


@given(chosen)
def test_families_are_apart_and_have_a_reason_for_each_member_but_one(some: list[Article]) -> None:
    families: list[Family] = find_families(some)

    rows = [row for family in families for row in family.rows]
    assert len(rows) == len(set(rows))
    for family in families:
        assert list(family.rows) == sorted(family.rows)
        assert len(family.reasons) == len(family.rows) - 1
        assert {row for reason in family.reasons for row in reason.rows} == set(family.rows)


@given(chosen)
def test_what_was_found_stays_found_when_a_person_says_so_too(some: list[Article]) -> None:
    found = works(some)
    decisions = [
        Decision((family[0], other), same=True) for family in found for other in family[1:]
    ]

    decided = works(some, decisions)

    assert all(any(set(family) <= set(other) for other in decided) for family in found)
