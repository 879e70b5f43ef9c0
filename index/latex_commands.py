"""What LaTeX's commands stand for, as tables: the data that `index.latex` decodes by."""

import unicodedata
from collections.abc import Callable, Sequence

from index.markup import subscript, superscript

_Form = Callable[[Sequence[str]], str]


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "H": "\u030b", "u": "\u0306", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331", "t": "\u0361",
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0304", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308",
    "acute": "\u0301", "grave": "\u0300", "breve": "\u0306", "check": "\u030c",
    "mathring": "\u030a", "not": "\u0338",
}  # fmt: skip
"""The combining character of each accent."""

SIGNS = {
    "\\": " ", " ": " ", "\n": " ", "\t": " ", ",": " ", ";": " ", ":": " ", ">": " ",
    "!": "", "/": "", "@": "", "-": "", "(": "", ")": "", "[": " ", "]": " ", "|": "‖",
}  # fmt: skip
"""What a backslash and one character stand for, where it is not that character."""

SYMBOLS = {
    "deg": "°", "degree": "°", "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "euro": "€",
    "texteuro": "€", "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "checkmark": "✓",
    "cmark": "✓", "xmark": "✗", "prime": "′", "mid": "|", "colon": ":", "dotsc": "…",
    "quad": " ", "qquad": " ", "par": " ", "newline": " ", "linebreak": " ", "item": " • ",
    "hfill": " ", "and": " ", "ie": "i.e.", "eg": "e.g.", "etal": "et al.", "etc": "etc.",
    "left": "", "right": "", "middle": "", "big": "", "Big": "", "bigg": "", "Bigg": "",
    "bigl": "", "bigr": "", "Bigl": "", "Bigr": "", "limits": "", "nolimits": "",
    "textquotesingle": "'", "textasciitilde": "~", "textasciicircum": "^", "textbar": "|",
    "textless": "<", "textgreater": ">", "lt": "<", "gt": ">", "percent": "%", "bmod": " mod ",
    "mod": " mod ", "star": "*", "ast": "*", "circ": "∘", "sim": "~", "thicksim": "~",
}  # fmt: skip
"""Commands without arguments that pylatexenc lacks, or sets otherwise than we do."""

LETTERS = _names("ss o O l L i j ae AE oe OE aa AA dh DH th TH dj DJ ng NG")
"""Commands that are letters of a word: the space after them only ends their name."""

FUNCTIONS = _names(
    "log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh max min sup inf"
    " lim limsup liminf arg argmax argmin det dim ker gcd hom Pr"
)
"""Names of functions, set apart from what they follow."""

DECLARATIONS = _names(
    "em it bf tt rm sc sl sf itshape bfseries ttfamily rmfamily sffamily scshape upshape slshape"
    " normalfont tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge"
    " displaystyle textstyle scriptstyle relax protect noindent centering xspace boldmath"
    " selectfont nobreak allowbreak unskip ignorespaces"
)
"""Commands that change how text is set and leave no trace in plain text."""

RAW = frozenset(("url", "path", "nolinkurl", "href"))
"""Commands whose first argument is an address, not LaTeX."""


def drop(_arguments: Sequence[str]) -> str:
    """Leave nothing."""
    return ""


def _second(arguments: Sequence[str]) -> str:
    r"""Keep what is set, not how: \textcolor{red}{x}."""
    return arguments[1]


def _link(arguments: Sequence[str]) -> str:
    """Keep a link's text, or its address where it has none."""
    return arguments[-1].strip() or arguments[0]


def _fraction(arguments: Sequence[str]) -> str:
    """Write a fraction on the line."""
    above, below = (_bracketed(text) for text in arguments)
    return f"{above}/{below}"


def _code_point(arguments: Sequence[str]) -> str:
    r"""Give the character of a code point: \unicode{x2014}."""
    digits = arguments[0].strip().lower()
    try:
        character = chr(int(digits.removeprefix("x"), 16 if digits.startswith("x") else 10))
    except (ValueError, OverflowError):
        return arguments[0]
    return "" if unicodedata.category(character) == "Cs" else character


def _bracketed(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 1 or text.isalnum() else f"({text})"


_SECOND = _names("textcolor colorbox overset underset stackrel raisebox scalebox")
_FRACTIONS = _names("frac dfrac tfrac cfrac nicefrac sfrac")
_DROPPED = _names(
    "cite citep citet citealp citeauthor citeyear parencite textcite autocite nocite label"
    " ref cref Cref eqref autoref vspace hspace includegraphics color pagestyle thanks"
    " bibliography usepackage documentclass fontfamily setcounter vskip phantom"
)


FORMS: dict[str, _Form] = {
    **dict.fromkeys(_DROPPED, drop),
    **dict.fromkeys(_SECOND, _second),
    **dict.fromkeys(_FRACTIONS, _fraction),
    "href": _link,
    "superscript": lambda xs: superscript(xs[0]),
    "_": lambda xs: subscript(xs[0]),
    "textsuperscript": lambda xs: superscript(xs[0]),
    "textsubscript": lambda xs: subscript(xs[0]),
    "sqrt": lambda xs: f"√{_bracketed(xs[0])}",
    "binom": lambda xs: f"({xs[0]} choose {xs[1]})",
    "footnote": lambda xs: f" ({xs[0].strip()})" if xs[0].strip() else "",
    "pmod": lambda xs: f" (mod {xs[0].strip()})",
    "unicode": _code_point,
    "begin": lambda _: " ",
    "end": lambda _: " ",
    "operatorname": lambda xs: xs[0],
}  # fmt: skip
"""How commands with arguments are set; any other command is its arguments."""

N_ARGUMENTS = dict.fromkeys((*_SECOND, *_FRACTIONS, "binom", "href"), 2)
"""How many arguments a command takes, where it is not one."""
