"""A quotation looked for in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.verification.passages import MOST_WORDS, SearchedText, words_of

TEXT = (
    "We find that the model does not improve accuracy by 4.2 % (p < 0.05) on “hard” test sets."
    " However, it re-\nduces ﬁnal error—greatly. The interval was -1.5 to 2 for US data."
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("the model does not improve accuracy by 4.2 %", None),
        (
            "The model does not improve accuracy by 4.2%",
            "the model does not improve accuracy by 4.2 %",
        ),
        ("on 'hard' test sets. However, it", "on “hard” test sets. However, it"),
        ("final error - greatly.", "ﬁnal error—greatly"),
        ("the  model\ndoes not improve", "the model does not improve"),
        ("“We find that the model”", "We find that the model"),
        ("[T]he model does not improve", "the model does not improve"),
        ("the model [sic] does not improve", "the model does not improve"),
        ("We find … on “hard” test sets", TEXT[: TEXT.index(" However") - 1]),
        ("We find [...] test sets", TEXT[: TEXT.index(" However") - 1]),
        ("We find ... test sets", TEXT[: TEXT.index(" However") - 1]),
    ],
)
def test_a_quotation_is_found_word_for_word(quote: str, found: str | None) -> None:
    passage = SearchedText(TEXT).find(quote)

    assert passage is not None
    assert passage.changes == ()
    assert TEXT[passage.start : passage.end] == (found or quote)


@pytest.mark.parametrize(
    ("quote", "changes"),
    [
        ("the model does improve accuracy by 4.2 %", [("", "not")]),
        ("the model does not improve accuracy by 4.3 %", [("4.3", "4.2")]),
        ("the model does not improve the accuracy by 4.2 %", [("the", "")]),
        ("the Model does not improve accuracy", [("Model", "model")]),
        ("The interval was 1.5 to 2", [("", "-")]),
        ("The interval was -1.5 to 2 for us data", [("us", "US")]),
        ("the model does not worsen accuracy … final error", [("worsen", "improve")]),
    ],
)
def test_what_was_altered_is_told(quote: str, changes: list[tuple[str, str]]) -> None:
    passage = SearchedText(TEXT).find(quote)

    assert passage is not None
    assert [tuple(change) for change in passage.changes] == changes


@pytest.mark.parametrize(
    "quote",
    [
        "something else entirely is written in these words",
        "accuracy model find hard error was",
        "final error … We find that the model",
        "…",
        "",
        " ".join(["zebra"] * (MOST_WORDS + 1)),
    ],
)
def test_what_is_not_there_is_not_found(quote: str) -> None:
    assert SearchedText(TEXT).find(quote) is None
    assert SearchedText("").find(quote) is None


_words = st.lists(
    st.sampled_from(["ant", "bee", "cow", "dog", "eel", "fox", "not", "12", "3.5"]),
    min_size=5,
    max_size=30,
)


@given(_words, st.data())
def test_every_stretch_of_a_text_is_found_and_every_changed_word_is_noticed(
    words: list[str], data: st.DataObject
) -> None:
    text = " ".join(words)
    start = data.draw(st.integers(0, len(words) - 5))
    end = data.draw(st.integers(start + 5, len(words)))
    searched = SearchedText(text)

    passage = searched.find(" ".join(words[start:end]))
    assert passage is not None
    assert passage.changes == ()
    assert words_of(text[passage.start : passage.end])[0].text == words[start]

    place = data.draw(st.integers(start, end - 1))
    altered = [*words[start:place], "yak", *words[place + 1 : end]]
    passage = searched.find(" ".join(altered))
    assert passage is None or passage.changes


@given(st.text(max_size=80), st.text(max_size=30))
def test_places_lie_in_the_text(text: str, quote: str) -> None:
    passage = SearchedText(text).find(quote)
    if passage is not None:
        assert 0 <= passage.start < passage.end <= len(text)
