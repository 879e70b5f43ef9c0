"""BibTeX and biblatex, whole and damaged."""

import re
import time
from pathlib import Path

import pytest

from index.errors import SourceError
from index.sources import bibtex
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

FULL = r"""% a comment
@string{pr = "Pattern Recognition"}
@Article{Zhang2026,
  Author = {Zhang, Liangfei and {The {\"O}rg and Co} and others},
  title = "A {Study} of ""things",
  journal = pr,
  year = 2026,
  month = jan # "~5",
  abstract = {We study
     things.},
  doi = {10.1016/j.patcog.2025.111963},
  eprint = {2501.01234}, archiveprefix = {arXiv},
  url = {https://example.org},
  langid = {english},
}
"""


def read(text: str) -> list[Record | Refused]:
    return list(bibtex.read(open_content(text.encode(), "refs.bib")))


def read_one(text: str) -> Record:
    (record,) = read(text)
    assert isinstance(record, Record)
    return record


def test_every_field_finds_its_place_and_stays_in_latex() -> None:
    assert read_one(FULL.replace('""things', "things")) == Record(
        line=3,
        markup="latex",
        identifiers=("doi:10.1016/j.patcog.2025.111963", "arxiv:2501.01234"),
        citation_key="Zhang2026",
        title="A {Study} of things",
        abstract="We study\n     things.",
        authors=("Zhang, Liangfei", r"{The {\"O}rg and Co}", "others"),
        journal="Pattern Recognition",
        published="2026-01-05",
        type="article",
        url="https://example.org",
        language="english",
    )


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("{A {B} C}", "A {B} C"),
        ('"A {B} C"', "A {B} C"),
        ('"A {"}B{"} C"', 'A {"}B{"} C'),
        ("{C# and {F#}}", "C# and {F#}"),
        ('"A " # name # { C}', "A Name C"),
        ("name", "Name"),
        ("Name # unknown", "Nameunknown"),
        ("2001", "2001"),
        (r"{A \{ B}", r"A \{ B"),
        ("{}", None),
    ],
)
def test_a_value_is_resolved_as_bibtex_does(value: str, title: str | None) -> None:
    text = f"@string(name = {{Name}})\n@misc{{k, title = {value}, year = 2020}}"
    assert read_one(text).title == title


@pytest.mark.parametrize(
    ("fields", "published"),
    [
        ("year = 2020", "2020"),
        ("year = {2011/12}", "2011"),
        ("year = {2020}, month = mar", "2020-03"),
        ("year = {2020}, month = {March}", "2020-03"),
        ("year = {2020}, month = {8,}", "2020-08"),
        ("year = {2020}, month = 3, day = 7", "2020-03-07"),
        ("year = {2020}, month = {June 21}", "2020-06-21"),
        ("year = {2020}, month = {Jan--Feb}", "2020 Jan--Feb"),
        ("year = {2020}, month = {Spring}", "2020 Spring"),
        ("year = {in press}, month = 3", "in press"),
        ("date = {2020-03-07}, year = 2019", "2020-03-07"),
        ("month = mar", None),
    ],
)
def test_year_month_and_day_make_a_date(fields: str, published: str | None) -> None:
    assert read_one(f"@misc{{k, title = {{T}}, {fields}}}").published == published


@pytest.mark.parametrize(
    ("fields", "identifiers"),
    [
        ("eprint = {hep-th/9901001}", ("arxiv:hep-th/9901001",)),
        ("eprint = {2501.01234v2}", ("arxiv:2501.01234v2",)),
        ("eprint = {12345}, eprinttype = {pubmed}", ("pmid:12345",)),
        ("eprint = {abc}, eprinttype = {jstor}", ()),
        ("arxivid = {2501.01234}", ("arxiv:2501.01234",)),
        ("pmid = {12345}", ("pmid:12345",)),
        ("unique-id = {{WOS:000444108200009}}", ("wos:000444108200009",)),
        ("url = {https://doi.org/10.1/x}", ("doi:10.1/x",)),
    ],
)
def test_identifiers_are_found_where_tools_put_them(
    fields: str, identifiers: tuple[str, ...]
) -> None:
    assert read_one(f"@misc{{k, title = {{T}}, {fields}}}").identifiers == identifiers


@pytest.mark.parametrize(
    ("entry", "kind", "retracted"),
    [
        ("@InProceedings{k, title = {T}}", "inproceedings", None),
        ("@article{k, title = {T}, type = {Review}}", "Review", None),
        ("@phdthesis{k, title = {T}, type = {PhD thesis}}", "phdthesis", None),
        ("@article{k, title = {T}, type = {Article; Retracted Publication}}", "article", True),
    ],
)
def test_a_document_type_that_says_more_than_the_entrys_is_taken(
    entry: str, kind: str, retracted: bool | None
) -> None:
    record = read_one(entry)
    assert (record.type, record.retracted) == (kind, retracted)


@pytest.mark.parametrize(
    "url",
    ["https://x.org/a_b?c=d&e=%20", r"https://x.org/a{\_}b?c=d\&e={\%}20",
     r"\url{https://x.org/a_b?c=d&e=%20}"],
)  # fmt: skip
def test_an_address_is_read_as_it_was_before_it_was_escaped(url: str) -> None:
    assert read_one(f"@misc{{k, title = {{T}}, url = {{{url}}}}}").url == (
        "https://x.org/a_b?c=d&e=%20"
    )


def test_a_subtitle_belongs_to_the_title_and_editors_stand_in_for_authors() -> None:
    record = read_one("@book{k, title = {T}, subtitle = {S}, editor = {A and B}}")
    assert (record.title, record.authors) == ("T: S", ("A", "B"))
    assert read_one("@book{k, title = {T: S}, subtitle = {S}}").title == "T: S"


def test_an_entry_inherits_from_the_one_it_refers_to_wherever_that_stands() -> None:
    child, parent = read(
        "@inproceedings{c, title = {T}, crossref = {P}}\n"
        "@proceedings{p, title = {Conf}, year = 2015, month = may, doi = {10.1/p}}"
    )
    assert isinstance(child, Record)
    assert isinstance(parent, Record)
    assert (child.title, child.journal, child.published) == ("T", "Conf", "2015-05")
    assert child.identifiers == ()
    dated, _ = read(
        "@inproceedings{c, year = 2014, crossref = p}\n@book{p, year = 2015, month = 5}"
    )
    assert isinstance(dated, Record)
    assert dated.published == "2014"
    version, _ = read(
        "@softwareversion{v, crossref = {s}}\n@software{s, title = {S}, author = {A}}"
    )
    assert isinstance(version, Record)
    assert (version.title, version.authors) == ("S", ("A",))


def test_containers_and_comments_are_no_entries() -> None:
    assert not read(
        "@comment{jabref-meta: x;}\n@Preamble{ {\\foo} }\n@STRING{a = {b}}\n"
        "@xdata{x, title = {T}}\n"
        "@control{y, title = {T}}\nAnything else, even an e-mail@address.org\n"
    )


def test_entries_that_share_a_key_and_fields_that_share_a_name_are_all_kept() -> None:
    first, second = read("@misc{k, title = {A}, title = {B}, note = {x}}\n@misc{k, title = {C}}")
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.title, second.title) == ("A", "C")
    assert first.repairs == ("the field 'title' was there twice; the first is kept",)


@pytest.mark.parametrize(
    "damaged",
    [
        "@article{key,\n  title = {A {B} title},\n  year = 2020\n",
        "@article{key,\n  title = {A {B} title,\n  year = 2020\n}\n",
        "@article{key,\n  title = {A {B} title},\n  year = {2020\n}\n",
        "@article{key,\n  title = {A {B} title}\n  year = 2020\n}\n",
        '@article{key,\n  title = "A {B} title,\n  year = 2020\n}\n',
        "@article{key,\n  title = {A {B} title}},\n  year = {2020},\n}\n",
        "@article{key, title = {A {B} title},\n  year = 2020",
        "@article{key, title = {A {B} title}, year = 2020",
        "@article{key, title = {A {B} title, year = {2020}}\n",
        "@article{key, title = {A {B} title} year = 2020}\n",
    ],
)
def test_a_damaged_entry_is_mended_reported_and_takes_no_other_along(damaged: str) -> None:
    first, second = read(f"{damaged}\n@misc{{other, title = {{Other}}}}\n")
    assert isinstance(first, Record)
    assert (first.citation_key, first.title, first.published) == ("key", "A {B} title", "2020")
    assert "was mended" in first.repairs[-1]
    assert isinstance(second, Record)
    assert second.title == "Other"


def test_an_entry_without_a_key_or_with_space_after_the_at_sign_is_read() -> None:
    assert read_one("@article{\n  title = {T},\n  year = 2020\n}\n").title == "T"
    assert read_one("@article{title = {T}, year = 2020}").title == "T"
    _, without_type = read("@misc{a,\n title = {A}}\n@{k,\n  title = {T},\n  year = 2020,\n}\n")
    assert isinstance(without_type, Record)
    assert (without_type.title, without_type.type) == ("T", None)
    assert read_one("@ article\n{k,\n title = {T}}\n").title == "T"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("\n@article{key}", 2, "has no fields"),
        ("@misc{a, title={A}}\n\narticle{key,\n title = {T}\n}\n", 3, "no @ before 'article'"),
        ("@article{key, what is this", 1, "damaged: Unexpectedly reached end of file"),
    ],
)
def test_what_cannot_be_mended_is_refused_with_line_and_reason(
    text: str, line: int, reason: str
) -> None:
    refused = read(text)[-1]
    assert isinstance(refused, Refused)
    assert refused.line == line
    assert reason in refused.reason


def test_lines_are_counted_over_comments_and_several_entries_a_line() -> None:
    text = "% c\n\n@misc{a, title={A}} @misc{b, title={B}}\n@string{x={y}}\n\n@misc{c, title={C}}"
    assert [(r.line, getattr(r, "title", None)) for r in read(text)] == [
        (3, "A"), (3, "B"), (6, "C"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "@article{k, title = {" + "{" * 50_000,
        "@article{k, title = {A " * 5_000,
        "@article{k, title = {A {B},\n year = {2020},\n" * 2_000,
        "@" * 100_000,
        "@\n" * 50_000,
        '@article{k, t = "' + '"' * 50_000,
        "@article{k, author = {" + "a and " * 50_000 + "b}}",
        "@article{k, title = {" + " " * 100_000 + "}}",
        "@article{k, author = {a" + " " * 100_000 + "b}}",
        "@article{k,\n title = {A" + "}" * 100_000,
        "@article{k,\n title = {A" + "," * 100_000 + "=",
        "@misc{k, title = {T}}\n" * 2_000,
    ],
)
def test_time_is_linear_in_the_length_of_anything(text: str) -> None:
    begin = time.process_time()
    read(text)
    assert time.process_time() - begin < 10  # quadratic would be minutes


def test_no_entry_of_a_real_file_is_lost(shared_data: Path) -> None:
    begins = re.compile(r"^\s*@\s*(?!comment|string|preamble)\w+\s*[{(]", re.MULTILINE | re.I)
    for path in sorted((shared_data / "exports" / "bibtex").glob("*.bib")):
        source = open_source(path)
        if path.name == "gbk_test.bib":  # in GBK, and does not say so
            with pytest.raises(SourceError, match="is not UTF-8"):
                list(bibtex.read(source))
            continue
        assert bibtex.recognise(source.head), path.name
        records = list(bibtex.read(source))
        assert len(records) == len(begins.findall(source.text())), path.name
        assert not [r for r in records if isinstance(r, Refused) or r.repairs], path.name
