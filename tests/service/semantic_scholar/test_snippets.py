"""Snippets: what is cut out of an abstract, and where it lies."""

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from service.results import Highlight, Hit, Scores
from service.semantic_scholar.fields import SNIPPET_FIELDS
from service.semantic_scholar.snippets import MOST_WORDS, to_snippet


def hit(article: Article, *highlights: Highlight) -> Hit:
    return Hit(1, 0.5, Scores(), article, truncated=False, highlights=highlights)


def sentence(number: int, n_words: int) -> str:
    return f"Word{number} " + "fills a line " * ((n_words - 1) // 3) + "here."


@given(lengths=st.lists(st.integers(4, 60), min_size=1, max_size=25), data=st.data())
def test_a_snippet_is_whole_sentences_around_the_best_and_lies_where_it_says(
    lengths: list[int], data: st.DataObject
) -> None:
    sentences = [sentence(number, length) for number, length in enumerate(lengths)]
    abstract = " ".join(sentences)
    best = data.draw(st.sampled_from(sentences))
    start = abstract.index(best)
    marked = Highlight("abstract", best, start, start + len(best), 0.9)

    shown = to_snippet(hit(Article(article_id="a", abstract=abstract), marked), SNIPPET_FIELDS)

    snippet = shown["snippet"]
    assert isinstance(snippet, dict)
    place = snippet["snippetOffset"]
    assert abstract[place["start"] : place["end"]] == snippet["text"]
    assert best in snippet["text"]
    parts = snippet["annotations"]["sentences"]
    cut = [snippet["text"][part["start"] : part["end"]] for part in parts]
    assert " ".join(cut) == snippet["text"]
    assert set(cut) <= set(sentences)
    n_words = len(snippet["text"].split())
    assert n_words <= max(MOST_WORDS, len(best.split()))
    if len(abstract.split()) <= MOST_WORDS:
        assert snippet["text"] == abstract


def test_an_article_without_an_abstract_is_shown_by_its_title() -> None:
    article = Article(article_id="doi:10.1/a?b", title="Only a title", authors=("Ann Ray",))

    shown = to_snippet(hit(article), ("text", "snippetKind", "annotations.refMentions"))

    assert shown == {
        "snippet": {
            "text": "Only a title",
            "snippetKind": "title",
            "annotations": {"refMentions": []},
        },
        "score": 0.5,
        "paper": {
            "corpusId": None,
            "title": "Only a title",
            "authors": ["Ann Ray"],
            "openAccessInfo": None,
            "paperId": "doi:10.1/a%3Fb",
        },
    }
