"""The HTTP interface: its answers, and one shape for everything that can be wrong."""

import json
from typing import Any

import orjson
import pytest

from service.health_schemas import CorpusHealthAnswer
from service.query import MOST_NAMES, Limits
from service.schemas import (
    ArticleWire,
    BatchAnswer,
    ErrorAnswer,
    ExplanationWire,
    SearchAnswer,
)
from service.search import SearchEngine
from service.similar_schemas import SimilarAnswer
from tests.service.library import LIBRARY
from tests.service.local_client import LocalClient

MOST = Limits().max_query_chars
EEG = "doi:10.5555/eeg.1"
JSON = {"content-type": "application/json"}
SHARED = ["total", "total_is_exact", "answerable", "respelled", "hits", "facets", "next_cursor"]
SHARED += ["snapshot", "exactness", "warnings", "took_ms"]


def error(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    ErrorAnswer.model_validate_json(response.content)
    detail: dict[str, Any] = response.json()["error"]
    return detail


def test_the_health_of_the_corpus_is_that_of_the_articles(client: LocalClient) -> None:
    response = client.get("/v1/health/corpus")

    CorpusHealthAnswer.model_validate_json(response.content)
    health = response.json()
    assert health["n_articles"] == len(LIBRARY)
    lacking = sum(record.get("abstract") is None for record in LIBRARY)
    assert health["n_without_abstract"] == lacking
    assert client.get("/v1/health/corpus").json() == health
    assert error(client.get("/v1/health/corpus?all=1"), 400)["field"] == "all"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"query":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"limit": ' + b"9" * 5_000 + b"}",
        b'{"query": "\xff"}',
    ],
)
def test_a_body_that_no_reader_of_json_takes_is_refused_with_the_causes(
    client: LocalClient, body: bytes
) -> None:
    detail = error(client.post("/v1/search", content=body, headers=JSON), 400)

    assert detail["code"] == "malformed_body"
    assert "nested too deeply" in detail["message"]


@pytest.mark.parametrize("field", ["authors", "journals", "types", "languages"])
def test_a_filter_takes_so_many_names_and_no_more(client: LocalClient, field: str) -> None:
    def asked(n: int) -> Any:
        return client.post("/v1/search", json={"filters": {field: ["a"] * n}})

    assert asked(MOST_NAMES).status_code == 200
    detail = error(asked(MOST_NAMES + 1), 400)
    assert detail["field"] == f"filters.{field}"
    assert f"the most is {MOST_NAMES}" in detail["message"]


def test_get_and_post_give_the_same_answer(client: LocalClient) -> None:
    got = client.get(
        "/v1/search",
        params={
            "q": "brain signals",
            "author": ["Bo Chen"],
            "from": "2024",
            "min_match": 0,
            "limit": 1,
        },
    ).json()
    posted = client.post(
        "/v1/search",
        json={
            "query": "brain signals",
            "filters": {"authors": ["Bo Chen"], "published_from": "2024"},
            "min_match": 0,
            "limit": 1,
        },
    ).json()

    SearchAnswer.model_validate(got)
    assert got | {"took_ms": 0} == posted | {"took_ms": 0}
    assert [hit["article"]["article_id"] for hit in got["hits"]] == [EEG]


def test_an_answer_holds_the_whole_and_one_page_of_it(
    client: LocalClient, engine: SearchEngine
) -> None:
    asked = {"q": "brain signals", "mode": "semantic", "min_match": "0", "limit": "1"}
    answer = client.get("/v1/search", params=asked).json()

    SearchAnswer.model_validate_json(orjson.dumps(answer))
    assert list(answer) == ["query", *SHARED]
    assert (answer["query"], answer["warnings"]) == ("brain signals", [])
    assert (answer["total"], answer["total_is_exact"]) == (len(LIBRARY), True)
    assert answer["snapshot"] == engine.snapshot_name
    (hit,) = answer["hits"]
    assert list(hit) == ["rank", "score", "scores", "article", "highlights"]
    assert hit["scores"]["lexical"] is None
    assert 0 <= hit["scores"]["match"] <= 1
    assert hit["article"]["versions"] == []
    assert answer["facets"] == {}
    assert answer["exactness"]["bound"] == Limits().max_matches


def test_without_a_question_everything_answers_and_nothing_is_scored(client: LocalClient) -> None:
    answer = client.get("/v1/search", params={"limit": 1}).json()

    assert (answer["total"], answer["total_is_exact"]) == (len(LIBRARY), True)
    assert (answer["query"], answer["hits"][0]["score"]) == (None, None)
    assert answer["hits"][0]["scores"] == {"semantic": None, "lexical": None, "match": None}


def test_facets_count_the_answer_and_can_be_searched(client: LocalClient) -> None:
    asked = {"facet": ["years", "types"], "facet_query": "journals:sig", "type": "review"}
    body = {
        "facets": ["years", "types"],
        "facet_query": {"journals": "sig"},
        "filters": {"types": ["review"]},
    }

    answer = client.get("/v1/search", params=asked).json()

    assert client.post("/v1/search", json=body).json()["facets"] == answer["facets"]
    assert list(answer["facets"]) == ["years", "types", "journals"]
    assert answer["facets"]["years"] == [{"value": "2024", "count": 1, "selected": False}]
    counts = {value["value"]: value["count"] for value in answer["facets"]["types"]}
    assert counts["research-article"] == 2
    assert answer["facets"]["journals"] == []


def test_a_hit_shows_why_it_matched_unless_that_is_not_wanted(client: LocalClient) -> None:
    asked = {"q": "feelings in brain signals", "min_match": "0", "limit": "1"}
    (hit,) = client.get("/v1/search", params=asked).json()["hits"]

    sentences = [found for found in hit["highlights"] if found["field"] == "abstract"]
    for found in sentences:
        text = hit["article"]["abstract"]
        assert found["text"] == text[found["start"] : found["end"]]
        words = [text[start:end] for start, end in found["words"]]
        assert {"brain", "signals"} <= set(words)
    assert sentences
    (bare,) = client.get("/v1/search", params=asked | {"highlight": "false"}).json()["hits"]
    assert bare["highlights"] == []


def test_an_explanation_is_given_to_who_asks(client: LocalClient) -> None:
    asked = {"q": "brain signals", "min_match": "0", "explain": "true"}
    answer = client.get("/v1/search", params=asked).json()

    SearchAnswer.model_validate_json(orjson.dumps(answer))
    explanation = answer["hits"][0]["explanation"]
    assert list(explanation) == list(ExplanationWire.model_fields)
    assert explanation["semantic"]["rank"] >= 1


@pytest.mark.parametrize("sort", ["relevance", "recency"])
def test_pages_by_cursor_are_the_whole_answer_each_article_once(
    client: LocalClient, sort: str
) -> None:
    asked = {"q": "brain signals and wheat", "min_match": "0", "sort": sort}
    whole = client.get("/v1/search", params=asked).json()

    hits: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = {"limit": "2", "cursor": cursor} if cursor else {"limit": "2"}
        answer = client.get("/v1/search", params=asked | page).json()
        assert answer["total"] == whole["total"] == len(LIBRARY)
        hits += answer["hits"]
        cursor = answer["next_cursor"]

    assert hits == whole["hits"]
    assert [hit["rank"] for hit in hits] == [*range(1, len(LIBRARY) + 1)]


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("autor=x", "unknown_parameter", "autor"),
        ("q=a&q=b", "invalid_value", "q"),
        ("limit=0", "invalid_value", "limit"),
        ("limit=101", "invalid_value", "limit"),
        ("limit=ten", "invalid_value", "limit"),
        ("mode=magic", "invalid_value", "mode"),
        ("sort=date", "invalid_value", "sort"),
        ("from=2024-13", "invalid_value", "from"),
        ("to=soon", "invalid_value", "to"),
        ("from=2025&to=2024", "invalid_value", "from"),
        ("author=", "invalid_value", "author"),
        ("has_abstract=perhaps", "invalid_value", "has_abstract"),
        ("min_match=1.5", "invalid_value", "min_match"),
        ("min_match=nan", "invalid_value", "min_match"),
        ("facet=journal", "invalid_value", "facet"),
        ("facet=years&facet=year", "invalid_value", "facet"),
        ("facet_query=pat", "invalid_value", "facet_query"),
        ("facet_query=journal:pat", "invalid_value", "facet_query"),
        ("prefer=journal", "invalid_value", "prefer"),
        ("highlight=perhaps", "invalid_value", "highlight"),
        ("explain=2", "invalid_value", "explain"),
        ("cursor=abc", "invalid_value", "cursor"),
        ("q=" + "x" * (MOST + 1), "invalid_value", "q"),
    ],
)
def test_a_bad_parameter_is_named(client: LocalClient, query: str, code: str, field: str) -> None:
    detail = error(client.get(f"/v1/search?{query}"), 400)

    assert (detail["code"], detail["field"]) == (code, field)
    assert detail["message"].startswith(f"{field}: ")


def test_an_unknown_name_brings_the_nearest_known_one(client: LocalClient) -> None:
    assert "'author'" in error(client.get("/v1/search?autor=x"), 400)["message"]
    assert (
        "'journals'"
        in error(client.post("/v1/search", json={"filters": {"journal": ["x"]}}), 400)["message"]
    )
    assert "'q'" in error(client.get("/v1/search?query=x"), 400)["message"]
    assert "'query'" in error(client.post("/v1/search", json={"q": "x"}), 400)["message"]


@pytest.mark.parametrize(
    "body",
    [{"x" * 100_000: 1}, {"filters": {"published_from": "2" * 100_000}}],
)
def test_an_error_quotes_no_more_than_the_beginning(
    client: LocalClient, body: dict[str, object]
) -> None:
    response = client.post("/v1/search", json=body)

    assert error(response, 400)["message"].endswith(" …")
    assert len(response.content) < 2_000


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_answer_head_too(client: LocalClient, path: str) -> None:
    assert client.head(path).status_code == 200
    assert client.post(path).headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b'{"limit": "5"}', "invalid_value", "limit"),
        (b'{"limit": 1e400}', "invalid_value", "limit"),
        (b'{"limit": 99999999999999999999999}', "invalid_value", "limit"),
        (b'{"query": 5}', "invalid_value", "query"),
        (b'{"query": "\\ud800"}', "invalid_value", "query"),
        (b'{"\\ud800": 1}', "unknown_parameter", "?"),
        (b'{"mode": "\\ud800"}', "invalid_value", "mode"),
        (b'{"filters": {"authors": "A"}}', "invalid_value", "filters.authors"),
        (b'{"filters": {"authors": ["\\ud800"]}}', "invalid_value", "filters.authors"),
        (b'{"filters": {"published_to": "x"}}', "invalid_value", "filters.published_to"),
        (b'{"filters": {"has_abstract": 1}}', "invalid_value", "filters.has_abstract"),
        (b'{"filters": {"from": "2024"}}', "unknown_parameter", "filters.from"),
        (b'{"min_match": NaN}', "invalid_value", "min_match"),
        (b'{"min_match": 2}', "invalid_value", "min_match"),
        (b'{"cursor": "x"}', "invalid_value", "cursor"),
        (b'{"facets": ["year"]}', "invalid_value", "facets.0"),
        (b'{"facet_query": {"journal": "pat"}}', "unknown_parameter", "facet_query.journal"),
        (b'{"facet_query": {"journals": 1}}', "invalid_value", "facet_query.journals"),
        (b'{"facet_query": {"types": "\\ud800"}}', "invalid_value", "facet_query"),
        (b'{"prefer": "journal"}', "invalid_value", "prefer"),
        (b'{"highlight": 1}', "invalid_value", "highlight"),
        (b"[1]", "invalid_value", None),
        (b"null", "invalid_value", None),
        (b"", "invalid_value", None),
        (b"\xff", "malformed_body", None),
        (b"[" * 100_000, "malformed_body", None),
    ],
)
def test_a_bad_body_is_named(
    client: LocalClient, body: bytes, code: str, field: str | None
) -> None:
    detail = error(client.post("/v1/search", content=body, headers=JSON), 400)

    assert (detail["code"], detail["field"]) == (code, field)


def test_broken_json_is_answered_with_its_position(client: LocalClient) -> None:
    detail = error(client.post("/v1/search", content=b'{"query": "x",}', headers=JSON), 400)

    assert detail["code"] == "malformed_json"
    assert detail["message"].endswith("at character 14")


@pytest.mark.parametrize("kind", ["text/plain", "", "application/xml", "multipart/form-data"])
@pytest.mark.parametrize("path", ["/v1/search", "/v1/articles:batch"])
def test_a_body_that_is_not_said_to_be_json_is_refused(
    client: LocalClient, path: str, kind: str
) -> None:
    detail = error(client.post(path, content=b"{}", headers={"content-type": kind}), 415)

    assert detail["code"] == "unsupported_media_type"


def test_json_by_another_name_is_json(client: LocalClient) -> None:
    headers = {"content-type": "Application/vnd.api+json; charset=utf-8"}

    assert client.post("/v1/search", content=b"{}", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/nothing", "/v1/search/", "/docs"])
def test_an_unknown_path_is_answered_in_the_one_shape(client: LocalClient, path: str) -> None:
    assert error(client.get(path), 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/search", "GET, POST"),
        ("GET", "/v1/articles:batch", "POST"),
        ("PUT", "/v1/articles/doi:10.5555/eeg.1", "GET"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/static/style.css", "GET, HEAD"),
    ],
)
def test_another_method_is_answered_with_those_that_are_allowed(
    client: LocalClient, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)

    assert error(response, 405)["code"] == "method_not_allowed"
    assert response.headers["allow"] == allowed


@pytest.mark.parametrize(
    "form",
    [
        "doi:10.5555/eeg.1",
        "doi:10.5555%2Feeg.1",
        "10.5555/EEG.1",
        "https://doi.org/10.5555/eeg.1",
        "https%3A%2F%2Fdoi.org%2F10.5555%2Feeg.1",
    ],
)
def test_an_article_is_given_by_any_form_of_its_id(client: LocalClient, form: str) -> None:
    answer = client.get(f"/v1/articles/{form}")

    assert answer.status_code == 200
    ArticleWire.model_validate(answer.json())
    assert answer.json()["article_id"] == EEG


@pytest.mark.parametrize("suffix", ["", "/similar"])
def test_an_unknown_id_is_not_found(client: LocalClient, suffix: str) -> None:
    detail = error(client.get(f"/v1/articles/doi:10.5555/none{suffix}"), 404)

    assert (detail["code"], detail["field"]) == ("unknown_article", "id")
    assert "doi:10.5555/none" in detail["message"]


def test_similar_articles_are_given_by_a_suffix(client: LocalClient) -> None:
    answer = client.get(
        "/v1/articles/10.5555/eeg.1/similar",
        params={"limit": 2, "journal": "reviews of computing", "min_match": 0},
    ).json()

    SimilarAnswer.model_validate(answer)
    assert list(answer) == ["article_id", *SHARED, "positive", "negative"]
    assert (answer["facets"], answer["next_cursor"]) == ({}, None)
    assert answer["article_id"] == EEG
    assert [hit["article"]["doi"] for hit in answer["hits"]] == ["10.5555/eeg.2"]


def test_an_id_that_ends_like_the_suffix_is_written_with_an_escaped_slash(
    client: LocalClient,
) -> None:
    suffix_wins = client.get("/v1/articles/doi:10.5555/odd/similar").json()
    escaped = client.get("/v1/articles/doi:10.5555/odd%2Fsimilar").json()
    both = client.get("/v1/articles/doi:10.5555%2Fodd%2Fsimilar/similar").json()

    assert (suffix_wins["article_id"], "hits" in suffix_wins) == ("doi:10.5555/odd", True)
    assert (escaped["article_id"], "hits" in escaped) == ("doi:10.5555/odd/similar", False)
    assert (both["article_id"], "hits" in both) == ("doi:10.5555/odd/similar", True)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("q=x", "q"),
        ("to=x", "to"),
        ("mode=x", "mode"),
        ("diversity=2", "diversity"),
    ],
)
def test_a_bad_parameter_of_similar_is_named(client: LocalClient, query: str, field: str) -> None:
    assert error(client.get(f"/v1/articles/{EEG}/similar?{query}"), 400)["field"] == field


def test_the_path_and_the_body_ask_for_the_same_similar_articles(client: LocalClient) -> None:
    wanted = {"diversity": 0.5, "limit": 2, "min_match": 0}
    got = client.get(
        "/v1/articles/10.5555/eeg.1/similar", params={**wanted, "facet": "years"}
    ).json()
    body = {**wanted, "positive": [{"doi": "10.5555/EEG.1"}], "facets": ["years"]}
    posted = client.post("/v1/similar", json=body).json()

    SimilarAnswer.model_validate(posted)
    assert got.pop("article_id") == EEG
    for answer in (got, posted):
        answer.pop("took_ms")
        # of other examples, as they were given
        assert answer.pop("next_cursor")
    assert got == posted
    assert posted["positive"] == [{"given": 0, "article_id": EEG, "title": LIBRARY[0]["title"]}]


def test_a_cursor_walks_what_is_similar(client: LocalClient) -> None:
    body: dict[str, Any] = {"positive": [{"article_id": EEG}], "min_match": 0, "limit": 2}
    first = client.post("/v1/similar", json=body).json()
    second = client.post("/v1/similar", json={**body, "cursor": first["next_cursor"]}).json()
    other = {**body, "negative": [{"text": "bees"}], "cursor": first["next_cursor"]}

    ranks = [hit["rank"] for page in (first, second) for hit in page["hits"]]
    assert ranks == [1, 2, 3, 4]
    assert error(client.post("/v1/similar", json=other), 400)["field"] == "cursor"


def test_each_hit_says_which_example_pulled_it_in_and_which_pushed_it_down(
    client: LocalClient,
) -> None:
    body = {
        "positive": [{"text": "wheat"}, {"article_id": EEG}],
        "negative": [{"text": "voices of old frogs in winter ponds"}],
        "min_match": 0,
    }
    answer = client.post("/v1/similar", json=body).json()

    SimilarAnswer.model_validate(answer)
    hits = {hit["article"]["article_id"]: hit for hit in answer["hits"]}
    survey, soil = hits["doi:10.5555/eeg.2"], hits["doi:10.5555/soil.1"]
    assert (survey["because"]["example"], soil["because"]["example"]) == (1, 0)
    pair = survey["because"]["sentences"]
    for side, article in (("example", LIBRARY[0]), ("article", LIBRARY[1])):
        piece = pair[side]
        whole = str(article[piece["field"]])
        assert whole[piece["start"] : piece["end"]] == piece["text"]
    assert soil["because"]["sentences"]["example"] == {
        "field": "text", "text": "wheat", "start": 0, "end": 5
    }  # fmt: skip
    assert survey["despite"]["example"] == 0
    pushing = survey["despite"]["sentences"]["example"]
    assert pushing["text"] == "voices of old frogs in winter ponds"
    assert any(hit["despite"] is None for hit in answer["hits"])


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "positive"),
        ({"positive": [{}]}, 400, "positive.0"),
        ({"positive": [{"text": "x", "doi": "10.1/x"}]}, 400, "positive.0"),
        ({"positive": [{"text": " "}]}, 400, "positive.0.text"),
        ({"positive": [{"text": "x" * (MOST + 1)}]}, 400, "positive.0.text"),
        ({"positive": [{"text": "x"}, {"doi": "nope"}]}, 400, "positive.1.doi"),
        ({"positive": [{"text": "x"}], "negative": [{"bibtex": "x"}]}, 400, "negative.0.bibtex"),
        ({"positive": [{"ris": "TY  - JOUR\nER  -"}]}, 400, "positive.0.ris"),
        ({"positive": [{"text": "x"}] * 21}, 400, "positive"),
        ({"negative": [{"text": "x"}] * 21}, 400, "negative"),
        ({"positive": [{"article_id": "none"}]}, 404, "positive.0.article_id"),
        ({"positive": [{"text": "x"}, {"doi": "10.5555/none"}]}, 404, "positive.1.doi"),
        ({"positive": [{"text": "x"}], "diversity": 1.5}, 400, "diversity"),
        ({"positive": [{"text": "x"}], "diversity": 0.5, "sort": "recency"}, 400, "diversity"),
        ({"negative": [{"text": "x"}], "min_match": 0}, 400, "min_match"),
        ({"positive": [{"txt": "x"}]}, 400, "positive.0.txt"),
        ({"positive": [{"text": "x"}], "mode": "hybrid"}, 400, "mode"),
        ({"positive": [{"text": "x"}], "filters": {"published_to": "x"}}, 400,
         "filters.published_to"),
        ({"positive": [{"text": "\ud800"}]}, 400, "positive.0.text"),
    ],
)  # fmt: skip
def test_a_bad_example_is_named(
    client: LocalClient, body: dict[str, Any], status: int, field: str
) -> None:
    response = client.post("/v1/similar", content=json.dumps(body), headers=JSON)

    assert error(response, status)["field"] == field


def test_twenty_examples_of_each_side_are_taken(client: LocalClient) -> None:
    many = [{"text": f"bees {number}"} for number in range(20)]
    answer = client.post("/v1/similar", json={"positive": many, "negative": many}).json()

    assert (len(answer["positive"]), len(answer["negative"])) == (20, 20)


@pytest.mark.parametrize("path", [f"/v1/articles/{EEG}", "/v1/articles/doi:nope"])
def test_a_route_without_parameters_refuses_any(client: LocalClient, path: str) -> None:
    assert error(client.get(f"{path}?fields=title"), 400)["field"] == "fields"


def test_a_batch_keeps_its_order_and_has_null_for_the_unknown(client: LocalClient) -> None:
    answer = client.post("/v1/articles:batch", json={"ids": ["nope", "10.5555/ODD", EEG]}).json()

    BatchAnswer.model_validate(answer)
    found = [article and article["article_id"] for article in answer["articles"]]
    assert found == [None, "doi:10.5555/odd", EEG]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"ids": ["\\ud800"]}', "ids"),
        (b"{}", "ids"),
        (b'{"ids": [1]}', "ids.0"),
        (b'{"ids": [' + b'"x",' * 500 + b'"x"]}', "ids"),
        (b'{"id": []}', "id"),
    ],
)
def test_a_bad_batch_is_named(client: LocalClient, body: bytes, field: str) -> None:
    detail = error(client.post("/v1/articles:batch", content=body, headers=JSON), 400)

    assert detail["field"] == field


def test_probes_say_that_it_lives_and_what_it_serves(
    client: LocalClient, engine: SearchEngine
) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {
        "status": "ready",
        "snapshot": engine.snapshot_name,
        "n_articles": len(LIBRARY),
        "degraded": None,
    }
