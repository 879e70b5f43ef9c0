"""Highlights say why an article matches, at places that are true, or say nothing."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.lexical import LexicalIndex, write_lexical
from service.highlights import CHANCE_COSINE, LEAST_GAIN, LEAST_SCORE, MAX_WORDS, Highlighter
from service.results import Highlight
from tests.building import all_new
from tests.encoders import PREFIX_COSINE, HashEncoder

SUBJECTS = ("wheat", "soil", "brain", "signal", "network", "emotion", "law", "protein")
# in the order in which they get rarer
CORPUS = [" ".join(SUBJECTS[: len(SUBJECTS) - row]) for row in range(len(SUBJECTS))]

WORDS = (*SUBJECTS, "signals", "signature", "the", "of", "Ünïcode", "e\u0301a", "İstanbul",
         "STRASSE", "straße", "ﬁbre", "中文", "हिन्दी", "👩\u200d🔬", "3.5", "Dr.", "e.g.", "…",
         "\n", "\u3000", "\x85", "“", "a. b")  # fmt: skip
awkward = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text(
    # what Python does not know yet can be a letter to tantivy, whose Unicode is newer
    st.characters(exclude_categories=["Cn", "Cs"]),
    max_size=60,
)
articles = st.builds(
    lambda title, abstract, language: Article(
        article_id="1", title=title, abstract=abstract, language=language
    ),
    title=st.none() | awkward,
    abstract=st.none() | awkward,
    language=st.sampled_from([None, "en", "de", "zh"]),
)


@pytest.fixture(scope="module")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LexicalIndex]:
    """Index the small corpus."""
    folder = tmp_path_factory.mktemp("highlights")
    corpus = [Article(article_id=str(row), title=title) for row, title in enumerate(CORPUS)]
    with all_new(corpus) as changes:
        write_lexical(folder / "lexical", changes)
    index = LexicalIndex(folder / "lexical")
    yield index
    index.close()


@pytest.fixture(scope="module")
def highlighter(lexical: LexicalIndex) -> Highlighter:
    return Highlighter(lexical, HashEncoder())


def highlight(
    highlighter: Highlighter,
    question: str,
    *,
    title: str | None = None,
    abstract: str | None = None,
) -> tuple[Highlight, ...]:
    article = Article(article_id="1", title=title, abstract=abstract)
    (found,) = highlighter.highlights(highlighter.question_words(question), [article])
    return found


def marked(text: str, found: Highlight) -> list[str]:
    return [text[start:end] for start, end in found.words]


def share(lexical: LexicalIndex, question: str, carried: Sequence[str]) -> float:
    """Give the share of a question that these of its words are, by their rarity."""
    rarity = {word: sum(map(lexical.rarity, lexical.words(word))) for word in question.split()}
    return sum(rarity[word] for word in carried) / sum(rarity.values())


def test_the_sentence_that_carries_the_question_comes_with_its_words(
    highlighter: Highlighter,
) -> None:
    abstract = "We measured soil. Signals of the brain tell emotions. Then it rained."

    (found,) = highlight(highlighter, "emotion in brain signals", abstract=abstract)

    assert found.text == "Signals of the brain tell emotions."
    assert (found.field, found.start) == ("abstract", abstract.index("Signals"))
    assert marked(abstract, found) == ["Signals", "brain", "emotions"]
    assert found.score == 1


def test_a_title_is_given_whole_where_a_word_of_the_question_is_in_it(
    highlighter: Highlighter,
) -> None:
    title = " The law of networks. A brain "

    (found,) = highlight(highlighter, "the network", title=title)

    assert (found.field, found.text) == ("title", title.strip())
    assert marked(title, found) == ["networks"]
    assert highlight(highlighter, "the protein", title=title) == ()


def test_the_title_comes_first_then_the_sentences_from_best_to_second(
    highlighter: Highlighter,
) -> None:
    abstract = "Protein and wheat. It rained. The law of the network, the brain and the signal."
    question = "network law brain signal protein wheat"

    found = highlight(highlighter, question, title="On law", abstract=abstract)

    texts = [one.text for one in found]
    by_score = sorted(found[1:], key=lambda one: -one.score)
    assert texts[0] == "On law"
    assert set(texts[1:]) == {"Protein and wheat.", abstract[abstract.index("The law") :]}
    assert list(found[1:]) == by_score


def test_a_second_sentence_has_to_add_to_the_first(
    highlighter: Highlighter, lexical: LexicalIndex
) -> None:
    question = "protein law emotion wheat"
    assert share(lexical, question, ["wheat"]) < LEAST_GAIN < share(lexical, question, ["emotion"])

    both = highlight(highlighter, question, abstract="Protein and law. Law with emotion.")
    same = highlight(highlighter, question, abstract="Protein and law. Law for protein.")
    little = highlight(highlighter, question, abstract="Protein and law. Law for wheat.")

    assert [one.text for one in both] == ["Protein and law.", "Law with emotion."]
    assert [one.text for one in same] == ["Protein and law."]
    assert [one.text for one in little] == ["Protein and law."]


def test_a_sentence_that_carries_too_little_is_not_given(
    highlighter: Highlighter, lexical: LexicalIndex
) -> None:
    question = "protein law emotion wheat"
    assert share(lexical, question, ["wheat"]) < LEAST_SCORE

    assert highlight(highlighter, question, abstract="The wheat grew. It rained.") == ()


def test_rare_words_weigh_more_than_common_ones(
    highlighter: Highlighter, lexical: LexicalIndex
) -> None:
    (found,) = highlight(highlighter, "wheat soil protein", abstract="Wheat, soil. A protein.")

    assert found.text == "A protein."
    assert found.score == pytest.approx(share(lexical, "wheat soil protein", ["protein"]), abs=1e-4)


def test_a_like_word_counts_by_how_like_it_is_and_is_not_marked(highlighter: Highlighter) -> None:
    (found,) = highlight(highlighter, "signal", abstract="It rained. We saw a signature.")

    assert found.text == "We saw a signature."
    assert found.score == pytest.approx((PREFIX_COSINE - CHANCE_COSINE) / (1 - CHANCE_COSINE))
    assert found.words == ()


def test_of_equal_sentences_the_earlier_is_given(highlighter: Highlighter) -> None:
    (found,) = highlight(highlighter, "soil", abstract="A soil here. A soil there.")

    assert found.start == 0


@pytest.mark.parametrize("question", ["", "the of and", "…?!", "👩\u200d🔬", "x" * 100])
def test_a_question_without_words_has_no_highlights(
    highlighter: Highlighter, question: str
) -> None:
    abstract = f"The law of the land and of {question}."

    assert highlight(highlighter, question, title="The of and", abstract=abstract) == ()


def test_a_text_without_words_has_no_highlights(highlighter: Highlighter) -> None:
    assert highlight(highlighter, "soil", title="…", abstract="?! — …") == ()
    assert highlighter.highlights(highlighter.question_words("soil"), []) == []


def test_the_language_of_an_article_says_where_its_sentences_end(highlighter: Highlighter) -> None:
    abstract = "Der Boden, z. B. Wheat am Meer. Es regnet."
    german = Article(article_id="1", abstract=abstract, language="de")

    ((found,),) = highlighter.highlights(highlighter.question_words("wheat"), [german])

    assert found.text == "Der Boden, z. B. Wheat am Meer."


def test_of_a_long_question_the_heaviest_words_are_looked_for(highlighter: Highlighter) -> None:
    # rare: in no article; asked twice; and common
    rare = [f"rare{number}" for number in range(2 * MAX_WORDS)]
    question = " ".join(["wheat", *rare, "twice", "twice"])

    words = highlighter.question_words(question)

    assert len(words.keys) == len(words.weights) == len(words.vectors) == MAX_WORDS
    assert words.weights.sum() == pytest.approx(1)
    assert highlight(highlighter, question, title="twice")[0].score == pytest.approx(
        words.weights.max(), abs=1e-4
    )
    assert highlight(highlighter, question, title="wheat") == ()


@given(question=awkward, article=articles)
@example(
    "soil", Article(article_id="1", title="İ soil", abstract="İ ﬁ ß 👩\u200d🔬 e\u0301 soil. x")
)
@settings(deadline=None, max_examples=300)
def test_every_place_is_true_of_any_text(
    highlighter: Highlighter, lexical: LexicalIndex, question: str, article: Article
) -> None:
    (found,) = highlighter.highlights(highlighter.question_words(question), [article])
    asked = set(lexical.words(question))

    for one in found:
        text = getattr(article, one.field)
        assert text[one.start : one.end] == one.text == one.text.strip() != ""
        assert 0 <= one.score <= 1
        places = [one.start, *(place for word in one.words for place in word), one.end]
        assert places == sorted(places)
        for word in marked(text, one):
            assert word
            assert asked.issuperset(lexical.words(word))
    titles = [one for one in found if one.field == "title"]
    sentences = [one for one in found if one.field == "abstract"]
    assert found == (*titles, *sentences)
    assert all(one.words for one in titles)
    assert all(one.score >= LEAST_SCORE for one in sentences)
    assert [one.score for one in sentences] == sorted(
        (one.score for one in sentences), reverse=True
    )
    assert len(titles) <= 1
    assert len(sentences) <= 2


@given(question=awkward, batch=st.lists(articles, max_size=5))
@settings(deadline=None)
def test_an_article_has_the_same_highlights_alone_and_among_others(
    highlighter: Highlighter, question: str, batch: list[Article]
) -> None:
    words = highlighter.question_words(question)

    alone = [highlighter.highlights(words, [article])[0] for article in batch]

    assert highlighter.highlights(words, batch) == alone


sentence_lists = st.lists(
    st.lists(st.sampled_from((*SUBJECTS, "signature", "rain")), min_size=1, max_size=5)
    .map(" ".join)
    .map(lambda words: f"{words.capitalize()}."),
    min_size=1,
    max_size=6,
    unique=True,
)


@given(question=st.sets(st.sampled_from(SUBJECTS), min_size=1), data=st.data())
@settings(deadline=None)
def test_permuting_the_sentences_permutes_the_highlights(
    highlighter: Highlighter, question: set[str], data: st.DataObject
) -> None:
    sentences = data.draw(sentence_lists)
    permuted = data.draw(st.permutations(sentences))
    asked = " ".join(sorted(question))

    alone = {
        one.text: one.score
        for sentence in sentences
        for one in highlight(highlighter, asked, abstract=sentence)
    }
    best = [text for text, score in alone.items() if score == max(alone.values())]
    for order in (sentences, permuted):
        found = highlight(highlighter, asked, abstract=" ".join(order))
        assert all(alone[one.text] == one.score for one in found)
        assert [one.text for one in found[:1]] == sorted(best, key=order.index)[:1]


@given(question=awkward)
@settings(deadline=None)
def test_a_text_that_is_the_question_carries_all_of_it(
    highlighter: Highlighter, question: str
) -> None:
    found = highlight(highlighter, question, title=question)

    assert [one.score for one in found] == ([1.0] if found else [])
    assert bool(found) == bool(len(highlighter.question_words(question).keys))


def test_every_sentence_says_how_much_of_the_question_it_carries(highlighter: Highlighter) -> None:
    text = "Wheat grows. … Soil is weighed for wheat."
    places = [(0, 12), (13, 14), (15, 41)]
    question = highlighter.question_words("wheat soil")
    first, second = highlighter.carried(question, [(text, places), ("", [])])
    assert second == []
    assert first[1] == 0.0
    assert 0 < first[0] < first[2] == 1.0


def test_nothing_is_carried_of_a_question_without_words(highlighter: Highlighter) -> None:
    question = highlighter.question_words("?!")
    assert highlighter.carried(question, [("Wheat grows.", [(0, 12)])]) == [[0.0]]
