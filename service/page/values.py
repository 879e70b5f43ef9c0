"""Values to choose: the names of a facet with their counts, and those that were chosen unseen."""

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from index.identity import fold_name
from service.page.form import FINDERS, given
from service.query import FacetField
from service.results import FacetValue, Results


@dataclass(frozen=True, slots=True)
class Choice:
    """A facet as a list of boxes to tick.

    `finder` is the field in which the beginning of a name is typed, `beginning` what is in it.
    `unlisted` are chosen names that no article here has.
    """

    name: str
    title: str
    values: tuple[FacetValue, ...]
    finder: str | None
    beginning: str
    unlisted: tuple[str, ...]


_CHOICES: tuple[tuple[str, FacetField, str], ...] = (
    ("author", "authors", "Authors"),
    ("journal", "journals", "Journals"),
    ("type", "types", "Types"),
)


def choices(form: QueryParams, results: Results | None) -> list[Choice]:
    """Give the lists of boxes; without results only what is chosen."""
    return [
        _choice(form, name, title, FINDERS.get(field), results.facets[field] if results else ())
        for name, field, title in _CHOICES
    ]


def _choice(
    form: QueryParams, name: str, title: str, finder: str | None, values: tuple[FacetValue, ...]
) -> Choice:
    is_person = name == "author"
    listed = {fold_name(value.value, is_person=is_person) for value in values if value.selected}
    unlisted = (
        value for value in given(form, name) if fold_name(value, is_person=is_person) not in listed
    )
    beginning = form.get(finder, "") if finder else ""
    # what is chosen comes first, so that it is in sight however few others have it
    ordered = tuple(sorted(values, key=lambda value: not value.selected))
    return Choice(name, title, ordered, finder, beginning, tuple(unlisted))
