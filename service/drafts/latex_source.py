r"""The source of a LaTeX draft: which brace, environment and option closes where.

All pairs are found once, in one linear pass that knows of comments and verbatim text. What
nothing closes has no pair, and whoever asks for it is told so.
"""

import re
from bisect import bisect_left
from collections import defaultdict

from index.latex import decode_latex
from service.drafts.latex_commands import VERBATIM

_PAIRING = re.compile(
    r"\\verb\*?([^\sA-Za-z*{])[^\n]*?\1|\\(begin|end)[ ]*\{([^{}\n]{1,40})\}|\\[\s\S]|%[^\n]*|[{}]"
)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_GAP = re.compile(r"[ \t]*(?:%[^\n]*)?(?:\r?\n(?![ \t\r]*\n)[ \t]*)?")
_IN_OPTION = re.compile(r"\\[\s\S]|[\][{}]|\n[ \t\r]*\n")
_IN_FORMULA = re.compile(r"\\[\s\S]|[{}$]|\n[ \t\r]*\n")
_DEFINITION = re.compile(
    r"\\(?:re)?(?:new|provide)command\*?[ ]*\{?[ ]*\\([A-Za-z]+)[ ]*\}?[ ]*(?:\[0\])?[ ]*(?=\{)"
)
_FI = re.compile(r"\\fi(?![A-Za-z])")
_TITLE = re.compile(r"\\title(?![A-Za-z])")
_LONGEST_OPTION = 400
_LONGEST_FORMULA = 3000
_LONGEST_TEXT_OF_A_COMMAND = 200


class LatexSource:
    """A LaTeX text, and where in it what was opened is closed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._closes: dict[int, int] = {}
        self._environments: dict[int, tuple[int, int]] = {}
        self._blank_lines = [found.start() for found in _BLANK_LINE.finditer(text)]
        self._ends_of_false = [found.end() for found in _FI.finditer(text)]
        self._pair()

    def _pair(self) -> None:
        text, position, braces = self.text, 0, list[int]()
        begun: defaultdict[str, list[int]] = defaultdict(list)
        while (found := _PAIRING.search(text, position)) is not None:
            position = found.end()
            if found[0] == "{":
                braces.append(found.start())
            elif found[0] == "}":
                if braces:
                    self._closes[braces.pop()] = found.start()
            elif found[2] == "begin":
                begun[found[3]].append(found.start())
                if found[3] in VERBATIM:
                    position = self._verbatim_end(found[3], position)
            elif found[2] and begun[found[3]]:
                self._environments[begun[found[3]].pop()] = found.span()

    def _verbatim_end(self, name: str, position: int) -> int:
        end = self.text.find(f"\\end{{{name}}}", position)
        # Without an end, verbatim text would go on to the end of the file.
        return len(self.text) if end < 0 else end

    def close_of(self, brace: int) -> int | None:
        """Give where the brace is that closes the one at a place."""
        return self._closes.get(brace)

    def environment(self, begin: int) -> tuple[int, int] | None:
        r"""Give where the `\end` of the environment stands that begins at a place."""
        return self._environments.get(begin)

    def argument(self, position: int, *, is_adjacent: bool = False) -> tuple[int, int] | None:
        """Give where the braces of an argument are that stands at a place, or a space behind."""
        if not is_adjacent:
            gap = _GAP.match(self.text, position)
            position = gap.end() if gap else position
        close = self._closes.get(position)
        return None if close is None else (position, close)

    def after_options(self, position: int, brackets: str = "[]") -> int:
        """Give where the options that stand at a place end."""
        while self.text.startswith(brackets[0], position):
            end = self._option_end(position, brackets)
            if end is None:
                break
            position = end
        return position

    def _option_end(self, position: int, brackets: str) -> int | None:
        if brackets != "[]":
            end = self.text.find(brackets[1], position, position + _LONGEST_OPTION)
            return None if end < 0 else end + 1
        depth = 0
        for found in _IN_OPTION.finditer(self.text, position, position + _LONGEST_OPTION):
            sign = found[0]
            if sign in "[{":
                depth += 1
            elif sign in "]}":
                depth -= 1
                if depth == 0:
                    return found.end()
            elif sign[0] == "\n":
                return None
        return None

    def formula_end(self, position: int) -> int | None:
        """Give where the dollar is that ends a formula begun before a place."""
        depth = 0
        for found in _IN_FORMULA.finditer(self.text, position, position + _LONGEST_FORMULA):
            sign = found[0]
            if sign[0] == "\n" or (sign == "}" and depth == 0):
                return None
            if sign == "$" and depth == 0:
                return found.start()
            depth += (sign == "{") - (sign == "}")
        return None

    def end_of_false(self, position: int) -> int | None:
        r"""Give where `\fi` ends what `\iffalse` hides."""
        number = bisect_left(self._ends_of_false, position)
        return self._ends_of_false[number] if number < len(self._ends_of_false) else None

    def holds_paragraphs(self, start: int, end: int) -> bool:
        """Say whether a blank line stands between two places."""
        number = bisect_left(self._blank_lines, start)
        return number < len(self._blank_lines) and self._blank_lines[number] < end

    def body(self) -> tuple[int, int]:
        """Give where the document begins and ends, without its preamble."""
        for begin, (end, _) in self._environments.items():
            if self.text.startswith("\\begin{document}", begin):
                return begin + len("\\begin{document}"), end
        begin = self.text.find("\\begin{document}")
        return (max(0, begin), len(self.text))

    def title(self) -> str | None:
        r"""Give the text of `\title`."""
        found = _TITLE.search(self.text)
        if found is None:
            return None
        argument = self.argument(self.after_options(found.end()))
        return self.read(*argument) if argument else None

    def read(self, start: int, end: int) -> str:
        """Give what an argument sets, on one line; at most 500 characters of it."""
        return " ".join(decode_latex(self.text[start + 1 : min(end, start + 500)]).split())

    def commands(self) -> dict[str, str]:
        """Give what the draft's own commands without arguments set."""
        defined: dict[str, str] = {}
        for found in _DEFINITION.finditer(self.text):
            close = self._closes.get(found.end())
            if close is not None and close - found.end() <= _LONGEST_TEXT_OF_A_COMMAND:
                written = self.text[found.end() + 1 : close]
                if "#" not in written and f"\\{found[1]}" not in written:
                    defined[found[1]] = self.read(found.end(), close)
        return defined
