"""A bibliography is read from any of its formats, and what a draft cites is found in it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import QueryError
from service.drafts.bibliography import (
    BibliographyFormat,
    cited,
    from_references,
    read_bibliography,
    recognise,
)
from service.drafts.draft import read_draft

DRAFTS = Path(__file__).parents[2] / "data" / "drafts"

BIBTEX = "@article{ray2001,\n title = {Dogs at {Night}},\n author = {Ray, Ann},\n year = 2001}"
RIS = "TY  - JOUR\nID  - ray2001\nTI  - Dogs at Night\nAU  - Ray, Ann\nPY  - 2001\nER  - \n"
CSL = (
    '[{"id": "ray2001", "type": "article-journal", "title": "Dogs at Night",'
    ' "author": [{"family": "Ray", "given": "Ann"}], "issued": {"date-parts": [[2001]]}}]'
)
BIBITEMS = (
    "\\begin{thebibliography}{1}\\bibitem{ray2001} Ann Ray.\n\\newblock Dogs at {N}ight.\n"
    "\\newblock Kennel, 2001.\\end{thebibliography}"
)


@pytest.mark.parametrize(
    ("text", "form"),
    [(BIBTEX, "bibtex"), (RIS, "ris"), (CSL, "csl-json"), (BIBITEMS, "references")],
)
def test_every_format_gives_key_title_author_and_year(text: str, form: BibliographyFormat) -> None:
    assert recognise(text) == form
    bibliography = read_bibliography("\ufeff" + text)

    (entry,) = bibliography.entries
    assert bibliography.format == form
    assert entry.key == "ray2001"
    assert (entry.article.title, entry.article.year) == ("Dogs at Night", 2001)
    assert entry.article.authors in (("Ray, Ann",), ("Ann Ray",))
    assert bibliography.problems == ()


@pytest.mark.parametrize(
    ("written", "title", "year", "identifier"),
    [
        ('A. Ray and B. Poe, "Dogs at night," Kennel, 2001.', "Dogs at night", 2001, None),
        (
            "Ray, A., & Poe, B. (2001). Dogs at night. Kennel, 3(4), 5-7.",
            "Dogs at night",
            2001,
            None,
        ),
        ("Ann Ray. 2001. Dogs at night. In Kennel.", "Dogs at night", 2001, None),
        ("Ray A. Kennel 3, 5 (2001), doi:10.5555/ken.3.", None, 2001, "doi:10.5555/ken.3"),
        ("Ray A. Dogs, arXiv:2101.00001 (2021)", None, 2021, "arxiv:2101.00001"),
    ],
)
def test_a_written_reference_gives_what_is_sure(
    written: str, title: str | None, year: int, identifier: str | None
) -> None:
    (entry,) = read_bibliography(f"[1] {written}\n").entries

    assert entry.key == "1"
    assert (entry.article.title, entry.article.year) == (title, year)
    assert identifier is None or identifier in entry.article.identifiers


def test_references_without_numbers_are_paragraphs() -> None:
    draft = read_draft(
        "Dogs bark (Ray, 2001).\n\nReferences\n\nRay, A. (2001). Dogs at night. Kennel.\n\nPoe,"
        " B. (2002). Cats by day. Basket.\n"
    )

    citations = cited(draft, from_references(draft.references))

    assert [entry.article.title for entry in citations.cited] == ["Dogs at night"]
    assert [entry.article.title for entry in citations.uncited] == ["Cats by day"]


def test_what_cannot_be_read_is_told_with_its_line_and_its_key_stays_known() -> None:
    bibliography = read_bibliography(f"{BIBTEX}\n@misc{{note1, note = {{Pers. comm.}}}}\n{BIBTEX}")

    assert [entry.key for entry in bibliography.entries] == ["ray2001", "note1", "ray2001"]
    assert bibliography.by_key()["note1"].article.title is None
    assert bibliography.problems[0].startswith("line 5: ")
    assert (
        bibliography.problems[1] == "the key 'ray2001' is there 2 times; the first entry is taken"
    )


def test_entries_without_a_key_are_given_one() -> None:
    (entry,) = read_bibliography(RIS.replace("ID  - ray2001\n", "")).entries

    assert entry.key == "ray2001dogs"


def test_blank_text_is_an_empty_bibliography() -> None:
    assert read_bibliography(" \n").entries == ()


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        ("Dear all,\nsee you", None, "'Dear all, see you'… begins no BibTeX, RIS"),
        ("[1] a", "ris", "holds no entry of ris"),
        ("[{", "csl-json", "line 1: is damaged JSON"),
        ("a\0b", "bibtex", "is binary, not text"),
        ("\ud800", None, "half a character"),
    ],
)
def test_what_is_no_bibliography_is_refused(
    text: str, form: BibliographyFormat | None, reason: str
) -> None:
    with pytest.raises(QueryError, match=reason):
        read_bibliography(text, form)


def test_an_encoding_that_a_file_names_does_not_change_its_text() -> None:
    text = "% Encoding: Cp1252\n@article{a, title = {Über Hunde}}"

    assert read_bibliography(text).entries[0].article.title == "Über Hunde"


@given(text=st.text(alphabet='@article{}=,"[]1.\n TY-AUER:\\bibitem', max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        bibliography = read_bibliography(text)
    except QueryError:
        return
    assert all(entry.key for entry in bibliography.entries)


def test_what_the_long_draft_cites_is_found_in_its_bibliography() -> None:
    draft = read_draft((DRAFTS / "turns.tex").read_text())
    bibliography = read_bibliography((DRAFTS / "turns.bib").read_text())

    citations = cited(draft, bibliography)

    assert len(bibliography.entries) == 25
    assert bibliography.problems == ()
    assert [entry.key for entry in citations.uncited] == ["yates2016unused", "zimmer2020unused"]
    assert citations.unknown == ()
    for sentence, entries in zip(draft.sentences, citations.by_sentence, strict=True):
        assert tuple(entry.key for entry in entries) == sentence.cites


def test_an_unknown_key_is_told() -> None:
    draft = read_draft((DRAFTS / "garden.md").read_text())

    citations = cited(draft, read_bibliography((DRAFTS / "garden.json").read_text()))

    assert citations.unknown == ("novak2012plots",)
    assert [entry.key for entry in citations.uncited] == ["unused2001"]


def test_numbers_and_years_are_resolved_by_the_drafts_own_list() -> None:
    draft = read_draft((DRAFTS / "sleep.txt").read_text())

    citations = cited(draft, from_references(draft.references))

    assert [[entry.key for entry in entries] for entries in citations.by_sentence if entries] == [
        ["1", "3", "4"], ["2"], ["3", "5"], ["1", "2", "3"],
    ]  # fmt: skip
    assert (citations.unknown, citations.uncited) == ((), ())


@pytest.mark.parametrize(
    "entry",
    [
        "title = {Slow waves and what they keep}",
        "title = {Other}, doi = {10.5555/JON.2007.2}",
    ],
)
def test_a_number_is_looked_up_in_a_bibliography_by_what_the_list_says(entry: str) -> None:
    draft = read_draft((DRAFTS / "sleep.txt").read_text())

    citations = cited(draft, read_bibliography(f"@article{{frost, {entry}}}"))

    assert [entry.key for entry in citations.cited] == ["frost"]
    assert "1" in citations.unknown


def test_years_with_letters_tell_the_works_of_one_year_apart() -> None:
    bibliography = read_bibliography(
        "".join(
            f"@article{{k{n}, title={{Dogs {n}}}, author={{Ray, Ann}}, year=2001}}\n" for n in "xy"
        )
    )

    def keys(cite: str) -> list[str]:
        found = cited(read_draft(f"Dogs bark ({cite}) at night."), bibliography)
        return [entry.key for entry in found.cited]

    assert keys("Ray, 2001b") == ["ky"]
    assert keys("Ray, 2001") == ["kx", "ky"]
    assert keys("Ray and Poe, 2001") == []
    assert keys("Ray, 2002") == []


def test_keys_are_found_in_another_case() -> None:
    citations = cited(read_draft("Dogs bark \\cite{Ray2001}."), read_bibliography(BIBTEX))

    assert [entry.key for entry in citations.cited] == ["ray2001"]
