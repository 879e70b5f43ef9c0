r"""The patch: a draft with citations inserted, and nothing else in it changed.

They are written as the draft writes its own: in LaTeX the citing command that it uses most
(`~\citep{a,b}`), in Markdown Pandoc's keys (` [@a; @b]`), in a text that cites by numbers the
next numbers (` [12, 13]`), for which lines are added to its list of references.
"""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from index.errors import QueryError
from service.drafts.draft import Draft
from service.drafts.latex_commands import is_citing, is_textual
from service.exports.bibtex_entry import escape_latex

_NO_REFERENCES: Mapping[str, str] = MappingProxyType({})
_COMMAND = re.compile(r"(?<!\\)%[^\n]*|(?<!\\)\\([A-Za-z]*[cC]ite[A-Za-z]*)\*?(?=\s?[\[{])")
_NOT_INSERTED = re.compile(r"no|full|foot|super|smart|year|author|title|date|alp|alt|url|num|[A-Z]")
_PACKAGES = (("biblatex", "autocite"), ("natbib", "citep"))
_KEY = re.compile(r"[^\s{}\\%#~,;@\[\]\"()=]+")
_NUMBER = re.compile(r"\d{1,4}")
_NUMBERING = re.compile(r"[ \t]*(\[\d{1,4}\]:?|\d{1,4}[.)]|\(\d{1,4}\))[ \t]+")


@dataclass(frozen=True, slots=True)
class Insertion:
    """A piece of text that the patch put in; `start` is its place in the patched text."""

    start: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """The patched text, what was inserted in it, in order, and a unified diff.

    `numbers` gives the number that each new key was given in a draft that cites by numbers.
    """

    text: str = field(repr=False)
    insertions: tuple[Insertion, ...]
    diff: str = field(repr=False)
    numbers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def patch_draft(
    draft: Draft,
    citations: Mapping[int, Sequence[str]],
    *,
    references: Mapping[str, str] = _NO_REFERENCES,
    name: str = "draft",
) -> Patch:
    r"""Insert citations: keys by the place of a sentence in `draft.sentences`.

    `references` are whole references by key, in plain words: where a draft has its own list
    of references, numbered or of `\bibitem`s, they are added to it. `name` is the file's name
    in the diff. Raises QueryError on a key that no file could hold, or an unknown sentence.
    """
    ordered = _in_order(draft, citations)
    numbers = _new_numbers(draft, ordered) if cites_by_numbers(draft) else {}
    write = _writer(draft, numbers)
    written = [(place, write(keys)) for place, keys in ordered if keys]
    keys = dict.fromkeys(key for _, keys in ordered for key in keys)
    written += _added_references(
        draft, [key for key in keys if key in references], references, numbers
    )
    text, insertions = _insert(draft.text, written)
    diff = unified_diff(draft.text, text, name)
    return Patch(text=text, insertions=insertions, diff=diff, numbers=MappingProxyType(numbers))


def remove_insertions(patched: str, insertions: Sequence[Insertion]) -> str:
    """Give the draft back as it was, to the last byte."""
    parts, start = [], 0
    for insertion in insertions:
        end = insertion.start + len(insertion.text)
        if patched[insertion.start : end] != insertion.text:
            raise QueryError("insertions", f"{insertion.text!r} is not at {insertion.start}")
        parts.append(patched[start : insertion.start])
        start = end
    return "".join((*parts, patched[start:]))


def unified_diff(before: str, after: str, name: str) -> str:
    """Give what `patch` and `git apply` make the one text of the other by; "" where they agree."""
    shown = " ".join(name.split()) or "draft"
    changes = difflib.unified_diff(_lines(before), _lines(after), shown, shown)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in changes
    )


def _lines(text: str) -> list[str]:
    """Split at line feeds only, as the tools that read a diff do."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _insert(text: str, written: Iterable[tuple[int, str]]) -> tuple[str, tuple[Insertion, ...]]:
    parts, insertions, start, shift = list[str](), list[Insertion](), 0, 0
    for place, piece in sorted(written, key=lambda one: one[0]):
        parts += [text[start:place], piece]
        insertions.append(Insertion(place + shift, piece))
        start, shift = place, shift + len(piece)
    return "".join((*parts, text[start:])), tuple(insertions)


def _in_order(
    draft: Draft, citations: Mapping[int, Sequence[str]]
) -> list[tuple[int, tuple[str, ...]]]:
    """Give where keys are to be inserted, in the order of the text, each key once a sentence."""
    ordered = []
    for number, keys in citations.items():
        if not 0 <= number < len(draft.sentences):
            raise QueryError("citations", f"the draft has no sentence {number}")
        for key in keys:
            if not _KEY.fullmatch(key):
                raise QueryError(
                    "citations", f"{key!r} is no citation key; leave out what TeX reads"
                )
        ordered.append((draft.sentences[number].insert_at, number, tuple(dict.fromkeys(keys))))
    return [(place, keys) for place, _, keys in sorted(ordered)]


# How a citation is written


def _writer(draft: Draft, numbers: Mapping[str, int]) -> Callable[[Sequence[str]], str]:
    """Give what writes a citation of some keys as the draft would."""
    if draft.format == "latex":
        command = citing_command(draft.text)
        return lambda keys: f"~\\{command}{{{','.join(keys)}}}"
    if cites_by_numbers(draft):
        return lambda keys: f" [{', '.join(str(numbers.get(key, key)) for key in keys)}]"
    return lambda keys: f" [{'; '.join(f'@{key}' for key in keys)}]"


def citing_command(text: str) -> str:
    r"""Give the command that a LaTeX draft cites with most, of those that set no author's name.

    Where it has none, the one of its package: `\autocite`, `\citep`, else `\cite`.
    """
    used = Counter(
        found[1].removesuffix("s") if found[1].endswith("cites") else found[1]
        for found in _COMMAND.finditer(text)
        if found[1]
        and is_citing(found[1])
        and not is_textual(found[1])
        and not _NOT_INSERTED.search(found[1])
    )
    if used:
        return used.most_common(1)[0][0]
    packages = re.findall(r"\\usepackage(?:\[[^\]]*\])?\{([^{}]*)\}", text)
    loaded = {name.strip() for names in packages for name in names.split(",")}
    return next((command for package, command in _PACKAGES if package in loaded), "cite")


def cites_by_numbers(draft: Draft) -> bool:
    """Say whether a draft cites by numbers, as every plain text is taken to do."""
    if draft.format == "text":
        return True
    are_numbers = bool(draft.cites) and all(map(_NUMBER.fullmatch, draft.cites))
    return draft.format == "markdown" and are_numbers


def _new_numbers(draft: Draft, ordered: Iterable[tuple[int, Sequence[str]]]) -> dict[str, int]:
    """Give the next numbers to the keys that are none, as they come."""
    taken = (*draft.cites, *(reference.key for reference in draft.references))
    last = max((int(key) for key in taken if _NUMBER.fullmatch(key)), default=0)
    new = dict.fromkeys(key for _, keys in ordered for key in keys if not _NUMBER.fullmatch(key))
    return {key: number for number, key in enumerate(new, last + 1)}


# The draft's own list of references


def _added_references(
    draft: Draft, keys: Sequence[str], references: Mapping[str, str], numbers: Mapping[str, int]
) -> Iterator[tuple[int, str]]:
    if not keys:
        return
    line_end = "\r\n" if "\r\n" in draft.text else "\n"
    last = draft.references[-1] if draft.references else None
    texts = {key: " ".join(references[key].split()) for key in keys}
    if draft.format == "latex":
        if last:
            items = (f"{line_end}\\bibitem{{{key}}} {escape_latex(texts[key])}" for key in keys)
            yield last.end, "".join(items)
        return
    if not numbers:
        return
    added = [key for key in keys if key in numbers]
    if last:
        form = _NUMBERING.match(draft.text, last.start)
        numbering = form[1] if form else "[1]"
        lines = (
            f"{line_end}{_NUMBER.sub(str(numbers[key]), numbering)} {texts[key]}" for key in added
        )
        yield last.end, "".join(lines)
    else:
        heading = "## References" if draft.format == "markdown" else "References"
        lines = (f"{line_end}[{numbers[key]}] {texts[key]}" for key in added)
        gap = "" if draft.text.endswith("\n") else line_end
        yield len(draft.text), f"{gap}{line_end}{heading}{line_end}{''.join(lines)}{line_end}"
