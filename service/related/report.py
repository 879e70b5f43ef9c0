"""The answer to a draft as a report to read: in Markdown, or as one page of HTML.

The page holds all that it shows: no style, script or image is loaded from anywhere.
"""

import re
from functools import cache
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from service.addresses import work_url
from service.related.results import RelatedResults
from service.wording import heading, per_cent, short_authors, version_words

ReportFormat = Literal["markdown", "html"]

_TEMPLATES: dict[ReportFormat, str] = {"markdown": "related.md", "html": "related.html"}
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_BLOCK = re.compile(r"^(\d*)(?=[-+=.)])")


def write_report(results: RelatedResults, form: ReportFormat) -> str:
    """Write a report; other people's text is escaped in either form."""
    return _environment().get_template(_TEMPLATES[form]).render(results=results)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("service", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "per_cent": per_cent,
        "heading": heading,
        "short_authors": short_authors,
        "version_words": version_words,
        "address": work_url,
        "plain": to_markdown,
        "fence": _fence,
    }
    return environment


def to_markdown(text: str) -> str:
    """Escape text so that Markdown shows it as it is, on one line."""
    one_line = " ".join(text.split())
    # what begins a list at the beginning of a line: a dash, or a number and a full stop
    return _BLOCK.sub(r"\1\\", _MARKS.sub(r"\\\1", one_line))


def _fence(text: str) -> str:
    """Give a fence that a block of code cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)
