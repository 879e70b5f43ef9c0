"""What the README says of this is what the code does."""

import re
from pathlib import Path

from fastapi.routing import APIRoute
from semanticscholar import SemanticScholar

from service.semantic_scholar.fields import MATCH_PROBABILITY, PAPER_FIELDS
from service.semantic_scholar.paper import _VALUES, TYPES
from service.semantic_scholar.parameters import _WHY_NOT
from service.semantic_scholar.routes import graph_routes, recommendation_routes

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("### In place of Semantic Scholar\n")[2].partition("\n## ")[0]


def named(beginning: str) -> set[str]:
    """Give what the paragraph that begins so has in backticks."""
    return set(re.findall(r"`(\w+)`", SECTION.partition(beginning)[2].partition("**")[0]))


def test_every_field_is_said_to_be_known_or_null() -> None:
    known = {*_VALUES, "paperId", "authors", MATCH_PROBABILITY}

    assert known | set(TYPES) <= named("**Known**")
    assert named("**Null**") == set(PAPER_FIELDS) - known


def test_every_filter_that_is_refused_is_named() -> None:
    assert {name for name, _ in _WHY_NOT.values()} <= named("**Refused**")


def test_the_table_has_every_route_but_those_that_refuse() -> None:
    served = {
        (method, prefix + re.sub(r"\{.*?\}", "{id}", route.path))
        for prefix, routes in (
            ("/graph/v1", graph_routes),
            ("/recommendations/v1", recommendation_routes),
        )
        for route in routes.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    refusing = ("/citations", "/references", "/author/{id}", "/papers")
    listed = re.findall(r"`(GET|POST) (/\S+)`", SECTION.partition("\n\nA `paperId`")[0])

    assert set(listed) == {one for one in served if not one[1].endswith(refusing)}


def test_the_lines_of_code_run(address: str) -> None:
    code = "\n".join(line[4:] for line in SECTION.splitlines() if line.startswith("    "))
    assert len(code.splitlines()) == 3
    names: dict[str, object] = {}

    exec(code.replace("http://127.0.0.1:8000", address), names)

    assert isinstance(names["scholar"], SemanticScholar)
