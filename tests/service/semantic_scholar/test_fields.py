"""Fields: what clients may ask for, and what no paper has."""

import pytest
from semanticscholar.Author import Author
from semanticscholar.BaseReference import BaseReference
from semanticscholar.Paper import Paper

from index.errors import QueryError
from service.semantic_scholar.fields import (
    SNIPPET_FIELDS,
    Fields,
    author_fields,
    paper_fields,
    snippet_fields,
)


def test_by_default_a_paper_has_its_title() -> None:
    assert paper_fields(None) == Fields(("title",), ("authorId", "name"))


def test_all_that_the_client_asks_for_by_default_is_recognised() -> None:
    asked = paper_fields(",".join(Paper.FIELDS))

    assert set(asked.names) == {name.partition(".")[0] for name in Paper.FIELDS}
    assert "hIndex" in asked.of_authors
    assert paper_fields(",".join(Paper.SEARCH_FIELDS)).of_authors == ("authorId", "name")
    of_authors = [name for name in Author.SEARCH_FIELDS if not name.startswith("papers")]
    assert set(author_fields(",".join(of_authors))) == set(of_authors)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("title,year", ("title", "year")),
        (" year , title,,year", ("year", "title")),
        ("", ()),
        ("authors.name,title,authors", ("authors", "title")),
        ("embedding.specter_v2", ("embedding",)),
        ("tldr,matchProbability", ("tldr", "matchProbability")),
    ],
)
def test_fields_are_read_from_a_list_with_commas(text: str, names: tuple[str, ...]) -> None:
    assert paper_fields(text).names == names


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("shoeSize", "shoeSize"),
        ("title,Title,b", "Title, b"),
        ("authors.shoeSize", "authors.shoeSize"),
        ("citations.citations", "citations.citations"),
        ("title.text", "title.text"),
        *((name, name) for name in BaseReference.FIELDS),
    ],
)
def test_a_name_that_nobody_has_is_refused_as_the_original_does(text: str, unknown: str) -> None:
    with pytest.raises(QueryError) as error:
        paper_fields(text)

    assert str(error.value) == f"Unrecognized or unsupported fields: [{unknown}]"


def test_what_a_person_wrote_is_no_field_here_since_clients_fail_where_it_is_null() -> None:
    with pytest.raises(QueryError, match=r"\[papers, papers.title\]"):
        author_fields("name,papers,papers.title")


def test_snippets_have_all_their_fields_or_those_asked_for() -> None:
    assert snippet_fields(None) == snippet_fields("snippet") == SNIPPET_FIELDS
    assert snippet_fields("snippet.text,snippet.snippetKind") == ("text", "snippetKind")
    with pytest.raises(QueryError, match=r"\[text\]"):
        snippet_fields("text")
