"""A patch inserts citations, and what it inserted can be taken out again to the last byte."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latexwalker import LatexNode, LatexWalker

from index.errors import QueryError
from service.drafts.draft import DraftFormat, read_draft
from service.drafts.patch import Insertion, Patch, patch_draft, remove_insertions

DRAFTS = Path(__file__).parents[2] / "data" / "drafts"
KEYS = ("new2020a", "other:2021", "third-2022")
LATEX_PIECES = (
    "Dogs bark at night. ", "Cats sleep \\emph{most of the day}. ", "See \\citep[p.~3]{a,b}. ",
    "It is $x^2$. ", "\n\n", "\r\n", "\\section{On dogs}\n", "% a comment. Here\n",
    "50\\% of \\textbf{all}. ", "\\begin{equation} y = 1. \\end{equation}\n",
    "\\footnote{A note here. Two notes.}", "{\\em So it is.} ",
    "\\begin{itemize}\\item One dog barks. \\item Two dogs bark\\end{itemize}\n",
    "\\verb|a. b}| is code. ", "\\begin{verbatim}\nNo. Prose.\n\\end{verbatim}\n",
    "\\newcommand{\\x}{A b. C}", "Na\\\"ive caf\u00e9s \u2013 \u732b. ",
    "\\caption{A picture of dogs. }", "Shown before.\\cite{c} Then ",
    "\\unknown{first part}{second part}. ", "\\input{other}\n", "\t", "``Quoted words.'' ",
    "(In brackets.) ", "as in \\begin{align*} a \\end{align*} where ",
)  # fmt: skip
PLAIN_PIECES = (
    "Dogs bark at night. ", "Cats sleep [3, 5-7]. ", "\n\n", "\r\n", "## On dogs\n\n",
    "**Bold words here**. ", "Smith et al. (2020) said so. ", "See [@a; @b, p. 3]. ",
    "- one item here\n", "1. another item\n", "> quoted words\n", "```\ncode. here\n```\n",
    "`code. a` is code. ", "[a link](http://x.y). ", "$x. y$ is one. ", "Caf\u00e9s \u732b. ",
    "\t", "\n## References\n\n[1] A. Byrne. A title of a thing. 2005.\n", "| a | b |\n",
    "It was shown.[4] Then ",
)  # fmt: skip
BROKEN = st.text(alphabet="a. \\{}$%&~\n\r[]@()`*_#-é\ufeff\u2028", max_size=60)


def drafts_of(pieces: Sequence[str]) -> st.SearchStrategy[str]:
    begun = st.tuples(
        st.sampled_from(("", "\ufeff")), st.lists(st.sampled_from(pieces), max_size=14)
    )
    return begun.map(lambda drawn: drawn[0] + "".join(drawn[1]))


def patched(text: str, form: DraftFormat | None = None) -> Patch:
    """Insert citations into every sentence of a text."""
    draft = read_draft(text, form)
    citations = {number: KEYS[: 1 + number % 3] for number in range(len(draft.sentences))}
    references = {key: f"A. Author. The work {key}. 2020." for key in KEYS}
    return patch_draft(draft, citations, references=references, name="draft.tex")


@given(
    text=drafts_of(LATEX_PIECES) | drafts_of(PLAIN_PIECES) | BROKEN,
    form=st.sampled_from(("latex", "markdown", "text")),
)
def test_taking_the_inserted_citations_out_gives_the_draft_back_byte_for_byte(
    text: str, form: DraftFormat
) -> None:
    patch = patched(text, form)

    assert remove_insertions(patch.text, patch.insertions).encode() == text.encode()
    assert len(patch.text) == len(text) + sum(len(one.text) for one in patch.insertions)


@pytest.mark.parametrize("name", ["turns.tex", "garden.md", "sleep.txt"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_real_draft_comes_back_byte_for_byte(name: str, line_end: str) -> None:
    text = (DRAFTS / name).read_text().replace("\n", line_end).removesuffix(line_end)

    patch = patched(text)

    assert len(patch.insertions) > 5
    assert remove_insertions(patch.text, patch.insertions) == text


def skeleton(text: str) -> list[str]:
    """Give the nodes of a LaTeX text but the inserted citations, prose as one text a node."""
    nodes, _, _ = LatexWalker(text, tolerant_parsing=True).get_latex_nodes()
    found: list[str] = []
    _walk(nodes, found)
    joined = "\n".join(found)
    return re.sub(r"\n?CHARS:(?=\n|$)", "", re.sub(r"\nCHARS:", "", joined)).split("\n")


def _walk(nodes: Sequence[LatexNode | None], found: list[str]) -> None:
    for node in nodes:
        if node is None:
            continue
        kind = type(node).__name__
        if kind == "LatexCharsNode":
            found.append("CHARS:" + node.chars.replace("\n", "↵"))
            continue
        if kind == "LatexMacroNode" and _is_inserted(node):
            if found and found[-1] == "~":
                found.pop()
            continue
        name = getattr(node, "macroname", None) or getattr(node, "environmentname", None)
        found.append(
            f"{kind} {name}"
            if kind != "LatexSpecialsNode"
            else node.specials_chars.replace("\n", "↵")
        )
        arguments = node.nodeargd.argnlist if getattr(node, "nodeargd", None) else []
        _walk(arguments or [], found)
        _walk(getattr(node, "nodelist", None) or [], found)


def _is_inserted(node: LatexNode) -> bool:
    written = node.latex_verbatim()
    return node.macroname.startswith("cite") and any(key in written for key in KEYS)


@given(text=drafts_of(LATEX_PIECES))
def test_patched_latex_parses_to_the_same_nodes_but_for_the_citations(text: str) -> None:
    assert skeleton(patched(text, "latex").text) == skeleton(text)


def test_the_long_draft_parses_to_the_same_nodes_but_for_the_citations() -> None:
    text = (DRAFTS / "turns.tex").read_text()

    patch = patched(text)

    assert skeleton(patch.text) == skeleton(text)
    LatexWalker(patch.text, tolerant_parsing=False).get_latex_nodes()


@pytest.mark.parametrize("tool", ["patch", "git"])
@pytest.mark.parametrize(
    "text",
    [
        "Dogs bark at night. Cats sleep all day.",
        "\\section{A}\r\nDogs bark at night.\r\n\r\nCats sleep all day.\r\n",
        "\ufeffDogs bark.\tNaïve cats sleep\x0call day.\u2028Next line here.\n" * 12,
        (DRAFTS / "turns.tex").read_text(),
    ],
)
def test_the_diff_applies(tmp_path: Path, text: str, tool: str) -> None:
    command = {
        "patch": ["patch", "-p0", "--binary", "-i", "change.diff"],
        "git": ["git", "apply", "-p0", "change.diff"],
    }[tool]
    patch = patched(text, "latex")
    (tmp_path / "draft.tex").write_bytes(text.encode())
    (tmp_path / "change.diff").write_bytes(patch.diff.encode())

    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    assert (tmp_path / "draft.tex").read_bytes() == patch.text.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dogs \\cite{a} bark.", "Dogs \\cite{a} bark~\\cite{k,l}."),
        (
            "Dogs \\citep{a} bark \\citep{b}. As \\cite{c}",
            "Dogs \\citep{a} bark \\citep{b}~\\citep{k,l}. As \\cite{c}",
        ),
        ("Dogs bark. \\citep{a} Cats", "Dogs bark. \\citep{a}~\\citep{k,l} Cats"),
        ("Dogs \\parencite[2]{a} bark.", "Dogs \\parencite[2]{a} bark~\\parencite{k,l}."),
        ("As \\citet{a} said, dogs bark.", "As \\citet{a} said, dogs bark~\\cite{k,l}."),
        ("\\usepackage{natbib} Dogs bark.", "\\usepackage{natbib} Dogs bark~\\citep{k,l}."),
        ("\\usepackage{biblatex} Dogs bark.", "\\usepackage{biblatex} Dogs bark~\\autocite{k,l}."),
        ("Dogs \\emph{bark a lot}.", "Dogs \\emph{bark a lot}~\\cite{k,l}."),
        ("\\label{a} Dogs bark. % \\citep{x}", "\\label{a} Dogs bark~\\cite{k,l}. % \\citep{x}"),
        ("\\emph{} Dogs are \\[ x = 1. \\]", "\\emph{} Dogs are~\\cite{k,l} \\[ x = 1. \\]"),
        ("\\emph{} ``Dogs bark.''", "\\emph{} ``Dogs bark~\\cite{k,l}.''"),
        ("\\emph{} Said by Ray et al.", "\\emph{} Said by Ray et al.~\\cite{k,l}"),
    ],
)  # fmt: skip
def test_latex_is_cited_in_the_way_the_draft_cites(text: str, expected: str) -> None:
    assert patch_draft(read_draft(text, "latex"), {0: ["k", "l"]}).text == expected


def test_markdown_is_cited_by_keys() -> None:
    draft = read_draft("Dogs bark, as [@a] says. Cats **sleep**.")

    assert patch_draft(draft, {0: ["k"], 1: ["k", "l"]}).text == (
        "Dogs bark, as [@a] says [@k]. Cats **sleep** [@k; @l]."
    )


def test_a_text_with_numbers_goes_on_counting_and_its_list_grows() -> None:
    draft = read_draft("Dogs bark [1]. Cats sleep.\n\nReferences\n\n1. A. Ray. Dogs. 2001.\n")

    patch = patch_draft(draft, {1: ["k", "1"], 0: ["l"]}, references={"k": "B. Poe. Cats. 2002."})

    assert patch.numbers == {"l": 2, "k": 3}
    assert patch.text == (
        "Dogs bark [1] [2]. Cats sleep [3, 1].\n\nReferences\n\n1. A. Ray. Dogs. 2001.\n"
        "3. B. Poe. Cats. 2002.\n"
    )


def test_a_list_of_bibitems_grows() -> None:
    text = (
        "Dogs bark.\n\\begin{thebibliography}{9}\n\\bibitem{a} Ray. Dogs.\n\\end{thebibliography}\n"
    )

    patch = patch_draft(read_draft(text), {0: ["k"]}, references={"k": "Poe & Ray. Cats."})

    assert "\\bibitem{a} Ray. Dogs.\n\\bibitem{k} Poe \\& Ray. Cats.\n\\end{theb" in patch.text


@pytest.mark.parametrize("key", ["a b", "a}", "a,b", "", "%", "\\x"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(QueryError, match="no citation key"):
        patch_draft(read_draft("Dogs bark at night."), {0: [key]})


def test_an_unknown_sentence_is_refused() -> None:
    with pytest.raises(QueryError, match="no sentence 7"):
        patch_draft(read_draft("Dogs bark at night."), {7: ["a"]})


def test_insertions_that_are_not_there_are_refused() -> None:
    with pytest.raises(QueryError, match="is not at 0"):
        remove_insertions("Dogs bark.", [Insertion(0, "~\\cite{a}")])


def test_nothing_inserted_is_no_diff() -> None:
    patch = patch_draft(read_draft("Dogs bark at night."), {})

    assert (patch.text, patch.diff, patch.insertions) == ("Dogs bark at night.", "", ())
