"""What a question names is found, in every form in which a person types it."""

from collections.abc import Callable, Iterator
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.naming import (
    AUTHOR,
    IDENTIFIER,
    MARK_NAMES,
    MATCH,
    MOST_TYPED,
    PHRASE,
    TITLE,
    Named,
    Namer,
)
from tests.building import open_snapshot
from tests.service.library import build_library

DEPTH = 100


def _by(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


ARTICLES: list[dict[str, object]] = [
    {
        "id": "parsing",
        "title": "Easy first parsing",
        "abstract": "Parsing of sentences without a fixed direction, as Goldberg and Levy do.",
        "authors": _by("Yoav Goldberg", "Michael Elhadad"),
        "doi": "10.18653/v1/p10-1001",
    },
    {
        "id": "embeddings",
        "title": "Dependency embeddings of words",
        "abstract": "Words are described by those beside them.",
        "authors": _by("Omer Levy", "Goldberg, Yoav"),
    },
    {
        "id": "hamlet",
        "title": "To be or not to be",
        "abstract": "That is the question, and the price of wheat is not.",
        "authors": _by("William Price"),
    },
    {
        "id": "market",
        "title": "The price of soil",
        "abstract": "A stock price is a price. Prices of wheat rise.",
        "authors": _by("S. Stocks", "Jörg Müller"),
    },
    {"id": "acl:P18-1001", "title": "Recognition of emotions"},
    {"id": "acl:2021.emnlp-main.5", "title": "Recognition of emotions."},
    {"id": "arxiv:2101.00001", "title": "Graph networks", "abstract": "Brain signals."},
    {"id": "pmid:1234567", "title": "Cells"},
    {"id": "two words", "title": "An odd id", "authors": _by("J.-P. Muller")},
]


class Opened:
    """A namer, and what names the rows it gives."""

    def __init__(self, namer: Namer, article_ids: list[str]) -> None:
        self.namer = namer
        self.article_ids = article_ids

    def named(self, text: str) -> Named:
        return self.namer.named(text, self.namer.respelled(text), DEPTH)

    def ids(self, text: str, mark: int) -> set[str]:
        named = self.named(text)
        return {
            self.article_ids[row]
            for row, marks in zip(named.rows, named.marks_of(named.rows), strict=True)
            if marks & mark
        }

    def with_phrases(self, text: str) -> set[str] | None:
        rows = self.named(text).phrase_rows
        return None if rows is None else {self.article_ids[row] for row in rows}


@pytest.fixture(scope="module")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a namer of the articles above."""
    directory = build_library(tmp_path_factory.mktemp("naming"), ARTICLES)
    with closing(open_snapshot(directory)) as snapshot:
        rows = range(snapshot.manifest.n_articles)
        yield Opened(Namer(snapshot), snapshot.store.article_ids(rows))


def test_every_reason_is_a_bit_of_its_own_and_has_a_name() -> None:
    assert sorted(MARK_NAMES) == [1 << place for place in range(len(MARK_NAMES))]
    assert MARK_NAMES[AUTHOR] == "author"
    assert MATCH < PHRASE < min(IDENTIFIER, TITLE, AUTHOR)


def test_a_question_about_a_subject_names_nothing(lib: Opened) -> None:
    for text in ("parsing of sentences", "wheat", "", "  ", "?!", '"', "a 7", "x" * 5_000):
        named = lib.named(text)

        assert (named.found, named.phrase_rows, named.rows.tolist()) == ((), None, [])
        assert named.marks_of(np.arange(3)).tolist() == [0, 0, 0]


# Phrases


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('"price of wheat"', {"hamlet"}),
        ("how high is the “Price of” today", {"hamlet", "market"}),
        ('«not to be» "price of"', {"hamlet"}),
        ('"price of" "sentences"', set()),
        ('"prices of"', {"market"}),
        ('"to be or"', {"hamlet"}),
        ('"nowhere found"', set()),
        ('"" price', None),
        ('" ?! " price', None),
        ("the price of wheat", None),
    ],
)
def test_what_is_quoted_must_occur_word_for_word_and_all_of_it(
    lib: Opened, text: str, ids: set[str] | None
) -> None:
    assert lib.with_phrases(text) == ids
    assert lib.ids(text, PHRASE) == (ids or set())


def test_quotes_in_a_text_too_long_to_be_typed_ask_for_nothing(lib: Opened) -> None:
    text = '"price of wheat"' + " wheat" * (MOST_TYPED - 3)

    assert lib.with_phrases(text) == {"hamlet"}
    assert lib.with_phrases(text + " wheat") is None


@pytest.mark.parametrize(
    ("text", "mark", "ids"),
    [
        ('"Yoav Goldberg"', AUTHOR, {"parsing", "embeddings"}),
        ('"10.18653/v1/P10-1001"', IDENTIFIER, {"parsing"}),
        ("“To be or not to be”", TITLE, {"hamlet"}),
    ],
)
def test_a_name_in_quotes_is_the_name_and_the_phrase(
    lib: Opened, text: str, mark: int, ids: set[str]
) -> None:
    assert lib.ids(text, mark) == ids
    assert lib.with_phrases(text) == ids


def test_of_many_phrases_the_depth_cuts_none_off(lib: Opened) -> None:
    one, two = (lib.namer.named(text, None, 1) for text in ('"price of"', '"price of" "prices"'))

    assert len(one.rows) == 1
    assert [lib.article_ids[row] for row in two.rows] == ["market"]


# Identifiers


@pytest.mark.parametrize(
    "text",
    [
        "10.18653/v1/p10-1001",
        "10.18653/V1/P10-1001",
        " 10.18653/v1/p10-1001. ",
        "10.18653/v1/p10-1001,",
        "(10.18653/v1/p10-1001)",
        "doi:10.18653/v1/p10-1001",
        "DOI: 10.18653/v1/P10-1001",
        "DOI 10.18653/v1/P10-1001.",
        "https://doi.org/10.18653/v1/P10-1001",
        "<https://doi.org/10.18653/v1/P10-1001>",
        "“http://dx.doi.org/10.18653/v1/P10-1001”.",
        "doi.org/10.18653/v1/p10-1001",
        "parsing",
        " 'parsing'",
    ],
)
def test_an_identifier_is_found_as_it_is_pasted(lib: Opened, text: str) -> None:
    assert lib.ids(text, IDENTIFIER) == {"parsing"}


@pytest.mark.parametrize(
    ("text", "article_id"),
    [
        ("P18-1001", "acl:P18-1001"),
        ("p18-1001", "acl:P18-1001"),
        ("acl:P18-1001", "acl:P18-1001"),
        ("https://aclanthology.org/P18-1001/", "acl:P18-1001"),
        ("https://aclanthology.org/P18-1001v2.pdf", "acl:P18-1001"),
        ("https://www.aclweb.org/anthology/P18-1001.pdf", "acl:P18-1001"),
        ("2021.EMNLP-main.5", "acl:2021.emnlp-main.5"),
        ("aclanthology.org/2021.emnlp-main.5.bib", "acl:2021.emnlp-main.5"),
        ("2101.00001", "arxiv:2101.00001"),
        ("arXiv:2101.00001v3 [cs.CL]", "arxiv:2101.00001"),
        ("arXiv 2101.00001", "arxiv:2101.00001"),
        ("https://arxiv.org/pdf/2101.00001v2.pdf", "arxiv:2101.00001"),
        ("https://doi.org/10.48550/arXiv.2101.00001", "arxiv:2101.00001"),
        ("PMID 1234567", "pmid:1234567"),
        ("pmid: 1234567", "pmid:1234567"),
        ("https://pubmed.ncbi.nlm.nih.gov/1234567/", "pmid:1234567"),
        ("two words", "two words"),
    ],
)
def test_ids_of_all_schemes_are_found(lib: Opened, text: str, article_id: str) -> None:
    assert lib.ids(text, IDENTIFIER) == {article_id}


@pytest.mark.parametrize(
    "text", ["see 10.18653/v1/p10-1001", "two  words", "parsing words", "P99-1001", "doi: parsing"]
)
def test_an_identifier_among_other_words_is_a_word(lib: Opened, text: str) -> None:
    assert lib.ids(text, IDENTIFIER) == set()


# Titles


@pytest.mark.parametrize(
    "text",
    [
        "To be or not to be",
        " to be, or NOT to be?",
        "“To be or not to be.”",
        "«to» be or not to be",
    ],
)
def test_a_whole_title_is_found_whatever_its_words(lib: Opened, text: str) -> None:
    assert lib.ids(text, TITLE) == {"hamlet"}


def test_all_bearers_of_a_title_are_found(lib: Opened) -> None:
    both = {"acl:P18-1001", "acl:2021.emnlp-main.5"}

    assert lib.ids("recognition of emotions", TITLE) == both
    # a word that no article has is taken for the one it is nearest to
    assert lib.ids("Recogniton of emotions", TITLE) == both


@pytest.mark.parametrize(
    "text", ["To be or not", "Dependency of embeddings", "Recogniton of the emotions", "An odd"]
)
def test_nearly_a_title_is_none(lib: Opened, text: str) -> None:
    assert lib.ids(text, TITLE) == set()


# Authors


@pytest.mark.parametrize(
    "text",
    [
        "Yoav Goldberg",
        "goldberg, yoav",
        "Y. Goldberg",
        "Goldberg Y",
        "Goldberg",
        "Yoav Goldbrg",
        "goldbreg",
    ],
)
def test_the_articles_of_an_author_are_found_by_the_name(lib: Opened, text: str) -> None:
    assert lib.ids(text, AUTHOR) == {"parsing", "embeddings"}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Muller", {"market", "two words"}),
        ("MÜLLER J", {"market", "two words"}),
        ("William Price", {"hamlet"}),
        ("Price, William", {"hamlet"}),
        ("Levy, O.", {"embeddings"}),
    ],
)
def test_accents_and_the_order_of_names_do_not_matter(
    lib: Opened, text: str, ids: set[str]
) -> None:
    assert lib.ids(text, AUTHOR) == ids


@pytest.mark.parametrize("text", ["price", "Levy", "Goldberg and Levy", "Yoav", "the price"])
def test_a_word_that_more_texts_have_than_authors_is_no_name(lib: Opened, text: str) -> None:
    assert lib.ids(text, AUTHOR) == set()


# Typing errors


@pytest.mark.parametrize(
    ("text", "respelled"),
    [
        ("recogniton of emotions", "recognition of emotions"),
        ("Recogniton  of emotoins by the words?", "Recognition  of emotions by the words?"),
        ("recogniton of emotoins", None),
        ("brain netwroks", "brain networks"),
        ('directoin "recogniton"', 'direction "recogniton"'),
        ("embedings of words", None),
        ("wheat-recogniton", "wheat-recognition"),
        ("sentences", None),
        ("RECOGNITON of emotions", None),
        ("RecogNiton of emotions", None),
        ("recogniton2 of emotions", None),
        ("example.org/recogniton of emotions", None),
        ("goldberg elhadad", None),
        ("soul of wheat", None),
        ("zur recogniton von gefühlen", None),
        ("", None),
    ],
)
def test_words_that_no_article_has_are_respelled(
    lib: Opened, text: str, respelled: str | None
) -> None:
    assert lib.namer.respelled(text) == respelled


def test_a_text_too_long_to_be_typed_is_not_respelled(lib: Opened) -> None:
    text = "wheat " * (MOST_TYPED - 1) + "recogniton"

    assert lib.namer.respelled(text) is not None
    assert lib.namer.respelled("wheat " + text) is None


# Laws

_words = st.sampled_from(["wheat", "price", "of", "recogniton", "zzzzz", "brain", "10.1/x", "?"])


@settings(max_examples=80, deadline=None)
@given(words=st.lists(_words, max_size=9))
def test_words_of_no_name_name_nobody(lib: Opened, words: list[str]) -> None:
    text = " ".join(words)

    assert lib.ids(text, AUTHOR | IDENTIFIER) == set()
    assert lib.ids(f'"{text}"', AUTHOR | IDENTIFIER) == set()


@settings(max_examples=80, deadline=None)
@given(
    text=st.sampled_from([str(article["title"]) for article in ARTICLES]),
    change=st.sampled_from([str.upper, str.lower, str.title, "“{}”".format, "  {}. ".format]),
)
def test_every_title_is_found_in_any_case(
    lib: Opened, text: str, change: Callable[[str], str]
) -> None:
    assert lib.ids(change(text), TITLE) == lib.ids(text, TITLE) != set()


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=40) | st.text(alphabet='"“”,. aYG', max_size=20))
def test_any_text_can_be_asked(lib: Opened, text: str) -> None:
    named = lib.named(text)
    rows = named.rows

    assert (np.diff(rows) > 0).all()
    assert (named.marks_of(rows) > 0).all()
    lib.namer.respelled(text)
