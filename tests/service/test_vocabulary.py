"""The vocabulary knows of each word what the lexical index and the encoder say of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.lexical import LexicalIndex, write_lexical
from service.vocabulary import Vocabulary, word_pattern
from tests.building import all_new
from tests.encoders import HashEncoder

LETTERS = "abz09_-.,'’ éÉßşłαΣжЖ中文字がカ한글ابكनम²½ǅﬁİ"
WORDS = ["wheat", "Wheat", "soil", "soils", "the", "not", "emotion", "emotional", "x" * 70]


@pytest.fixture(scope="module")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LexicalIndex]:
    """Index one article."""
    folder = tmp_path_factory.mktemp("vocabulary")
    articles = [Article(article_id="1", title="Wheat and soil")]
    with all_new(articles) as changes:
        write_lexical(folder / "lexical", changes)
    index = LexicalIndex(folder / "lexical")
    yield index
    index.close()


@given(words=st.lists(st.sampled_from(WORDS)), n_kept=st.integers(1, 9))
def test_words_of_one_stem_have_one_key_and_stop_words_none(
    lexical: LexicalIndex, words: list[str], n_kept: int
) -> None:
    vocabulary = Vocabulary(lexical, HashEncoder(), n_kept=n_kept)
    # asked again, so that words are forgotten and looked up anew
    for asked in (words, WORDS, words[::-1], words):
        keys, vectors, places = vocabulary.look_up(asked)

        assert len(places) == len(asked)
        assert len(keys) == len(vectors) == len(set(asked))
        stems = [tuple(lexical.words(word)) for word in asked]
        found = [int(key) for key in keys[places]]
        assert [key == 0 for key in found] == [stem == () for stem in stems]
        assert len(set(found)) == len(set(stems))
        expected = HashEncoder().word_vectors(asked)
        assert vectors[places].tobytes() == expected.tobytes()


def test_many_threads_that_forget_for_each_other_find_what_one_finds(lexical: LexicalIndex) -> None:
    vocabulary = Vocabulary(lexical, HashEncoder(), n_kept=50)
    texts = [[f"word{number % 97}" for number in range(start, start + 20)] for start in range(300)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(vocabulary.look_up, texts))

    for words, (keys, vectors, places) in zip(texts, found, strict=True):
        alone = Vocabulary(lexical, HashEncoder()).look_up(words)
        np.testing.assert_array_equal(keys[places], alone.keys[alone.places])
        np.testing.assert_array_equal(vectors[places], alone.vectors[alone.places])


@given(text=st.text(LETTERS))
def test_words_are_what_the_lexical_index_takes_for_words(lexical: LexicalIndex, text: str) -> None:
    words = word_pattern(text).findall(text)

    assert [term for word in words for term in lexical.words(word)] == lexical.words(text)


@given(text=st.text(st.characters(max_codepoint=127)))
def test_words_of_plain_text_are_the_same_beside_another_letter(text: str) -> None:
    assert word_pattern(text).findall(text) == word_pattern("é").findall(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x̄ is a mean", ["x̄", "is", "a", "mean"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("snake_case, state-of-the-art", ["snake", "case", "state", "of", "the", "art"]),
        ("👩‍🔬 & ❤️", []),
    ],
)
def test_a_mark_belongs_to_its_letter(text: str, words: list[str]) -> None:
    assert word_pattern(text).findall(text) == words
