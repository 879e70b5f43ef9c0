r"""Decode LaTeX into plain Unicode, in one linear pass that no input can break.

The characters that commands stand for come from pylatexenc. Its parser is not used: it takes
`%` for a comment, which loses the rest of an abstract that says "50% of", it recurses into
every brace, and it drops commands it does not know, where an author's own `\method` is a word.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache

from index.latex_commands import (
    ACCENTS,
    DECLARATIONS,
    FORMS,
    FUNCTIONS,
    LETTERS,
    N_ARGUMENTS,
    RAW,
    SIGNS,
    SYMBOLS,
    drop,
)

_SPECIAL = re.compile(r"[\\{}$^_ˆ~]")
_NAME_OR_SIGN = re.compile(r"([A-Za-z]+)\*?|([^A-Za-z])", re.DOTALL)
_PATH = re.compile(r"\\(?=\w)[^\s{}$\"<>|]*|\\\\\w[\w.-]*\\\w[^\s{}$\"<>|]*")
_DRIVE = re.compile(r"(?<![A-Za-z])[A-Za-z]:")
_DASHES = re.compile(r"(?<!-)---?(?!-)")
_QUOTES = re.compile(r"``|''")
_DEEPEST = 100
_LONGEST_FORMULA = 1000
_FORMULA = re.compile(rf"((?:[^$\\]|\\.){{1,{_LONGEST_FORMULA}}}?)\$\$?", re.DOTALL)
_COMMAND = re.compile(r"\\[A-Za-z]|[\^_{ˆ]")
_BRACED = re.compile(r"\{[^{}]{1,40}\}")
_OPTION = re.compile(r"\[[^\][]{0,60}\](?=\{)")
_SPACED_LETTER = re.compile(r"\s+[^\W\d_](?![^\W\d_])|\s*\\[ij](?![A-Za-z])")
_CONTRACTION = re.compile(r"(?:s|t|re|ve|ll|d|m)\b")
_TIED_BEFORE = re.compile(r"[\w.,)\]$%}]")
_TIED_AFTER = re.compile(r"[\w(\\$:;!?«»]")


def decode_latex(text: str, *, only_evident: bool = False) -> str:
    """Give the text that LaTeX sets, spaces as they come.

    `only_evident` is for text that need not be LaTeX: braces, dollars, ties and unknown
    commands stay unless they can be nothing else.
    """
    return _Decoder(text, only_evident=only_evident).decode()


@cache
def _symbols() -> dict[str, str]:
    """Give the character that each command without arguments stands for."""
    # Imported by the first text that needs it: it costs 40 ms, and serving never does.
    from pylatexenc.latex2text import get_default_latex_context_db

    symbols: dict[str, str] = {}
    for spec in get_default_latex_context_db().iter_macro_specs():
        text = spec.simplify_repl
        # "<ref>" and the like are placeholders; \today would date the answer by the clock.
        if isinstance(text, str) and "<" not in text[:-1] and spec.macroname != "today":
            symbols.setdefault(spec.macroname, " ".join(text.split()) if text.strip() else " ")
    return symbols | SYMBOLS


@dataclass(slots=True)
class _Frame:
    """What is open: a group, or a command that still waits for arguments."""

    command: str | None = None
    parts: list[str] = field(default_factory=list)
    wanted: int = 0
    is_literal: bool = False


class _Decoder:
    """One pass over one text: tokens in, frames on a stack, plain text out."""

    def __init__(self, text: str, *, only_evident: bool, is_math: bool = False) -> None:
        self._text = text
        self._only_evident = only_evident
        self._is_math = is_math
        self._stack = [_Frame()]
        self._position = 0
        self._n_too_deep = 0
        self._swallows_space = False
        self._n_quotes = 0
        self._last_quote = text.rfind("''")
        self._has_escaped_quotes = '\\" ' in text or text.endswith('\\"')

    def decode(self) -> str:
        handlers = {
            "\\": self._on_backslash,
            "{": self._on_opening_brace,
            "}": self._on_closing_brace,
            "$": self._on_dollar,
            "~": self._on_tie,
        }
        while special := _SPECIAL.search(self._text, self._position):
            start = special.start()
            self._write_plain(self._position, start)
            self._position = start + 1
            handlers.get(special[0], self._on_script)()
        self._write_plain(self._position, len(self._text))
        while len(self._stack) > 1:
            self._close()
        return "".join(self._stack[0].parts)

    def _write_plain(self, start: int, end: int) -> None:
        """Write what stands between two special characters, its dashes and quotes set."""
        text = self._text[start:end]
        if not self._is_math:
            if "``" in text or "''" in text:
                text = _QUOTES.sub(
                    lambda quotes: self._quote(quotes[0], start + quotes.start()), text
                )
            if "--" in text and not self._only_evident:
                text = _DASHES.sub(lambda dashes: "–" if len(dashes[0]) == 2 else "—", text)
        self._write(text)

    def _quote(self, mark: str, position: int) -> str:
        """Give a typographic quote for LaTeX's where both ends of the quotation are there."""
        if mark == "``" and position < self._last_quote:
            self._n_quotes += 1
            return "“"
        if mark == "''" and self._n_quotes:
            self._n_quotes -= 1
            return "”"
        return mark

    def _write(self, text: str) -> None:
        """Write plain text: the next character of it may be a command's argument."""
        if self._swallows_space and text:
            text = text.lstrip()
        while text and self._stack[-1].wanted:
            text = text.lstrip()
            if text:
                self._emit(text[0])
                text = text[1:]
        if text:
            self._swallows_space = False
            self._stack[-1].parts.append(text)

    def _emit(self, piece: str) -> None:
        """Put a finished piece where it belongs, finishing commands it completes."""
        self._swallows_space = False
        while True:
            frame = self._stack[-1]
            frame.parts.append(piece)
            if not frame.wanted:
                return
            frame.wanted -= 1
            if frame.wanted:
                return
            piece = self._form(self._stack.pop())

    def _push(self, frame: _Frame) -> bool:
        if len(self._stack) >= _DEEPEST:
            return False
        self._stack.append(frame)
        return True

    def _close(self) -> None:
        """Close the innermost frame, whether or not it is complete."""
        frame = self._stack.pop()
        if frame.command is not None:
            self._emit(self._form(frame))
        else:
            self._emit(("{" if frame.is_literal else "") + "".join(frame.parts))

    def _form(self, frame: _Frame) -> str:
        """Give what a command makes of its arguments, however many there are."""
        name = frame.command or ""
        if name in ACCENTS:
            return self._accented(name, "".join(frame.parts))
        form = FORMS.get(name)
        if form is None:
            # An author's own \method{} is a word of the sentence.
            return " ".join(part for part in frame.parts if part) or name
        if form is drop and self._stack[-1].parts:
            self._stack[-1].parts[-1] = self._stack[-1].parts[-1].rstrip()
        return form(frame.parts + [""] * (N_ARGUMENTS.get(name, 1) - len(frame.parts)))

    def _accented(self, name: str, argument: str) -> str:
        letter = argument.replace("ı", "i").replace("ȷ", "j")
        if name.isalpha() and len(letter) > 1:
            # arXiv writes ρ as \r{ho}, because \r is an accent; math accents span more.
            return _symbols().get(name + letter, letter)
        if not letter:
            return name if name in "^~" else ""
        return unicodedata.normalize("NFC", letter[0] + ACCENTS[name]) + letter[1:]

    def _last_character(self) -> str:
        parts = self._stack[-1].parts
        return parts[-1][-1:] if parts else ""

    def _next(self) -> str:
        return self._text[self._position : self._position + 1]

    def _on_backslash(self) -> None:
        if self._only_evident and not self._is_math and self._is_path():
            return
        command = _NAME_OR_SIGN.match(self._text, self._position)
        if command is None:
            self._write("\\")  # the very last character
        else:
            self._position = command.end()
            if command[1]:
                self._on_name(command[1])
            else:
                self._on_sign(command[2])

    def _is_path(self) -> bool:
        """Copy a path of Windows, if the backslash just read is one's first."""
        start = self._position - 1
        is_after_drive = _DRIVE.match(self._text, max(start - 2, 0), start)
        path = _PATH.match(self._text, start) if is_after_drive or self._next() == "\\" else None
        if path:
            self._position = path.end()
            self._write(path[0])
        return path is not None

    def _on_name(self, name: str) -> None:
        if option := _OPTION.match(self._text, self._position):
            self._position = option.end()
        if name in RAW and self._next() == "{":
            self._on_raw(name)
        elif self._takes_arguments(name):
            self._wait_for_arguments(name)
        else:
            self._on_bare_name(name)

    def _takes_arguments(self, name: str) -> bool:
        has_argument = self._next() == "{"
        if name in ACCENTS and self._accepts_accent(name):
            return True
        if name in FORMS:
            return has_argument or not self._is_foreign(name)
        return has_argument and name not in DECLARATIONS and name not in _symbols()

    def _wait_for_arguments(self, name: str) -> None:
        self._push(_Frame(command=name, wanted=N_ARGUMENTS.get(name, 1)))

    def _on_bare_name(self, name: str) -> None:
        """Write a command that takes no arguments."""
        if self._is_foreign(name):
            self._write(f"\\{name}")
            return
        is_ended = self._text.startswith("{}", self._position)
        self._position += 2 if is_ended else 0
        if name in DECLARATIONS:
            self._emit_declaration()
        else:
            symbol = _symbols().get(name, name)
            before = self._last_character()
            if name in FUNCTIONS and (before.isalnum() or before == ")"):
                symbol = f" {symbol}"
            self._emit(symbol)
            is_operator = self._is_math and name not in FUNCTIONS and not before.isspace()
            if not before and self._text.startswith(" \\", self._position):
                is_operator = False  # "\rho \in" at a formula's start: keep the two apart
            self._swallows_space = (name in LETTERS or is_operator) and not is_ended

    def _emit_declaration(self) -> None:
        if self._stack[-1].wanted:
            self._emit("")
        self._swallows_space = True

    def _is_foreign(self, name: str) -> bool:
        r"""Say whether a backslash and a word may be no LaTeX at all: "\n", "\server"."""
        if not self._only_evident or self._is_math or len(self._stack) > 1:
            return False
        if self._text.startswith("{}", self._position):
            return False
        return len(name) == 1 or name in DECLARATIONS or name not in _symbols()

    def _accepts_accent(self, name: str) -> bool:
        if len(name) > 1 or self._next() == "{":
            return not self._is_foreign(name) or self._next() == "{"
        is_sure = not self._only_evident or len(self._stack) > 1
        return is_sure and bool(_SPACED_LETTER.match(self._text, self._position))

    def _on_raw(self, name: str) -> None:
        """Read an address, in which `~`, `_` and `%` are themselves."""
        end = self._text.find("}", self._position, self._position + _LONGEST_FORMULA)
        if end < 0:
            return
        address = re.sub(r"\\([%_#&~$])", r"\1", self._text[self._position + 1 : end])
        self._position = end + 1
        if name != "href" or not self._push(_Frame(command=name, parts=[address], wanted=1)):
            self._emit(address)

    def _on_sign(self, sign: str) -> None:
        if sign in "([" and self._on_formula("\\" + {"(": ")", "[": "]"}[sign]):
            return
        if sign in ACCENTS:
            if not self._only_evident or self._accepts_sign(sign):
                self._push(_Frame(command=sign, wanted=1))
            elif sign in "\"'":
                self._write(sign)  # an escaped quote
            else:
                self._write("\\" + sign)
        elif sign == "/" and self._only_evident:
            self._write("/")  # JSON's way to write a slash
        else:
            self._emit(SIGNS.get(sign, sign))

    def _accepts_sign(self, sign: str) -> bool:
        r"""Say whether a backslash and an accent put it on a letter; "don\'t" does not."""
        following = self._text[self._position : self._position + 2]
        if following[:1] == "{" or following == "\\i":
            return True
        if not following[:1].isalpha() or sign in ".=":
            return False
        if sign == '"' and self._has_escaped_quotes:
            return False
        is_in_word = self._text[self._position - 3 : self._position - 2].isalpha()
        if sign == "'" and is_in_word and _CONTRACTION.match(self._text, self._position):
            return False
        return len(unicodedata.normalize("NFC", following[0] + ACCENTS[sign])) == 1

    def _on_opening_brace(self) -> None:
        is_group = self._stack[-1].wanted > 0 or not self._only_evident or self._is_math
        frame = _Frame(is_literal=not is_group and self._next() != "\\")
        if not self._push(frame):
            self._n_too_deep += 1

    def _on_closing_brace(self) -> None:
        if self._n_too_deep:
            self._n_too_deep -= 1
            return
        while self._stack[-1].command is not None:
            self._close()
        if len(self._stack) == 1:
            if self._only_evident and not self._is_math:
                self._write("}")
            return
        frame = self._stack.pop()
        inner = "".join(frame.parts)
        self._swallows_space = False
        outer = self._stack[-1]
        is_unknown = outer.command not in FORMS and outer.command not in ACCENTS
        if outer.command is not None and is_unknown and self._next() == "{":
            outer.wanted += 1  # nobody knows how many arguments it takes
        self._emit(f"{{{inner}}}" if frame.is_literal else inner)

    def _on_dollar(self) -> None:
        mark = "$$" if self._next() == "$" else "$"
        self._position += len(mark) - 1
        formula = _FORMULA.match(self._text, self._position)
        if formula and not self._is_math and self._is_formula(formula):
            self._position = formula.end()
            self._emit(self._decode_formula(formula[1]))
        else:
            self._write(mark)

    def _is_formula(self, formula: re.Match[str]) -> bool:
        """Say whether what stands between two dollars is a formula, not an amount."""
        inner = formula[1]
        if _COMMAND.search(inner):
            return True
        following = self._text[formula.end() : formula.end() + 1]
        if following.isdigit() or inner[0].isspace():
            return False
        if not any(character.isspace() for character in inner):
            return True
        return not inner[-1].isspace() and (
            not self._only_evident or bool(re.search(r"[=<>≤≥≈±×∈→]", inner))
        )

    def _on_formula(self, closing: str) -> bool:
        end = self._text.find(closing, self._position, self._position + _LONGEST_FORMULA)
        if end < 0 or self._is_math:
            return False
        inner = self._text[self._position : end]
        self._position = end + len(closing)
        self._emit(self._decode_formula(inner))
        return True

    def _decode_formula(self, inner: str) -> str:
        decoder = _Decoder(inner, only_evident=self._only_evident, is_math=True)
        return decoder.decode()

    def _on_script(self) -> None:
        mark = self._text[self._position - 1]
        braced = _BRACED.match(self._text, self._position)
        if not self._is_math and (mark == "ˆ" or not braced):
            self._write(mark)
        elif self._next().strip():
            self._wait_for_arguments("_" if mark == "_" else "superscript")

    def _on_tie(self) -> None:
        before = self._text[max(self._position - 2, 0) : self._position - 1]
        following = self._next()
        is_tie = before != "/"
        if self._only_evident and not self._is_math:
            is_tie = bool(_TIED_BEFORE.match(before) and _TIED_AFTER.match(following))
            is_tie = is_tie and not (before.isdigit() and following.isdigit())
        self._write(" " if is_tie else "~")
