"""What each tool answers; and that it is what the HTTP API answers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from index.errors import UnknownArticleError
from service.app import create_app
from service.deadline import Deadline, OutOfTimeError
from service.holder import EngineHolder
from service.query import Limits
from service.search import SearchEngine
from service.settings import Settings
from service.tools.answer import Answer
from service.tools.catalogue import TOOLS, tool_named
from service.tools.tool import ArgumentError
from service.verification.query import VerifyQuery
from tests.encoders import HashEncoder
from tests.service.library import build_library, open_engine
from tests.service.local_client import LocalClient
from tests.service.tools.calling import CALLS
from tests.service.tools.oddities import AUTHORS, LONG, PLANTED, SICI, SLASHES

DRAFT = (
    "Bees remember flowers and dance for others at home. We thank our funders. "
    "Graph networks read feelings from brain signals."
)


@pytest.fixture(scope="module")
def web(odd_engine: SearchEngine) -> LocalClient:
    return LocalClient(create_app(Settings(), odd_engine))


def call(holder: EngineHolder, name: str, **arguments: object) -> Answer:
    return tool_named(name).call(holder, arguments)


def data(answer: Answer) -> Any:
    assert answer.data is not None
    return answer.data


def fields(answer: Answer, name: str) -> list[str]:
    return re.findall(rf"^   {name}: (.*)$", answer.text, re.MULTILINE)


def post(web: LocalClient, path: str, **body: object) -> Any:
    response = web.post(path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_there_are_at_most_eight_tools_each_with_a_name_of_its_own() -> None:
    names = [tool.name for tool in TOOLS]

    assert len(names) == len(set(names)) <= 8
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names)


def test_search_answers_in_the_form_that_connectors_look_for(
    holder: EngineHolder, web: LocalClient
) -> None:
    answer = call(holder, "search", query="brain signals and wheat")

    found = post(web, "/v1/search", query="brain signals and wheat", limit=20)["hits"]
    results = json.loads(answer.text)
    assert answer.data is None
    assert [*results] == ["results"]
    assert [one["id"] for one in results["results"]] == ids(found)
    assert all([*one] == ["id", "title", "url"] for one in results["results"])
    assert {one["url"] for one in results["results"]} >= {"https://doi.org/10.5555/eeg.1"}


def ids(hits: list[Any]) -> list[str]:
    return [hit["article"]["article_id"] for hit in hits]


def test_search_keeps_to_a_lower_limit_of_the_service(library: Path) -> None:
    engine = SearchEngine.open(library, Limits(max_limit=1), load_encoder=HashEncoder.load)
    answer = call(EngineHolder(engine), "search", query="brain signals and wheat")
    engine.close()

    assert len(json.loads(answer.text)["results"]) == 1


def test_search_without_a_hit_gives_an_empty_list(holder: EngineHolder) -> None:
    assert json.loads(call(holder, "search", query="zzz qqq").text) == {"results": []}


@pytest.mark.parametrize("doi", [SICI, SLASHES, "10.5555/odd/similar"])
def test_fetch_takes_what_search_gives(holder: EngineHolder, doi: str) -> None:
    (found,) = json.loads(call(holder, "search", query=doi).text)["results"][:1]
    document = json.loads(call(holder, "fetch", id=found["id"]).text)

    assert found["id"] == document["id"]
    assert document["metadata"]["doi"] == doi.lower()
    assert document["title"] == found["title"]
    assert document["url"] == found["url"]


@pytest.mark.parametrize("form", [SICI, f"doi:{SICI}", f"https://doi.org/{SICI}", SICI.upper()])
def test_fetch_takes_any_form_of_an_id(holder: EngineHolder, form: str) -> None:
    assert json.loads(call(holder, "fetch", id=form).text)["id"] == f"doi:{SICI.lower()}"


def test_fetch_tells_of_a_retracted_article_and_of_one_without_an_abstract(
    holder: EngineHolder,
) -> None:
    document = json.loads(call(holder, "fetch", id="10.5555/soil.1").text)

    assert document["text"] == document["title"] == "Soil moisture and the yield of wheat"
    assert document["metadata"]["retracted"] is True
    assert document["metadata"]["text_is"] == "title"
    assert document["metadata"]["authors"] == "Dora Ek et al. (5 authors)"
    # what its source links to is no address of the web
    assert document["url"] == "https://doi.org/10.5555/soil.1"


def test_an_article_that_is_nowhere_on_the_web_has_an_address_here(holder: EngineHolder) -> None:
    document = json.loads(call(holder, "fetch", id="own id/with spaces?and#signs+5%").text)

    assert document["url"] == "cognate://article/own id/with spaces?and#signs+5%"


def test_an_unknown_id_is_named(holder: EngineHolder) -> None:
    with pytest.raises(UnknownArticleError, match=r"no article has the id '10\.1/none'"):
        call(holder, "fetch", id="10.1/none")


@pytest.mark.parametrize(
    "asked",
    [
        {"query": "brain signals and wheat"},
        {"query": "brain signals and wheat", "min_match": 0, "limit": 50},
        {"query": "brain signals and wheat", "min_match": 0, "sort": "recency", "limit": 3},
        {"query": "wheat", "filters": {"types": ["dataset"], "published_from": "2024"}},
        {"filters": {"authors": ["Chen, Bo"]}},
        {"filters": {"has_abstract": False, "published_from": "-P90Y"}},
        {"query": "zzz qqq"},
    ],
)
def test_search_articles_agrees_with_the_http_api(
    holder: EngineHolder, web: LocalClient, asked: dict[str, Any]
) -> None:
    answer = call(holder, "search_articles", **asked)

    other = post(web, "/v1/search", **{"limit": 10} | asked)
    for name in ("total", "answerable", "next_cursor", "snapshot"):
        assert data(answer)[name] == other[name]
    assert [hit["article_id"] for hit in data(answer)["hits"]] == ids(other["hits"])
    assert [hit["match"] for hit in data(answer)["hits"]] == [
        hit["scores"]["match"] for hit in other["hits"]
    ]
    assert fields(answer, "id") == ids(other["hits"])


def test_similar_articles_agree_with_the_http_api(holder: EngineHolder, web: LocalClient) -> None:
    asked: dict[str, Any] = {
        "positive": [{"article_id": "10.5555/eeg.1"}, {"text": "bees and flowers"}],
        "negative": [{"text": "wheat"}],
        "limit": 2,
    }
    answer = call(holder, "similar_articles", **asked)

    other = post(web, "/v1/similar", **asked)
    hits = data(answer)["hits"]
    assert [hit["article_id"] for hit in hits] == ids(other["hits"])
    assert data(answer)["next_cursor"] == other["next_cursor"]
    pieces = [hit["because"]["sentences"]["article"] for hit in other["hits"]]
    assert fields(answer, "says") == [piece["text"] for piece in pieces]
    assert [hit["says"] for hit in hits] == [
        {name: piece[name] for name in ("field", "start", "end")} for piece in pieces
    ]
    assert fields(answer, "like") == [
        f"positive {hit['because']['example']}" for hit in other["hits"]
    ]


def test_negative_examples_alone_are_said(holder: EngineHolder) -> None:
    answer = call(holder, "similar_articles", negative=[{"article_id": "10.5555/eeg.1"}], limit=1)

    assert fields(answer, "like") == []
    assert fields(answer, "unlike") == ["negative 0"]


def test_related_work_agrees_with_the_http_api(holder: EngineHolder, web: LocalClient) -> None:
    answer = call(holder, "related_work", text=DRAFT, limit=2, neighbours=3)

    other = post(web, "/v1/related-work", text=DRAFT, limit=2, neighbours=3)
    parts = data(answer)["parts"]
    sentences = [(n, one) for n, one in enumerate(other["sentences"]) if one["candidates"]]
    assert [part["sentence"] for part in parts if "sentence" in part] == [n for n, _ in sentences]
    assert [
        [(one["article_id"], one["match"], one["key"]) for one in part["candidates"]]
        for part in parts
        if "sentence" in part
    ] == [
        [
            (one["article"]["article_id"], one["scores"]["match"], one["key"])
            for one in sentence["candidates"]
        ]
        for _, sentence in sentences
    ]
    near = [part["article_id"] for part in parts if "sentence" not in part]
    assert near == ids([one["hit"] for one in other["neighbours"]])
    assert data(answer)["next_start"] is None
    assert answer.text.endswith("That is all.")


def test_related_work_leaves_out_what_a_bibliography_has(holder: EngineHolder) -> None:
    bibliography = "@article{bees, doi = {10.5555/bees.1}, title = {Bees}}"

    answer = call(
        holder, "related_work", text=r"Bees dance \cite{bees} at home.", bibliography=bibliography
    )

    assert "doi:10.5555/bees.1" not in fields(answer, "id")
    assert fields(answer, "cites already") == ["bees"]


def test_related_work_goes_on_where_its_budget_ended(holder: EngineHolder) -> None:
    claim = "Recognising emotions from brain signals with graph networks is known in case"
    text = " ".join(f"{claim} {n}." for n in range(12))
    asked: dict[str, Any] = {"text": text, "limit": 3, "neighbours": 4, "max_tokens": 500}

    whole = data(call(holder, "related_work", **asked | {"max_tokens": 20_000}))["parts"]
    walked: list[Any] = []
    start: int | None = 0
    while start is not None:
        answer = call(holder, "related_work", **asked, start=start)
        part = data(answer)
        assert ("Go on with start:" in answer.text) == (part["next_start"] is not None)
        walked += part["parts"]
        start = part["next_start"]

    assert walked == whole
    assert len(whole) > 12


def test_related_work_says_that_there_is_nothing(holder: EngineHolder) -> None:
    nothing = call(holder, "related_work", text="Zzz is known to qqq xxx.", neighbours=0)
    behind = call(holder, "related_work", text=DRAFT, start=1000)

    assert "this index has nothing for them" in nothing.text
    assert "start 1000 is behind them" in behind.text
    assert data(nothing)["parts"] == data(behind)["parts"] == []


def test_get_context_hands_over_what_the_http_api_gives(
    holder: EngineHolder, web: LocalClient
) -> None:
    asked: dict[str, Any] = {"query": "how do bees dance for others at home", "max_tokens": 20_000}
    answer = call(holder, "get_context", **asked)

    other = post(web, "/v1/context", **asked)
    assert answer.text == f"{other['text']}\n\nbundle_id: {other['bundle_id']}"
    assert [
        (one["number"], one["article_id"], one["match"], one["field"], one["spans"])
        for one in data(answer)["excerpts"]
    ] == [
        (
            one["number"],
            one["article"]["article_id"],
            one["match"],
            one["field"],
            [[span["start"], span["end"]] for span in one["spans"]],
        )
        for one in other["excerpts"]
    ]
    assert data(answer)["excerpts"]


def test_get_context_hands_over_a_retracted_article_only_where_it_is_asked_to(
    holder: EngineHolder,
) -> None:
    query = "Soil moisture and the yield of wheat"
    without = call(holder, "get_context", query=query)
    with_it = call(holder, "get_context", query=query, include_retracted=True)

    assert "RETRACTED" not in without.text
    assert "RETRACTED" in with_it.text


def test_get_context_of_nothing_says_so(holder: EngineHolder) -> None:
    answer = call(holder, "get_context", query="zzz qqq")

    assert answer.text == "Nothing in this index answers that; say so instead of guessing."
    assert (data(answer)["answerable"], data(answer)["excerpts"]) == (False, [])


def test_get_context_counts_what_stands_beside_the_excerpts(
    holder: EngineHolder, odd_engine: SearchEngine
) -> None:
    asked: dict[str, Any] = {"query": "everything about the meadow and its bees"}
    sizes = []
    for max_tokens in (500, 700, 1_000, 3_000):
        answer = call(holder, "get_context", **asked, max_tokens=max_tokens)
        sizes.append(answer.size(odd_engine.count_tokens))
        assert data(answer)["excerpts"]
        assert sizes[-1] <= max_tokens

    assert sizes == sorted(sizes)
    assert sizes[0] > 250


ANSWER = (
    'Bees do "remember flowers" (doi:10.5555/bees.1). Feelings are read from brain signals '
    "(Müller and Chen, 1999, doi:10.5555/eeg.1).\nSoil moisture matters for the yield of wheat "
    "(https://doi.org/10.5555/soil.1), as nobody knew (doi:10.9999/invented)."
)


def test_verify_citations_tells_what_the_engine_found(
    holder: EngineHolder, odd_engine: SearchEngine
) -> None:
    answer = call(holder, "verify_citations", text=ANSWER)

    found = odd_engine.verify(VerifyQuery(text=ANSWER))
    parts = data(answer)["parts"]
    n_citations, n_quotes = len(found.citations), len(found.quotes)
    assert [(part["start"], part["status"]) for part in parts[:n_citations]] == [
        (one.start, one.status) for one in found.citations
    ]
    assert [part["kind"] for part in parts[n_citations:]] == [
        *["quote"] * n_quotes,
        *["claim"] * len(found.claims),
    ]
    assert [part["supported"] for part in parts[n_citations + n_quotes :]] == [
        one.supported for one in found.claims
    ]
    statuses = {part["status"] for part in parts[:n_citations]}
    assert statuses >= {"verified", "metadata_mismatch", "retracted", "not_in_corpus"}
    assert data(answer)["is_wrong"] is True
    assert "year: given 1999; found 2025" in answer.text
    assert fields(answer, "retracted") == ["yes"]
    assert answer.text.endswith("That is all.")


def test_verify_citations_says_what_was_not_handed_over(holder: EngineHolder) -> None:
    context = call(holder, "get_context", query="bees remember flowers", max_excerpts=1)
    bundle_id = context.text.rpartition("bundle_id: ")[2]
    handed = data(context)["excerpts"][0]["article_id"]
    other = "10.5555/eeg.2" if handed != "doi:10.5555/eeg.2" else "10.5555/eeg.1"
    text = f"Bees remember ({handed}). Feelings are recognised (doi:{other})."

    answer = call(holder, "verify_citations", text=text, bundle_id=bundle_id)

    cited = [one["in_bundle"] for one in data(answer)["parts"] if "in_bundle" in one]
    assert cited == [True, False]
    assert fields(answer, "in bundle") == ["no"]


def test_verify_citations_goes_on_where_its_budget_ended(holder: EngineHolder) -> None:
    asked: dict[str, Any] = {"text": ANSWER}
    whole = data(call(holder, "verify_citations", **asked))["parts"]
    walked: list[Any] = []
    start: int | None = 0
    while start is not None:
        part = data(call(holder, "verify_citations", **asked, max_tokens=500, start=start))
        assert part["is_wrong"] is True
        walked += part["parts"]
        start = part["next_start"]

    assert walked == whole


def test_an_answer_that_cites_nothing_is_told_so(holder: EngineHolder) -> None:
    answer = call(holder, "verify_citations", text="Hello.")

    assert answer.text == "0 citations. 0 quotes. 0 claims."
    assert data(answer)["parts"] == []


def test_no_hit_is_said_with_its_reason(holder: EngineHolder) -> None:
    about_else = call(holder, "search_articles", query="zzz qqq")
    filtered = call(holder, "search_articles", query="bees", filters={"published_to": "1800"})

    assert "No article of this index matches" in about_else.text
    assert "loosen the filters" in filtered.text
    assert data(about_else)["hits"] == data(filtered)["hits"] == []


def test_five_hundred_authors_are_five_and_a_number(holder: EngineHolder) -> None:
    answer = call(holder, "search_articles", query="everything about the meadow", limit=1)

    assert fields(answer, "by") == [f"{', '.join(AUTHORS[:5])} et al. (500 authors)"]


def test_details_tell_more_and_more(holder: EngineHolder) -> None:
    asked: dict[str, Any] = {"query": "brain signals", "limit": 1}
    by_ids, short, full = (
        call(holder, "search_articles", **asked, detail=detail)
        for detail in ("ids", "short", "full")
    )

    assert by_ids.text.splitlines()[1] == "1. doi:10.5555/eeg.1"
    assert fields(by_ids, "id") == []
    sentence = "Electroencephalography records brain signals; a graph network reads feelings."
    assert fields(short, "says") == fields(full, "abstract") == [sentence]
    assert fields(short, "abstract") == fields(full, "says") == []
    assert fields(full, "url") == ["https://doi.org/10.5555/eeg.1"]


def test_a_retracted_article_is_marked_in_lists(holder: EngineHolder) -> None:
    answer = call(holder, "search_articles", query="10.5555/soil.1", limit=1)

    assert fields(answer, "retracted") == ["yes"]


def test_what_does_not_fit_is_said_with_a_cursor_that_goes_on_there(holder: EngineHolder) -> None:
    asked: dict[str, Any] = {"query": "bees and wheat", "min_match": 0, "limit": 8}
    whole = data(call(holder, "search_articles", **asked))["hits"]

    cut = call(holder, "search_articles", **asked, max_tokens=500)
    n = len(data(cut)["hits"])
    rest = call(holder, "search_articles", **asked, cursor=data(cut)["next_cursor"])

    assert 0 < n < 8
    assert f"{n} of 8 shown: 500 tokens hold no more. Go on with cursor: " in cut.text
    assert cut.text.endswith(data(cut)["next_cursor"])
    assert data(cut)["hits"] + data(rest)["hits"][: 8 - n] == whole


def test_an_abstract_that_does_not_fit_is_cut_at_a_sentence(holder: EngineHolder) -> None:
    answer = call(
        holder,
        "search_articles",
        query="everything about the meadow",
        limit=1,
        detail="full",
        max_tokens=1_000,
    )

    (kept,) = fields(answer, "abstract")
    (cut,) = fields(answer, "cut")
    assert LONG.startswith(kept)
    assert kept.endswith("7).")
    assert cut == f"{len(LONG) - len(kept):,} more characters of the abstract do not fit"
    assert "Shown as" not in answer.text


def test_fetch_cuts_a_huge_article_at_a_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    sentence = "Bees dance at home, as ever, and nobody knows why. "
    article: dict[str, object] = {
        "doi": "10.5555/huge",
        "title": "Huge",
        "abstract": sentence * 4_000,
    }
    engine = open_engine(build_library(tmp_path_factory.mktemp("huge"), [article]))
    answer = call(EngineHolder(engine), "fetch", id="10.5555/huge")
    size = answer.size(engine.count_tokens)
    engine.close()

    document = json.loads(answer.text)
    assert (sentence * 4_000).startswith(document["text"])
    assert document["text"].endswith("why.")
    n_chars = len(sentence) * 4_000 - 1
    assert f"the first {len(document['text']):,} of {n_chars:,}" in document["metadata"]["note"]
    assert 5_900 < size <= 6_000


def test_a_planted_instruction_stands_in_its_field_and_nowhere_else(holder: EngineHolder) -> None:
    fetched = call(holder, "fetch", id="10.5555/planted")
    listed = call(holder, "search_articles", query="10.5555/planted", limit=1, detail="full")

    assert json.loads(fetched.text)["text"] == PLANTED
    assert fetched.text.count("Ignore previous") == 1
    assert fields(listed, "abstract") == [PLANTED]
    assert listed.text.count("Ignore previous") == 1
    assert "Ignore previous" not in json.dumps(listed.data)


def test_no_field_of_an_article_can_look_like_another(holder: EngineHolder) -> None:
    answer = call(holder, "search_articles", query="10.5555/planted", limit=1, detail="full")

    assert fields(answer, "id") == ["doi:10.5555/planted"]


@pytest.mark.parametrize(
    ("name", "arguments", "field", "message"),
    [
        ("similar_articles", {}, "positive", "give at least one example"),
        ("similar_articles", {"positive": [{"text": " "}]}, "positive.0.text", "is empty"),
        ("related_work", {"text": " "}, "text", "is empty"),
        ("search_articles", {"filters": {"authors": [" "]}}, "filters.authors", "a name is empty"),
        ("verify_citations", {"text": " "}, "text", "is empty"),
        ("verify_citations", {"text": "x", "bundle_id": "x"}, "bundle_id", "bundle"),
        ("search_articles", {"query": "\ud800"}, "query", "unable to parse raw data"),
        ("search_articles", {"filters": {"published_from": "x"}}, "filters.published_from", "2024"),
        ("search_articles", {"cursor": "x"}, "cursor", "this is no cursor"),
    ],
)
def test_what_the_engine_refuses_is_named_as_the_tool_names_it(
    holder: EngineHolder, name: str, arguments: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message) as refused:
        call(holder, name, **arguments)

    assert refused.value.field == field


def test_an_unknown_example_is_named(holder: EngineHolder) -> None:
    with pytest.raises(UnknownArticleError) as refused:
        call(holder, "similar_articles", positive=[{"article_id": "10.1/none"}])

    assert refused.value.field == "positive.0.article_id"


def test_an_unknown_tool_is_named_with_the_nearest() -> None:
    with pytest.raises(ArgumentError, match="the nearest is 'search_articles'"):
        tool_named("search_article")


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"fetch"}))
def test_a_tool_keeps_to_the_deadline_of_its_call(holder: EngineHolder, name: str) -> None:
    _, right = CALLS[name]

    with pytest.raises(OutOfTimeError):
        tool_named(name).call(holder, right, Deadline(came=0.0, due=1.0))
