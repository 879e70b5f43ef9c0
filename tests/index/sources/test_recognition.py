"""Finding sources and telling their formats, and the laws that every reader keeps."""

import contextlib
import gzip
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.sources import (
    FORMATS,
    Format,
    FoundSource,
    find_sources,
    open_content,
    open_source,
    read_records,
    recognise,
)
from index.sources.record import Record, Refused
from scripts.any_input import INPUTS

SAMPLES = {
    "JSON Lines": '{"id": "1", "title": "A title"}\n{"id": "2", "title": "Another"}\n',
    "JSON": '[{"id": "1", "title": "A title"},\n {"id": "2", "title": "Another"}]\n',
    "PubMed XML": (
        "<PubmedArticleSet>\n<PubmedArticle><MedlineCitation><PMID>1</PMID><Article>"
        "<ArticleTitle>A <i>title</i></ArticleTitle></Article></MedlineCitation></PubmedArticle>"
        "\n</PubmedArticleSet>"
    ),
    "EndNote XML": (
        "<xml><records><record><titles><title><style>A title</style></title></titles></record>"
        "</records></xml>"
    ),
    "arXiv Atom": (
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/</id><entry>'
        "<id>http://arxiv.org/abs/1707.08567v1</id><title>A title</title></entry></feed>"
    ),
    "CSV or TSV": 'Title,Abstract\nA title,"An abstract\n@misc{x, y\nTY  - JOUR"\n',
    "Web of Science": "FN Clarivate\nVR 1.0\nPT J\nAU Smith, J\nTI A title\nER\n\nEF\n",
    "PubMed nbib": "\nPMID- 1\nTI  - A title\n\nPMID- 2\nTI  - Another\n",
    "RIS": "1.\nTY  - JOUR\nTI  - A title\nER  - \n\nTY  - JOUR\nTI  - Another\nER  - \n",
    "BibTeX": "% Encoding: UTF-8\n@article{k,\n  title = {A {T}itle},\n  year = 2020,\n}\n",
    "plain-text listing": (
        "599 Search results\n- New\n- Research Article\n- 10.1016/x\n- Jan 1, 2026\n- Nature\n"
        "- A B + 4 more\nA title\n"
    ),
}


DAMAGE = (
    *("", '"', "{", "}", "<", ">", "@", ",", "=", "- ", "\\", "#", "(", ")", "&", "]]>", "\0"),
    *("é", "\n", "\n\n", "ER  - ", "TY  - ", "\r", "\u2028", "  "),
)


def test_there_is_a_sample_of_every_format() -> None:
    assert list(SAMPLES) == [form.name for form in FORMATS]


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("form", ["plain", "gzip", "mark", "crlf", "utf-16"])
def test_every_format_is_told_by_its_content_alone(name: str, form: str) -> None:
    text = SAMPLES[name]
    content = {
        "plain": text.encode(),
        "gzip": gzip.compress(text.encode()),
        "mark": b"\xef\xbb\xbf" + text.encode(),
        "crlf": text.replace("\n", "\r\n").encode(),
        "utf-16": text.encode("utf-16"),
    }[form]
    found, records = read_records(open_content(content, "downloads/file"))
    assert found.name == name
    titles = [record.title for record in records if isinstance(record, Record)]
    assert titles
    assert all(titles)


@pytest.mark.parametrize(
    "content", [b"hello", b"<html><body>@misc</body></html>", b"a,b\n1,2\n", b"%YAML 1.2\n- a: b\n"]
)
def test_a_file_in_no_known_format_is_refused_with_the_list_of_them(content: bytes) -> None:
    with pytest.raises(SourceError, match="holds none of the formats") as raised:
        recognise(open_content(content, "notes.txt"))
    assert all(form.name in raised.value.reason for form in FORMATS)


def test_folders_are_walked_in_order_without_hidden_files_and_loops(tmp_path: Path) -> None:
    for name in ("b/2.ris", "b/1.bib", "a.ris", ".hidden", ".git/config", "b/.x/y", "c/3.xml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "b/loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "d").symlink_to(tmp_path / "c", target_is_directory=True)
    found = find_sources([tmp_path])
    assert [str(one.path.relative_to(tmp_path)) for one in found] == [
        "a.ris", "b/1.bib", "b/2.ris", "c/3.xml",
    ]  # fmt: skip
    assert not any(one.is_named for one in found)
    assert [one.name for one in found] == [str(one.path) for one in found]


@pytest.mark.parametrize("names", [("CURRENT", "snapshots/a/report.json"), ("lock", "building/x")])
def test_an_index_among_the_files_it_was_made_from_is_no_source(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in ("a.ris", *(f"b/{name}" for name in names)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert [one.path.name for one in find_sources([tmp_path])] == ["a.ris"]


def test_a_file_named_is_found_once_and_known_to_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ris"
    path.write_text("x")
    missing = tmp_path / "missing.ris"
    assert find_sources([tmp_path, path, path]) == [FoundSource(path, str(path), is_named=True)]
    assert find_sources([path, tmp_path]) == [FoundSource(path, str(path), is_named=True)]
    assert find_sources([missing]) == [FoundSource(missing, str(missing), is_named=True)]
    assert find_sources([tmp_path / ".."]) != []


def test_a_name_to_report_by_may_be_given(tmp_path: Path) -> None:
    path = tmp_path / "a.ris"
    path.write_text(SAMPLES["RIS"])
    assert open_source(path, "folder/a.ris").name == "folder/a.ris"


@pytest.mark.parametrize(
    "filler", ["\n", " ", "- ", "@", "{", "<", "<!", "<?", '"', "PMID-", "TY  "]
)
@pytest.mark.parametrize("form", FORMATS, ids=[form.name for form in FORMATS])
def test_recognition_takes_time_linear_in_the_head(form: Format, filler: str) -> None:
    begin = time.process_time()
    form.recognise(filler * (65_536 // len(filler)))
    form.recognise(SAMPLES[form.name][:4] + filler * (65_536 // len(filler)))
    assert time.process_time() - begin < 5


@st.composite
def damaged(draw: st.DrawFn, sample: str) -> bytes:
    """Draw a sample with some of its text taken out, and other text put in."""
    text = sample * draw(st.integers(1, 3))
    for _ in range(draw(st.integers(1, 6))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 8)))
        text = text[:begin] + draw(st.sampled_from(DAMAGE)) + text[end:]
    return text.encode()


@pytest.mark.parametrize("n", [300, pytest.param(20_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("form", FORMATS, ids=[form.name for form in FORMATS])
def test_any_bytes_and_any_damage_give_records_refusals_or_a_source_error(
    form: Format, n: int, record_property: Callable[[str, object], None]
) -> None:
    n_read = 0

    @settings(max_examples=n, deadline=None)
    @given(content=st.binary(max_size=400) | damaged(SAMPLES[form.name]))
    def hold(content: bytes) -> None:
        nonlocal n_read
        n_read += 1
        with contextlib.suppress(SourceError):
            source = open_content(content, "any")
            form.recognise(source.head)
            check_outcomes(form, content)

    hold()
    record_property(INPUTS, n_read)


def check_outcomes(form: Format, content: bytes) -> None:
    n_lines = content.count(b"\n") + content.count(b"\r") + 1
    for outcome in form.read(open_content(content, "any")):
        assert 1 <= outcome.line <= max(n_lines, content.count(b"\n\0") + n_lines)
        if isinstance(outcome, Refused):
            assert outcome.reason.strip()
        else:
            texts = (outcome.title, outcome.abstract, outcome.journal, outcome.published,
                     outcome.type, outcome.url, *outcome.authors, *outcome.identifiers)  # fmt: skip
            assert all(text is None or text.strip() for text in texts)
