"""Answers of services that are newer, older, or say null."""

import pytest

from cognate_client import UnexpectedAnswerError
from cognate_client.answers import Article, Articles, Ready, Scores
from cognate_client.reading import read

ARTICLE: dict[str, object] = {
    **{"article_id": "a", "doi": None, "title": "T", "abstract": None, "authors": [{"name": "A"}]},
    **{"n_authors": 1, "journal": None, "published": None, "year": None, "type": "other"},
    **{"url": None, "language": None, "first_indexed": None, "evidence": "title_only"},
    **{"truncated": False, "retracted": None, "versions": []},
}


def test_fields_that_a_newer_service_adds_are_passed_over() -> None:
    newer = {**ARTICLE, "doubts": {"n": 1}, "authors": [{"name": "A", "orcid": "0000"}]}

    assert read(Article, newer) == read(Article, ARTICLE)


def test_a_field_that_may_be_absent_has_its_default() -> None:
    assert read(Article, ARTICLE).is_new is False
    assert read(Article, {**ARTICLE, "is_new": True}).is_new is True


def test_null_is_none_where_it_may_be() -> None:
    assert read(Articles, {"articles": [None]}).articles == (None,)
    with pytest.raises(UnexpectedAnswerError, match=r"the answer\.snapshot is not"):
        read(Ready, {"snapshot": None, "n_articles": 1})


def test_whole_numbers_are_numbers() -> None:
    scores = read(Scores, {"semantic": 1, "lexical": 0.5, "match": None})

    assert (scores.semantic, scores.lexical, scores.match) == (1.0, 0.5, None)


def test_what_is_wrong_is_named_by_its_place() -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"the answer\.articles\.0\.authors\.0\.name"):
        read(Articles, {"articles": [{**ARTICLE, "authors": [{}]}]})


def test_answers_are_values() -> None:
    assert hash(read(Article, ARTICLE)) == hash(read(Article, dict(ARTICLE)))
