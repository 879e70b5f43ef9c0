"""Sentences lie where they are said to lie, whatever the text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.sentences import LONGEST_SENTENCE, split_sentences, trim

# what splitters stumble over: stops, quotes, lists, abbreviations, wide spaces, wide letters
PIECES = (*"aB .!?\n\"'“”()[]1;:-–•*", "e\u0301", "İ", "👩\u200d👩", "\x85", "\x1c", "\u3000", "。",
          "…", "Dr.", "et al.", "ii.", "a)", "«", "؟", "\ufeff", " 1. ", "ß")  # fmt: skip
awkward = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
languages = st.sampled_from([None, "en", "de", "zh", "ja", "ar", "hi", "my", "el", "tlh", ""])


def sentences(text: str, language: str | None = None) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["We asked Dr. Ek (see Fig. 2).", "It rose by 3.5 mg.", "Why?"]),
        ("de", ["Bienen tanzen, z. B. am Abend.", "Sie fliegen weit."]),
        ("zh", ["蜜蜂记得花。", "它们跳舞！"]),
        (None, ["One here.", "Another there."]),
        ("tlh", ["One here.", "Another there."]),
    ],
)
def test_sentences_end_where_their_language_ends_them(
    language: str | None, expected: list[str]
) -> None:
    between = "" if language == "zh" else " "
    assert sentences(between.join(expected), language) == expected


@given(text=awkward | st.text(), language=languages)
@example(text="B\u3000.»)0;2", language="en")
@example(text="A\x85.:ii.", language="en")
def test_sentences_are_disjoint_in_order_trimmed_and_leave_out_white_space_only(
    text: str, language: str | None
) -> None:
    end_before = 0
    for start, end in split_sentences(text, language):
        assert not text[end_before:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        end_before = end
    assert not text[end_before:].strip()


@given(words=st.lists(st.sampled_from(["soil", "蜜" * 700, "x" * LONGEST_SENTENCE]), min_size=1))
def test_a_text_without_full_stops_is_cut_at_spaces_where_it_has_any(words: list[str]) -> None:
    cut = sentences(" ".join(words))

    assert max(map(len, cut)) <= LONGEST_SENTENCE
    assert "".join(cut).replace(" ", "") == "".join(words)
    if all(len(word) <= LONGEST_SENTENCE for word in words):
        assert " ".join(cut).split() == words


@given(before=st.text(" \n\u3000"), text=st.text(" ab"), after=st.text(" \n\x1c"))
def test_trimming_gives_the_place_of_what_strip_gives(before: str, text: str, after: str) -> None:
    whole = f"«{before}{text}{after}»"
    start, end = trim(whole, 1, len(whole) - 1)

    assert whole[start:end] == whole[1:-1].strip()
    assert 1 <= start <= end <= len(whole) - 1
