"""An answer read: names and years, references in every style, lists, what is set apart."""

import pytest

from index.article import Article
from service.verification.listed import read_listed
from service.verification.mentions import find_mentions
from service.verification.named_years import named_years
from service.verification.person_names import CitedNames
from service.verification.spans import (
    block_quotes,
    emphasised,
    links,
    quotations,
    without_marks,
    without_tags,
)
from service.verification.statement import RecordReference, years_in
from service.verification.written import WrittenReference


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Smith et al. (2020)", [("Smith et al.", 2020)]),
        ("J. Smith and K. Lee (2019)", [("J. Smith and K. Lee", 2019)]),
        ("(Smith & Jones, 2020; Lee, 2019)", [("Smith & Jones", 2020), ("Lee", 2019)]),
        ("(see Smith, 2019, 2020)", [("Smith", 2019), ("Smith", 2020)]),
        ("John Smith, Jane Doe, and Bo Lee (2021)", [("John Smith, Jane Doe, and Bo Lee", 2021)]),
        ("Smith, J., & Lee, K. (2020) said", [("Smith, J., & Lee, K.", 2020)]),
        ("Müller's (2020)", [("Müller", 2020)]),
        ("van den Berg et al. (2018)", [("van den Berg et al.", 2018)]),
        ("Recently, Smith and Lee (2020)", [("Smith and Lee", 2020)]),
        ("**Smith et al., 2020**", [("Smith et al.", 2020)]),
        ("He et al. (2016) and So & Lee (2017)", [("He et al.", 2016), ("So & Lee", 2017)]),
        ("In He (2016)", [("He", 2016)]),
        ("by Jan Lee and May Jun (2020)", [("Jan Lee and May Jun", 2020)]),
        ("Md. Haider Ali, and Md. Khan (2025)", [("Md. Haider Ali, and Md. Khan", 2025)]),
        ("According to McDonald (2020)", [("McDonald", 2020)]),
        ("Smith, Lee, and Park [2020]", [("Smith, Lee, and Park", 2020)]),
        ("jiao and Lee (2020)", [("jiao and Lee", 2020)]),
    ],
)
def test_names_before_a_year_are_read_back_to_where_they_begin(
    text: str, expected: list[tuple[str, int]]
) -> None:
    assert [(one.names, one.year) for one in named_years(text)] == expected


def test_a_conference_between_names_and_year_is_no_name() -> None:
    (listed,) = named_years("(Smith & Lee, ACL 2020)")
    (open_ended,) = named_years("(Smith et al., Proc. ACL 2020)")

    assert (listed.names, listed.venue) == ("Smith & Lee", "ACL")
    assert (open_ended.names, open_ended.venue) == ("Smith et al.", "Proc. ACL")


@pytest.mark.parametrize(
    "text",
    ["in Paris 2020", "(June 2020)", "(ACL 2020)", "the war of 1990–2000", "Version 2020", "2020",
     "in 2020, (2020)", "he said (2020)", "Recently, (2020)", "however (2020)"],
)  # fmt: skip
def test_not_everything_before_a_year_is_a_name(text: str) -> None:
    assert list(named_years(text)) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "J. Smith, K. Lee, and B. Chen. Deep parsing of trees. In Proceedings of the Tree"
            " Society 2020, pages 1-10.",
            "J. Smith, K. Lee, and B. Chen",
        ),
        (
            "Smith, J., & Lee, K. (2020). Deep parsing of trees. *Proceedings of the Tree Society*,"
            " 12(3), 45–67. https://doi.org/10.1000/x",
            "Smith, J., & Lee, K",
        ),
        (
            "Smith J, Lee K. Deep parsing of trees. Proc. Tree Society. 2020;12(3):2045-2067."
            " PMID: 123",
            "Smith J, Lee K",
        ),
        (
            'J. Smith and K. Lee, "Deep parsing of trees," in Proc. Tree Society, 2020, pp. 1–10.',
            "J. Smith and K. Lee",
        ),
        (
            "**Deep parsing of trees** by John Smith and Karl Lee (2020), Proc. Tree Society."
            " [Link](https://doi.org/10.1000/x)",
            "John Smith and Karl Lee",
        ),
        (
            "[Deep parsing of trees](https://doi.org/10.1000/x) - Smith, J. et al., Tree Society"
            " 2020",
            "Smith, J. et al.",
        ),
        ("Deep parsing of trees. John Smith, Karl Lee. Tree Society 2020.", "John Smith, Karl Lee"),
        (
            "Smith, J. and Lee, K. Deep parsing of trees. Proc. Tree Soc. 12 (2020) 1-4."
            " Accessed 12 May 2024.",
            "Smith, J. and Lee, K",
        ),
        (
            "**Smith, J., & Lee, K. (2020)** - Deep parsing of trees. Tree Soc.",
            "Smith, J., & Lee, K",
        ),
        ("Title: Deep parsing of trees. Authors: J. Smith. Year: 2020. Tree Society", "J. Smith"),
    ],
)
def test_a_reference_is_read_in_every_style(text: str, names: str) -> None:
    read = WrittenReference(text).statement(())

    assert read.title == "Deep parsing of trees"
    assert read.names is not None
    assert read.names.text.strip(" .") == names.strip(" .")
    assert read.years == (2020,)
    assert read.venue is None or "Tree" in read.venue


def test_nothing_is_passed_over_because_it_was_not_understood() -> None:
    text = (
        "R, N. J., & P, S. K. (2018). Constrained Vector Model Space. *Proceedings of Trees*, 4(2)"
    )

    assert WrittenReference(text).statement(()).title == "Constrained Vector Model Space"


def test_a_reference_is_read_in_the_light_of_what_it_may_be() -> None:
    article = Article(
        article_id="a",
        title="Trees. In the wild, and at home?",
        authors=("Ada Lo",),
        n_authors=1,
        journal="Actes de TALN. Volume 1 - Articles longs, articles courts",
        published="2020",
    )
    text = (
        "A. Lo. Trees. In the wild, and at home? Actes de TALN. Volume 1 - Articles longs, articles"
        " courts. 2020."
    )
    reference = WrittenReference(text)

    assert article.title in {one.strip("? ") + "?" for one in reference.titles()}
    read = reference.statement([article])
    assert read.title == "Trees. In the wild, and at home"
    assert read.venue == article.journal
    assert read.names == CitedNames("A. Lo")


def test_pages_parts_of_numbers_and_dates_of_a_visit_are_no_years() -> None:
    assert years_in("(2020), pp. 1990-2003, 12:2015, vol. 1999, 10.2014") == (2020,)
    assert years_in("2020-05-01 and 2019a") == (2020, 2019)
    assert years_in("Workshop. 2014;3") == (2014,)


def test_an_entry_in_bibtex_says_what_is_what() -> None:
    article = Article(
        article_id="a", title="T", authors=("Lo, Ada",), n_authors=3, published="2020"
    )

    reference = RecordReference(article)
    read = reference.statement(())
    assert list(reference.titles()) == ["T"]
    assert read.names is not None
    assert read.names.is_open
    assert (read.title, read.years, read.venue) == ("T", (2020,), None)
    untitled = RecordReference(Article(article_id="b"))
    assert list(untitled.titles()) == []
    assert untitled.statement(()).names is None


LIST = """[1] J. Smith. Deep parsing of trees. ACL 2020.
    doi:10.1000/x
[2] K. Lee. Another title entirely here. 2019.
"""


@pytest.mark.parametrize(
    "heading",
    ["References", "**References:**", "## References", "Sources", "Bibliography", "5. References"],
)
def test_a_list_stands_under_a_heading(heading: str) -> None:
    text = f"Trees are deep [1].\n\n{heading}\n\n{LIST}"

    first, second = read_listed(text, 10)
    assert (first.key, second.key) == ("1", "2")
    assert first.is_numbered
    assert text[first.start : first.end].endswith("doi:10.1000/x")
    assert first.reference.identifiers == ("doi:10.1000/x",)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"Trees.\n\n{LIST}", ["1", "2"]),
        (f"Refs\n\n{LIST}".replace("[1] ", "1. ").replace("[2] ", "2. "), []),
        ("Text [^1].\n\n[^1]: J. Smith. Deep parsing of trees. ACL 2020.", ["^1"]),
        ("See.\n\nSmith, J. (2020). Deep parsing of trees. ACL.", [""]),
        ("Refs\n[smith2020deep] J. Smith. Deep parsing of trees. 2020.", ["smith2020deep"]),
        ("[1] showed in 2019 that trees are deep, as all agree.", []),
        ("References\n\n- J. Smith. Deep trees. 2020.\n- K. Lee. Tall trees. 2019.\n", ["", ""]),
        (
            "References\n\nSmith, J. (2020). Deep trees. ACL.\n\nLee, K. (2019). Tall trees. ACL.",
            ["Smith, 2020", "Lee, 2019"],
        ),
        (
            "References\n\n[1] de Vries, J. Deep trees. 2020.\n[2] Lee, K. Tall trees. 2019.",
            ["1", "2"],
        ),
        ("\\begin{thebibliography}{1}\n\\bibitem{lee} K. Lee. Tall trees. 2019.\n", ["lee"]),
    ],
)
def test_a_list_without_a_heading_or_numbers_is_known_by_its_lines(
    text: str, keys: list[str]
) -> None:
    assert [one.key for one in read_listed(text, 10)] == keys


def test_entries_in_bibtex_are_entries_of_a_list() -> None:
    text = (
        "x\n```bibtex\n@article{smith, title={Deep parsing}, year=2020}\n```\n"
        "@comment{no}\n@misc{broken, title={Never closed\n"
    )

    (one, *_) = read_listed(text, 10)
    assert one.key == "smith"
    assert text[one.start : one.end].endswith("}")
    assert list(one.reference.titles()) == ["Deep parsing"]
    assert read_listed("@misc{a, title={One two}} @misc{b, title={Three}}", 1)


def test_everything_that_cites_is_found_in_running_text() -> None:
    text = (
        "Smith et al. (2020) [1, 3-4]; [smith2020deep] \\citep[p. 3]{a, b} [@x2020; @y] @john"
        " bob@x.com (Lee, 2019)[^1] own2020key-abcde doi:10.1000/x 1905.00001"
    )

    found = find_mentions(text, lambda key: key.startswith("own"), lambda _: False, 100)
    assert [(one.kind, one.value) for one in found] == [
        ("author_year", "Smith et al."),
        ("number", "1"), ("number", "3"), ("number", "4"),
        ("key", "smith2020deep"), ("key", "a"), ("key", "b"), ("key", "x2020"), ("key", "y"),
        ("author_year", "Lee"), ("number", "^1"), ("key", "own2020key-abcde"),
        ("doi", "doi:10.1000/x"),
    ]  # fmt: skip
    known = find_mentions("as 1905.00001 shows", lambda _: False, lambda _: True, 100)
    assert [one.value for one in known] == ["arxiv:1905.00001"]


def test_quotation_marks_of_all_kinds_are_paired_within_a_paragraph() -> None:
    text = 'He said "a quote here", “another one” and it’s ‘single quoted’ «french» 5" "open\n\nno"'

    assert [text[one.start : one.end] for one in quotations(text)] == [
        "a quote here", "another one", "single quoted", "french",
    ]  # fmt: skip


def test_emphasis_links_and_block_quotes_are_found() -> None:
    text = (
        "*Title here* **bold** _it a_ a_b_c \\emph{set in} [link](http://x.y/a(b))\n"
        "> block one\n> block two\n\nno"
    )

    marked = [text[one.start : one.end] for one in emphasised(text)]
    assert marked == ["Title here", "bold", "it a", "set in"]
    (link,) = links(text)
    assert text[link.start : link.end] == "link"
    assert text[link.outer_end - 1] == ")"
    (block,) = block_quotes(text)
    plain = without_marks(text[block.start : block.end])
    assert plain.split() == ["block", "one", "block", "two"]
    assert len(plain) == block.end - block.start


def test_tags_are_read_as_the_marks_that_they_stand_for() -> None:
    text = (
        'A <i>tag t</i>, <a class="x" href="https://doi.org/10.1/x">a link</a> <br/><q>said</q> <x>'
    )

    plain = without_tags(text)
    assert len(plain) == len(text)
    assert plain.split() == ["A", "*tag", "t*", ",", "https://doi.org/10.1/x", "*a", "link*",
                             '"said"', "<x>"]  # fmt: skip
