"""Turn the tags and entities of HTML, JATS and MathML into plain text.

Only tags that these vocabularies know are markup: `<think>`, `<s>` and `p < 0.05` are text.
Every pass is linear in the text, whatever its tags do.
"""

import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.entities import html5
from itertools import pairwise


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_BLOCK = _names(
    "p div br hr li ul ol dl dt dd tr td th h1 h2 h3 h4 h5 h6 sec list list-item section table"
    " abstract caption disp-formula disp-quote def def-list def-item break body html head"
)
_INLINE = _names(
    "i b em strong u italic bold sc scp span small big tt font underline monospace roman code a"
    " sans-serif styled-content named-content inline-formula inline-graphic alternatives ext-link"
    " xref mark abbr label overline strike center"
)
_MATH = _names(
    "math mi mn mo mtext ms mrow mstyle semantics msup msub msubsup mmultiscripts mfrac msqrt mroot"
    " mover munder munderover mfenced mpadded mphantom menclose mtable mtr mtd mspace"
)
_FRAMED = _MATH | {
    "sub", "sup", "title", "annotation", "annotation-xml", "tex-math", "tex", "script", "style",
}  # fmt: skip
_KNOWN = _BLOCK | _INLINE | _FRAMED
# Words that texts also write in angle brackets: markup only where the text closes them too.
_PAIRED = _names(
    "a abstract b body bold break caption center code def font head html i italic label list mark"
    " math ms overline p roman script sec section small big span strike strong style table tex"
    " title tt u underline"
)
_TAG = re.compile(
    r"<(/?)((?:jats|mml|m|xhtml|html):)?([A-Za-z][A-Za-z0-9-]*+)"
    r"(?:\s++[A-Za-z_:][\w:.-]*+\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>]++))*+\s*+(/?)>"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_DEEPEST_ENCODING = 3  # "&amp;amp;lt;" has been seen; more is an attack

_SUPERSCRIPT = dict(
    zip(
        "0123456789+-−–=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        strict=True,
    )
)
_SUBSCRIPT = dict(
    zip(
        "0123456789+-−–=()aehijklmnoprstuvx",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ",
        strict=True,
    )
)
_OVER = {".": "\u0307", "˙": "\u0307", "¯": "\u0304", "‾": "\u0304", "^": "\u0302",
         "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303", "→": "\u20d7", "¨": "\u0308"}  # fmt: skip


def decode_entities(text: str) -> str:
    """Decode entities, encoded up to three times over.

    Only what ends in a semicolon and names a character is an entity: "AT&T", "R&D" and
    "?a=1&region=2" stay.
    """
    for _ in range(_DEEPEST_ENCODING):
        decoded = _ENTITY.sub(_decode_entity, text)
        if decoded == text:
            break
        text = decoded
    return text


def _decode_entity(match: re.Match[str]) -> str:
    entity = match[0]
    # html.unescape would also take the start of an unknown name: "&notit;" is no "¬it;".
    return html.unescape(entity) if entity[1] == "#" else html5.get(entity[1:], entity)


def superscript(text: str) -> str:
    """Give text as a superscript: "-3" as ⁻³, "th" as it is, "0.5" as ^0.5."""
    return _script(text, _SUPERSCRIPT, "^")


def subscript(text: str) -> str:
    """Give text as a subscript: "2" as ₂, "max" as it is, "0.5" as _0.5."""
    return _script(text, _SUBSCRIPT, "_")


def _script(text: str, characters: dict[str, str], mark: str) -> str:
    """Raise or lower text where every character can be.

    Words stay on the line ("1st", "BERTbase"), because in raised letters no search finds
    them. A number that cannot be raised keeps a mark, because "100.5" is not 10^0.5.
    """
    text = " ".join(text.split())
    compact = text.replace(" ", "")
    is_word = any(a.isalpha() and b.isalpha() for a, b in pairwise(compact))
    if not is_word and all(c == "," or c in characters for c in compact):
        return "".join(characters.get(c, c) for c in compact)
    if text[0].isdigit() or text[0] in "+-−":
        return f"{mark}({text})" if " " in text else mark + text
    return "°" if text == "∘" else text


@dataclass(slots=True)
class _Element:
    """An open element: its name, and the texts of what it holds so far."""

    name: str
    parts: list[str] = field(default_factory=list)


def strip_tags(text: str) -> str:
    """Give the text that tags mark up: block tags part words, inline tags do not."""
    text = _drop_between(text, "<!--", "-->").replace("<![CDATA[", "").replace("]]>", "")
    tags = list(_TAG.finditer(text))
    closed = {tag[3].lower() for tag in tags if tag[1]}
    tags = [tag for tag in tags if _is_markup(tag, closed)]
    if not tags:
        return text
    stack = [_Element("")]
    n_open: Counter[str] = Counter()
    position = 0
    for tag in tags:
        stack[-1].parts.append(text[position : tag.start()])
        position = tag.end()
        name = tag[3].lower()
        if name in _BLOCK:
            stack[-1].parts.append(" ")
        elif name in _FRAMED and not tag[4]:
            _open_or_close(stack, n_open, name, is_closing=bool(tag[1]), has_math="math" in closed)
    stack[-1].parts.append(text[position:])
    while len(stack) > 1:
        unclosed = stack.pop()
        stack[-1].parts.append("".join(unclosed.parts))
    plain = "".join(stack[0].parts)
    return plain.rstrip().removesuffix(":") if "title" in closed else plain


def _is_markup(tag: re.Match[str], closed: set[str]) -> bool:
    name = tag[3].lower()
    if tag[2]:
        return True
    return name in _KNOWN and (name not in _PAIRED or name in closed)


def _open_or_close(
    stack: list[_Element], n_open: Counter[str], name: str, *, is_closing: bool, has_math: bool
) -> None:
    """Open an element on the stack, or close it with all that was left open in it."""
    if not is_closing:
        stack.append(_Element(name))
        n_open[name] += 1
    elif n_open[name]:
        while True:
            element = stack.pop()
            n_open[element.name] -= 1
            if element.name == name:
                break
            stack[-1].parts.append("".join(element.parts))
        stack[-1].parts.append(_flatten(element, has_math=has_math))


def _flatten(element: _Element, *, has_math: bool) -> str:
    """Give the text of a closed element."""
    name = element.name
    if name in _DROPPED or (has_math and name in ("tex-math", "tex")):
        return ""  # the same formula once more, or no text
    if name in _MATH:
        arguments = [part.strip() for part in element.parts if part.strip()]
        if len(arguments) == _N_ARGUMENTS.get(name):
            return _MATH_FORMS[name](arguments)
        return (" " if name in ("mtr", "mtable") else "").join(arguments)
    inner = "".join(element.parts)
    if not inner.strip():
        return inner
    return _TEXT_FORMS[name](inner)


def _label(title: str) -> str:
    """Set a section's title off from its text: "Background: We did"."""
    title = title.strip()
    return f" {title}: " if title[-1].isalnum() else f" {title} "


def _formula(tex: str) -> str:
    """Give the formula of a whole LaTeX document, as some publishers write each formula."""
    return tex.partition(r"\begin{document}")[2].partition(r"\end{document}")[0] or tex


def _fraction(arguments: list[str]) -> str:
    above, below = (x if len(x) == 1 or x.isalnum() else f"({x})" for x in arguments)
    return f"{above}/{below}"


_DROPPED = frozenset({"annotation", "annotation-xml", "script", "style"})
_TEXT_FORMS: dict[str, Callable[[str], str]] = {
    "sub": subscript,
    "sup": superscript,
    "title": _label,
    "tex-math": _formula,
    "tex": _formula,
}
_MATH_FORMS: dict[str, Callable[[list[str]], str]] = {
    "msup": lambda xs: xs[0] + superscript(xs[1]),
    "msub": lambda xs: xs[0] + subscript(xs[1]),
    "msubsup": lambda xs: xs[0] + subscript(xs[1]) + superscript(xs[2]),
    "mfrac": _fraction,
    "mover": lambda xs: xs[0] + _OVER.get(xs[1], xs[1]),
    "mroot": lambda xs: f"{superscript(xs[1])}√{xs[0]}",
    "msqrt": lambda xs: f"√{xs[0]}" if len(xs[0]) == 1 else f"√({xs[0]})",
}
_N_ARGUMENTS = {"msup": 2, "msub": 2, "msubsup": 3, "mfrac": 2, "mover": 2, "mroot": 2, "msqrt": 1}


def _drop_between(text: str, opening: str, closing: str) -> str:
    """Drop every span from an opening mark to the next closing one."""
    kept: list[str] = []
    position = 0
    while (start := text.find(opening, position)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + len(closing)
    return "".join(kept) + text[position:] if kept else text
