"""A draft is read into sentences that know their place, whatever its format and its faults."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.drafts.draft import Draft, DraftFormat, Sentence, read_draft, recognise
from tests.service.drafts.test_patch import BROKEN, LATEX_PIECES, PLAIN_PIECES, drafts_of

DRAFTS = Path(__file__).parents[2] / "data" / "drafts"


@pytest.fixture(scope="module")
def long_draft() -> Draft:
    return read_draft((DRAFTS / "turns.tex").read_text())


def texts(draft: Draft) -> list[str]:
    return [sentence.text for sentence in draft.sentences]


def one(draft: Draft, beginning: str) -> Sentence:
    (found,) = (one for one in draft.sentences if one.text.startswith(beginning))
    return found


def read(text: str, form: DraftFormat = "latex") -> list[tuple[str, tuple[str, ...]]]:
    return [(sentence.text, sentence.cites) for sentence in read_draft(text, form).sentences]


@given(
    text=drafts_of(LATEX_PIECES) | drafts_of(PLAIN_PIECES) | BROKEN | st.text(max_size=50),
    form=st.sampled_from((None, "latex", "markdown", "text")),
)
def test_any_text_is_read_and_its_sentences_lie_in_it(text: str, form: DraftFormat | None) -> None:
    draft = read_draft(text, form)

    starts = [sentence.start for sentence in draft.sentences]
    assert starts == sorted(starts)
    for sentence in draft.sentences:
        assert 0 <= sentence.start < sentence.end <= len(text)
        assert sentence.start < sentence.insert_at <= len(text)
        assert sentence.text == " ".join(sentence.text.split())
        assert set(sentence.cites) <= set(draft.cites)
        sentence.text.encode()


def test_a_latex_draft_is_read_as_its_readers_read_it(long_draft: Draft) -> None:
    assert long_draft.format == "latex"
    assert long_draft.title == (
        "Listening between the Turns: Multimodal Emotion Recognition in Kitchen Conversations"
    )
    assert long_draft.abstract is not None
    assert long_draft.abstract.endswith(
        "and half of the gain comes from pauses and overlaps alone."
    )
    assert one(long_draft, "Tensor fusion").section == "Fusion"
    sentence = one(long_draft, "Models trained on acted speech")
    assert long_draft.text[sentence.start : sentence.end] == (
        "Models trained on acted speech\nlose up to a third of their accuracy on spontaneous"
        " conversation."
    )
    assert long_draft.text[sentence.insert_at] == "."


def test_commands_citations_and_formulas_leave_prose_that_can_be_searched(
    long_draft: Draft,
) -> None:
    cited = one(long_draft, "Annotators disagree more")
    assert cited.text.endswith("and disagreement carries information of its own.")
    assert cited.cites == ("eastman2019disagree",)
    assert one(long_draft, "Figure shows the architecture of TurnFuse.").kind == "structure"
    assert "uₙ be the turns" in one(long_draft, "Let u").text
    assert one(long_draft, "Amusement").text.startswith(
        "Amusement is by far the most frequent emotion (31 %"
    )


def test_what_is_no_prose_gives_no_sentence(long_draft: Draft) -> None:
    everything = " ".join(texts(long_draft))
    for unwanted in (
        "notacitation",
        "train.py",
        "31,204",
        "sessions &",
        "plainnat",
        "rules",
        "\\",
        "β_",
    ):
        assert unwanted not in everything


def test_what_tables_and_nocite_cite_counts_as_cited(long_draft: Draft) -> None:
    assert "wexler2008handbook" in long_draft.cites
    assert (
        "redfern2014scheme"
        in read_draft(
            "A.\\begin{tabular}{l} \\cite{redfern2014scheme} \\\\ % \\cite{no}\n \\end{tabular}"
        ).cites
    )
    assert "notacitation" not in long_draft.cites


def test_captions_abstracts_and_thanks_need_no_citation_and_footnotes_and_items_may(
    long_draft: Draft,
) -> None:
    assert one(long_draft, "Overlaps are counted once").kind == "caption"
    assert one(long_draft, "Our model improves on strong").kind == "abstract"
    assert one(long_draft, "The work was funded").kind == "acknowledgement"
    assert one(long_draft, "Handclaps are").needs_citation
    assert one(long_draft, "a model that reads turns").needs_citation


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("\\cite{a}", "a"),
        ("\\cite[p.~3]{a, b}", "a b"),
        ("\\citep[see][{p. [3]}]{a}", "a"),
        ("\\Citet*{a}", "a"),
        ("\\parencite{a,% not b\n c}", "a c"),
        ("\\autocites(see)(end)[1]{a}[2]{b}{c}", "a b c"),
        ("\\textcite{a}", "a"),
        ("\\footcite[12]{a}", "a"),
        ("\\citeauthor*{a}", "a"),
        ("\\citealp {a}", "a"),
        ("\\shortcite{a:b-c_d}", "a:b-c_d"),
        ("\\nocite{*}", ""),
        ("\\citetext{see the list}", ""),
        ("\\cite{a", ""),
    ],
)
def test_commands_that_cite_are_known(command: str, keys: str) -> None:
    assert read_draft(f"Dogs bark {command} at night.", "latex").cites == tuple(keys.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("As Ray et al. Found, dogs bark. See Fig. 3 and Eq. (4), e.g. in Sec. 2. No. 5 barks.", 3),
        ("They bark (see p. 3). (So do cats.) Birds sing.", 3),
        ("We see $x.$ Then $y. z$ is one. It is \\cite{a}. Next $z$.", 4),
        ("It was shown before.\\cite{a} Next one here. \\cite{b} Last one.", 3),
        ("Dogs bark at \\[ x = 1. \\] Cats do not.", 2),
        ("Dogs bark at \\[ x = 1, \\] where $x$ is the night.", 1),
        ("\\item One dog barks \\item Two dogs bark", 2),
        ("Dogs bark\\footnote{Cats do not. Birds sing.} at night.", 3),
        ("Dogs bark % at night. Cats\n at night.", 1),
        ("Dogs bark\n\nCats sleep", 2),
        ("Ends.) More text. ``Ends here.'' More.", 4),
    ],
)
def test_sentences_end_at_their_full_stops_only(text: str, expected: int) -> None:
    assert len(read_draft(text, "latex").sentences) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\\newcommand{\\sys}{\\textsc{Bark}\\xspace}We use \\sys here.", "We use Bark here."),
        (
            "Na\\\"{\\i}ve caf\\'es, 50\\% of \\LaTeX{} -- ``all''.",
            "Naïve cafés, 50% of LaTeX – “all”.",
        ),
        (
            "\\textcolor{red}{Dogs} \\href{http://a.b}{bark} \\unknown{at night}.",
            "Dogs bark at night.",
        ),
        ("\\vspace{1cm}Dogs bark \\todo{check this} at night.", "Dogs bark at night."),
        ("\\iffalse Cats sleep. \\fi Dogs bark at night.", "Dogs bark at night."),
        ("Dogs {\\em bark (see \\cite{a}) at night.", "Dogs bark at night."),
        ("Dogs bark} at $ night.", "Dogs bark at $ night."),
        ("Dogs \\verb|bark| at night \\url{http://x.y/a_b}.", "Dogs bark at night."),
        (
            "\\documentclass{a} Preamble.\\begin{document}Dogs bark.\\end{document} After.",
            "Dogs bark.",
        ),
        ("\\def\\a#1{Text. Here}\\newenvironment{x}{One.}{Two.}Dogs bark.", "Dogs bark."),
        ("\\section{On \\cite{a}}Dogs bark.", "Dogs bark."),
        (
            "Dogs bark, and \\begin{verbatim} a. $ { \\end{verbatim} cats sleep.",
            "Dogs bark, and|cats sleep.",
        ),
    ],
)  # fmt: skip
def test_latex_is_read_as_it_is_set(text: str, expected: str) -> None:
    assert "|".join(texts(read_draft(text, "latex"))) == expected


def test_files_that_are_not_there_are_named() -> None:
    draft = read_draft("Dogs bark. \\input{chapters/cats} \\include{birds}")

    assert draft.notes == (
        "\\input{chapters/cats} was not followed: it is another file",
        "\\include{birds} was not followed: it is another file",
    )


def test_bibitems_are_the_references_of_a_draft() -> None:
    draft = read_draft(
        "Dogs bark~\\cite{ray}.\n\\begin{thebibliography}{9}\n"
        "\\bibitem[Ray(2001)]{ray} A.~Ray.\n\\newblock {D}ogs at night.\n\\bibitem{poe} E. Poe.\n"
        "\\end{thebibliography}"
    )

    assert [(one.key, one.text) for one in draft.references] == [
        ("ray", "A. Ray.\nDogs at night."),
        ("poe", "E. Poe."),
    ]
    assert texts(draft) == ["Dogs bark."]


def test_a_markdown_draft_is_read() -> None:
    draft = read_draft((DRAFTS / "garden.md").read_text())

    assert (draft.format, draft.title) == ("markdown", "Gardens and the mood of cities")
    assert draft.cites == ("hart2015green", "ito2018parks", "moss2020soil", "novak2012plots")
    assert (
        "Contact with soil bacteria changes the immune system of children who grow up in cities."
        in texts(draft)
    )
    assert one(draft, "People who live near a park report less stress.").section == "Introduction"
    assert one(draft, "Response rates of postal surveys").needs_citation
    assert not [
        text for text in texts(draft) if "notcited" in text or "|" in text or "title" in text
    ]


def test_a_text_with_numbered_references_is_read() -> None:
    draft = read_draft((DRAFTS / "sleep.txt").read_text())

    assert (draft.format, draft.title) == ("text", "Sleep and the memory of feelings")
    assert [sentence.cites for sentence in draft.sentences if sentence.cites] == [
        ("1", "3", "4"), ("2",), ("Smith et al., 2009", "Lee and Kim, 2011"), ("1", "2", "3"),
    ]  # fmt: skip
    assert [reference.key for reference in draft.references] == ["1", "2", "3", "4", "5"]
    assert draft.references[1].text.endswith("Journal of Nights. doi:10.5555/jon.2007.2")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Dogs bark \\cite{a}.", "latex"),
        ("\\section*{Dogs}", "latex"),
        ("# Dogs\n\nThey bark.", "markdown"),
        ("They bark [@ray2001].", "markdown"),
        ("They bark [1]. Mail me@x.org about C:\\dogs.", "text"),
        ("", "text"),
    ],
)
def test_the_format_is_recognised(text: str, form: DraftFormat) -> None:
    assert recognise(text) == form


def test_an_abstract_alone_is_a_draft() -> None:
    draft = read_draft("Abstract\n\nDogs bark at night because they hear foxes.\n")

    assert [sentence.kind for sentence in draft.sentences] == ["claim"]


@pytest.mark.parametrize(
    "unit",
    ["{", "\\emph{", "$a ", "\\footnote{a. ", "[@a ", "(Ray, 2020; ", "\\begin{x}", "* a "],
)  # fmt: skip
def test_no_repetition_makes_reading_slower_than_linear(unit: str) -> None:
    draft = read_draft(unit * 20_000)

    assert len(draft.text) == 20_000 * len(unit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dogs bark at $$ x = 1. $$ Cats do not.", "Dogs bark at.|Cats do not."),
        ("Dogs bark at $$ x = 1 night.", "Dogs bark at x = 1 night."),
        ("Dogs bark at \\( x \\) o'clock, \\( not.", "Dogs bark at x o'clock, not."),
        ("\\captionof{figure}{A dog barks.}", "A dog barks."),
        ("\\begin{minipage}[t]{5cm}Dogs bark.\\end{minipage}", "Dogs bark."),
        ("\\begin{unknown}[x]Dogs bark.", "Dogs bark."),
        ("\\lstinline{dog} and \\mintinline{python}{cat} bark.", "dog and cat bark."),
        ("\\paragraph{On dogs.} They bark \\par at night.", "They bark|at night."),
        ("\\multicolumn{2}{c}{Dogs} bark \\citet{a} \\begin at night.", "Dogs bark at night."),
        ("Dogs bark \\begin{equation*} x = 1 \\end{equation*} at night.", "Dogs bark at night."),
    ],
)
def test_rarer_latex_is_read_too(text: str, expected: str) -> None:
    assert "|".join(texts(read_draft(text, "latex"))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dogs bark.\n<!-- Cats\nsleep. -->\nBirds sing.", "Dogs bark.|Birds sing."),
        ("<!-- Cats sleep. -->\nBirds sing.", "Birds sing."),
        ("On dogs\n=======\n\nDogs bark.", "Dogs bark."),
        ("Dogs bark at\n$$\nx = 1.\n$$\nCats sleep.", "Dogs bark at.|Cats sleep."),
        ("Dogs bark.\n\n    code = 1. No prose.\n\nCats sleep.", "Dogs bark.|Cats sleep."),
        ("- Dogs bark.\n\n    They do it at night.", "Dogs bark.|They do it at night."),
        ("~~~\nDogs bark.\n~~~\nCats sleep.", "Cats sleep."),
        ("![A dog.](dog.png) Dogs \\*bark\\* <b>loudly</b>.", "Dogs *bark* loudly."),
        ("---\ntitle: A\n---\nDogs bark.", "Dogs bark."),
        ("Dogs bark^[Cats do not.] at night.", "Dogs bark at night."),
        ("Table 1: How dogs bark at night.", "Table 1: How dogs bark at night."),
    ],
)
def test_rarer_markdown_is_read_too(text: str, expected: str) -> None:
    assert "|".join(texts(read_draft(text, "markdown"))) == expected


def test_captions_and_tables_of_a_plain_text_are_known() -> None:
    draft = read_draft(
        "Dogs and cats\n\nFigure 1. How dogs bark.\n\na | b | c | d\n\nThey bark.", "text"
    )

    assert draft.title == "Dogs and cats"
    assert [(one.text, one.kind) for one in draft.sentences] == [
        ("Figure 1.", "caption"),
        ("How dogs bark.", "caption"),
        ("They bark.", "fragment"),
    ]
