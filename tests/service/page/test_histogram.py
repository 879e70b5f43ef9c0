"""The histogram: every article with a date in one bar, and bars that filter."""

from hypothesis import given
from hypothesis import strategies as st

from service.page.addresses import Address
from service.page.histogram import HEIGHT, MOST_BARS, WIDTH, histogram
from service.query import Filters
from service.results import FacetValue

HERE = Address("/", (("q", "bees"), ("cursor", "abc"), ("from", "1999")))
COUNTS = st.dictionaries(st.integers(1500, 2100), st.integers(0, 10_000), min_size=1)


def years(counts: dict[int, int]) -> list[FacetValue]:
    return [FacetValue(str(year), count, False) for year, count in counts.items()]


@given(COUNTS)
def test_bars_hold_every_article_once_and_stay_in_their_place(counts: dict[int, int]) -> None:
    drawn = histogram(years(counts), HERE, Filters())

    assert drawn is not None
    assert sum(bar.count for bar in drawn.bars) == sum(counts.values())
    assert len(drawn.bars) <= MOST_BARS
    assert (drawn.first, drawn.last) == (min(counts), max(counts))
    ends = zip(drawn.bars, drawn.bars[1:], strict=False)
    assert all(left.last + 1 == right.first and left.x < right.x for left, right in ends)
    assert all(bar.x + bar.width <= WIDTH and bar.height <= HEIGHT for bar in drawn.bars)
    assert all(bool(bar.height) == bool(bar.count) for bar in drawn.bars)


def test_without_dates_there_is_none() -> None:
    assert histogram([], HERE, Filters()) is None


def test_a_bar_asks_for_its_years_from_the_first_page_on() -> None:
    drawn = histogram(years({2020: 3, 2022: 1}), HERE, Filters())

    assert drawn is not None
    assert str(drawn.bars[1].chosen) == "/?q=bees&duration=custom&from=2021&to=2021"
    assert (drawn.bars[1].count, drawn.is_narrowed) == (0, False)
    assert drawn.words == "Articles per year, 2020 to 2022; most in 2020: 3"


def test_the_years_that_are_asked_are_chosen_whether_or_not_they_have_articles() -> None:
    filters = Filters(published_from="2019-06", published_to="2021")
    drawn = histogram(years({2018: 1, 2019: 1, 2022: 2}), HERE, filters)

    assert drawn is not None
    assert [bar.selected for bar in drawn.bars] == [False, True, True, True, False]
    assert (drawn.chosen, drawn.is_narrowed) == ((2019, 2021), True)
