"""Context for a language model, its answer checked, and excerpts by every retriever."""

import hashlib

import pytest

from cognate_client import Cognate, Filters, RefusedError
from cognate_client.haystack import CognateRetriever as HaystackRetriever
from cognate_client.langchain import CognateRetriever as LangChainRetriever
from cognate_client.llama_index import CognateRetriever as LlamaIndexRetriever

SLEEP = "can poor sleep harm memory"
SPINDLES = "doi:10.5555/cognate.neuro.01"


def test_excerpts_lie_where_they_say_in_a_text_that_is_short_enough(cognate: Cognate) -> None:
    context = cognate.context(SLEEP, max_tokens=500, max_excerpts=3, min_match=0)

    assert context.answerable
    assert 0 < context.tokens <= context.max_tokens == 500
    assert [one.number for one in context.excerpts] == list(range(1, 1 + len(context.excerpts)))
    best = context.excerpts[0]
    assert best.article.article_id == SPINDLES
    assert hashlib.sha256(best.text.encode()).hexdigest() == best.sha256
    abstract = cognate.article(SPINDLES).abstract
    assert best.field == "abstract"
    assert abstract is not None
    assert all(abstract[span.start : span.end] in best.text for span in best.spans)
    assert f"[1] {best.key}" in context.text


def test_a_conversation_is_asked_as_its_messages(cognate: Cognate) -> None:
    context = cognate.context(
        [
            {"role": "user", "content": SLEEP},
            {"role": "assistant", "content": "It can."},
            {"role": "user", "content": "and what about naps?"},
        ],
        filters=Filters(published_from="2000"),
    )

    assert SLEEP in context.query
    assert "naps" in context.query


def test_nothing_is_handed_over_where_the_library_has_nothing(cognate: Cognate) -> None:
    context = cognate.context("how do I knit a sweater for a penguin")

    assert not context.answerable
    assert (context.text, context.excerpts, context.bundle_id) == ("", (), None)


def test_an_answer_is_checked_against_what_was_handed_over(cognate: Cognate) -> None:
    context = cognate.context(SLEEP)
    best = context.excerpts[0]
    answer = "Sleep spindles predict memory [1], it is said [99]. See doi:10.5555/invented.1 too."

    checked = cognate.verify(answer, bundle_id=context.bundle_id)

    first = checked.citations[0]
    assert answer[first.start : first.end] == first.text == "[1]"
    assert (first.status, first.in_bundle) == ("verified", True)
    assert first.article is not None
    assert first.article.article_id == best.article.article_id
    assert checked.summary.verified == 1
    other, invented = checked.citations[1:]
    assert (other.text, other.status, other.in_bundle) == ("[99]", "unchecked", False)
    assert (invented.kind, invented.status) == ("doi", "not_in_corpus")
    assert (checked.summary.unchecked, checked.summary.not_in_corpus) == (1, 1)
    assert checked.claims[0].citations


def test_a_wrong_year_and_an_altered_quote_are_told(cognate: Cognate) -> None:
    best = cognate.article(SPINDLES)
    assert best.abstract is not None
    words = best.abstract.split()[:12]
    altered = " ".join([*words[:5], "never", *words[6:]])
    checked = cognate.verify(f"“{altered}” (Mørk et al., 1999, doi:{best.doi}).")

    mismatch = next(one for one in checked.citations if one.differs)
    assert (mismatch.status, mismatch.differs[0].field) == ("metadata_mismatch", "year")
    assert checked.quotes[0].status == "altered"
    assert checked.quotes[0].found_text
    assert ("never", "the") in [(one.given, one.found) for one in checked.quotes[0].differs]


def test_a_damaged_bundle_is_refused(cognate: Cognate) -> None:
    with pytest.raises(RefusedError) as refused:
        cognate.verify("As [1] says.", bundle_id="no bundle")

    assert refused.value.field == "bundle_id"


def test_every_retriever_can_give_the_excerpts_of_one_bundle(url: str, cognate: Cognate) -> None:
    context = cognate.context(SLEEP, max_tokens=600, max_excerpts=2, min_match=0)
    wanted = [(one.article.article_id, one.text, one.match) for one in context.excerpts]

    chain = LangChainRetriever(cognate=cognate, k=2, min_match=0, max_tokens=600)
    documents = chain.invoke(SLEEP)
    assert [(one.id, one.page_content, one.metadata["score"]) for one in documents] == wanted

    nodes = LlamaIndexRetriever(cognate, top_k=2, min_match=0, max_tokens=600).retrieve(SLEEP)
    assert [(one.node.node_id, one.node.get_content(), one.score) for one in nodes] == wanted

    haystack = HaystackRetriever(url, top_k=2, min_match=0, max_tokens=600)
    found = haystack.run(SLEEP)["documents"]
    haystack.close()
    assert [(one.id, one.content, one.score) for one in found] == wanted

    for metadata in (documents[0].metadata, nodes[0].node.metadata, found[0].meta):
        assert metadata["bundle_id"] == context.bundle_id
        assert metadata["number"] == 1
        assert metadata["key"] == context.excerpts[0].key
