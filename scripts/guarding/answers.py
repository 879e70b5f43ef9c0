"""Answers made of citations in some style, each at a known place, and what is known of it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from index.article import Article
from scripts.guarding.cited import FAULTS, Cited, Corpus
from scripts.guarding.styles import Style

CITATIONS = 4
"""So many citations an answer has."""
FALSE_SHARE = 0.5
_FEWEST = 5
_HEADINGS = ("## References", "**References:**", "References", "Sources:")
_SENTENCES = (
    "One line of work is described in {}.",
    "This was studied before in {}, with mixed results.",
    "As {} shows, the effect depends on the data.",
    "Several groups agree on this; see {}.",
    "A good starting point is {}.",
)
_POINTING = (
    "Earlier work has looked at this question {}.",
    "The effect was found in several data sets {}.",
    "It is not clear whether this holds in general {}.",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """A citation at its place in an answer, what it states, and in which style.

    `pointers` are the places where the text points to it by number.
    """

    start: int
    end: int
    cited: Cited
    style: str
    pointers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """An answer and all citations in it; `outside` are numbers that point to nothing."""

    text: str
    planted: tuple[Planted, ...]
    outside: tuple[tuple[int, int], ...] = ()


def make_answers(corpus: Corpus, styles: Sequence[Style], n: int, seed: int) -> Iterator[Made]:
    """Make answers, one style an answer, by turns."""
    draw = random.Random(seed)
    styles = [style for style in styles if _is_possible(corpus, style)]
    # of a corpus without authors and years few styles can be written, or none
    for number in range(n if styles else 0):
        style = styles[number % len(styles)]
        cited = [_drawn(corpus, style, draw) for _ in range(CITATIONS)]
        yield _listed(cited, style, draw) if style.is_listed else _running(cited, style, draw)


def _is_possible(corpus: Corpus, style: Style) -> bool:
    """Tell whether some articles have all that a style states."""
    fitting = (one for one in corpus.articles if can_state(Cited.of(one), style))
    return len([*islice(fitting, _FEWEST)]) == _FEWEST


def can_state(cited: Cited, style: Style) -> bool:
    """Tell whether an article has all that a style cannot do without."""
    if len(cited.title.split()) < 4 or any(sign in cited.title for sign in '"“”[]{}*_\\$<>|'):
        return False
    if "authors" in style.states and not (
        cited.authors and all(given for _, given in cited.authors)
    ):
        return False
    if "year" in style.states and cited.year is None:
        return False
    if "venue" in style.states and cited.venue is None:
        return False
    needs_doi = any(word in style.name for word in ("link", "brackets"))
    return not needs_doi or cited.doi is not None


def _drawn(corpus: Corpus, style: Style, draw: random.Random) -> Cited:
    """Draw an article that the style can state, and alter one of two."""
    while True:
        article: Article = draw.choice(corpus.articles)
        cited = Cited.of(article)
        if can_state(cited, style):
            break
    if draw.random() >= FALSE_SHARE:
        return cited
    kinds = [name for name, (field, _) in FAULTS.items() if field in style.states]
    draw.shuffle(kinds)
    for kind in kinds:
        altered = FAULTS[kind][1](cited, corpus, draw)
        if altered is not None:
            return replace(altered, fault=kind)
    return cited


def _running(cited: Sequence[Cited], style: Style, draw: random.Random) -> Made:
    """Write citations into running text, BibTeX as blocks of code."""
    text, planted = "# Answer\n\n", []
    for one in cited:
        written = style.write(one, draw)
        if written.startswith("@"):
            before, behind = "```bibtex\n", "\n```\n\n"
        elif written.startswith("\\bibitem"):
            before, behind = "\\begin{thebibliography}{9}\n", "\n\\end{thebibliography}\n\n"
        else:
            before, behind = draw.choice(_SENTENCES).split("{}")
            behind += draw.choice((" ", "\n\n"))
        start = len(text) + len(before)
        planted.append(Planted(start, start + len(written), one, style.name))
        text += before + written + behind
    return Made(text, tuple(planted))


def _listed(cited: Sequence[Cited], style: Style, draw: random.Random) -> Made:
    """Write a text that points to a list, and the list; one number in five is not in it."""
    text = ""
    pointers: list[tuple[int, int]] = []
    outside: list[tuple[int, int]] = []
    for number in range(1, len(cited) + 1):
        before, behind = draw.choice(_POINTING).split("{}")
        start = len(text) + len(before)
        pointers.append((start, start + len(f"[{number}]")))
        text += f"{before}[{number}]{behind} "
    if draw.random() < 0.2:
        before, behind = draw.choice(_POINTING).split("{}")
        start = len(text) + len(before)
        outside.append((start, start + len("[99]")))
        text += f"{before}[99]{behind}"
    text += f"\n\n{draw.choice(_HEADINGS)}\n\n"
    mark = draw.choice(("[{}] ", "{}. "))
    planted = []
    for number, (one, pointer) in enumerate(zip(cited, pointers, strict=True), 1):
        written = mark.format(number) + style.write(one, draw)
        start = len(text)
        planted.append(Planted(start, start + len(written), one, style.name, (pointer,)))
        text += written + "\n"
    return Made(text, tuple(planted), tuple(outside))
