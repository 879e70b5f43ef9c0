r"""What the commands of a LaTeX draft do to its prose, as tables.

How characters are set (`\'e`, `\alpha`) is known to `index.latex`; here is what a manuscript
adds: which commands cite, which begin or end a paragraph, which leave no prose behind.
"""

import re


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_CITING = re.compile(r"[A-Za-z]*[Cc]it(?:e|ation)[A-Za-z]*")
_NOT_CITING = _names(
    "citestyle setcitestyle citetext defcitealias citepunct citedash citename citereset"
    " citation DeclareCiteCommand citeindextrue citeindexfalse citetrackertrue bibcite"
)
_TEXTUAL = re.compile(r"(?:[Cc]itet|[Tt]extcite|[Nn]ewcite|[Cc]iteauthor|[Cc]iteA\Z|[Cc]itealt\Z)")
_SEVERAL = re.compile(r"cites\Z")


def is_citing(name: str) -> bool:
    """Say whether a command cites: those of LaTeX, natbib, biblatex, and any like them."""
    return _CITING.fullmatch(name) is not None and name not in _NOT_CITING


def is_textual(name: str) -> bool:
    r"""Say whether what a command sets is a word of the sentence, as `\citet` does."""
    return _TEXTUAL.match(name) is not None


def takes_several(name: str) -> bool:
    r"""Say whether a command takes key after key, as biblatex's `\parencites` does."""
    return _SEVERAL.search(name) is not None


REFERRING = _names("ref eqref pageref subref vpageref labelcref")
NAMED_REFERRING = _names("autoref cref Cref vref Vref nameref fullref zcref")
"""Commands that refer to a part of the draft: by a number, or by what it is and its number."""

SECTIONS = _names("part chapter section subsection subsubsection")
MINOR_SECTIONS = _names("paragraph subparagraph")
FOOTNOTES = _names("footnote footnotetext endnote sidenote tablefootnote")
CAPTIONS = _names("caption subcaption captionof")
FILES = _names("input include subfile import subimport includeonly")
ADDRESSES = _names("url path nolinkurl")
RAW = _names("verb lstinline mintinline Verb")
DEFINING = _names(
    "newcommand renewcommand providecommand DeclareRobustCommand NewDocumentCommand def gdef edef"
    " xdef newenvironment renewenvironment DeclareMathOperator newtheorem newcolumntype"
    " NewDocumentEnvironment DeclarePairedDelimiter"
)

N_DROPPED = {
    name: number
    for number, names in (
        (0, "maketitle tableofcontents listoffigures listoftables newpage clearpage cleardoublepage"
            " pagebreak nopagebreak FloatBarrier appendix frontmatter mainmatter backmatter"
            " centering"
            " raggedright toprule midrule bottomrule hline noindent indent smallskip medskip"
            " bigskip"
            " vfill hfill null leavevmode protect sloppy footnotemark qed qedhere printbibliography"
            " flushbottom raggedbottom singlespacing doublespacing onecolumn linenumbers balance"
            " iftrue else fi makeatletter makeatother ignorespaces unskip relax displaystyle"
            " printglossary printindex"),
        (1, "label vspace hspace vskip hskip includegraphics pagestyle thispagestyle thanks author"
            " date"
            " institute affiliation email address orcid keywords usepackage RequirePackage"
            " documentclass"
            " bibliography bibliographystyle addbibresource index glossary phantom hphantom"
            " vphantom"
            " hypersetup setlength pagenumbering todo marginpar marginnote cline cmidrule tikz"
            " usetikzlibrary graphicspath newlabel bibitem theoremstyle"
            " captionsetup lstset geometry linespread fontsize selectlanguage foreignlanguage color"
            " acknowledgments subjclass pacs ccsdesc nocite citestyle setcitestyle bibpunct"
            " frenchspacing newcounter stepcounter refstepcounter newif newlength hyphenation"
            " lstinputlisting inputminted bibdata ensuremath icmltitlerunning titlerunning"
            " authorrunning markboth runninghead PassOptionsToPackage"),
        (2, "setcounter addtocounter addtolength defcitealias definecolor rule fontfamily"
            " addcontentsline renewbibmacro icmlauthor icmlaffiliation icmlcorrespondingauthor"),
        (3, "multido"),
    )
    for name in names.split()
}  # fmt: skip
"""Commands that leave no prose, and how many arguments go with them."""

N_BEFORE_PROSE = {
    **dict.fromkeys(("textcolor", "colorbox", "href", "raisebox", "scalebox", "parbox"), 1),
    **dict.fromkeys(("resizebox", "fcolorbox", "multicolumn", "multirow", "rotatebox"), 2),
    **dict.fromkeys(("hyperref", "makebox", "framebox", "hyperlink", "texorpdfstring"), 0),
    "hyperlink": 1,
    "adjustbox": 1,
    "foreignlanguage": 1,
}
"""Commands whose last argument is prose, and how many stand before it that are none."""

DISPLAYS = _names(
    "equation align gather multline eqnarray displaymath math flalign alignat dmath subequations"
    " IEEEeqnarray equation* align* gather* multline* eqnarray* flalign* alignat* dmath*"
)
SKIPPED = _names(
    "tabular tabular* tabularx tabulary longtable array tikzpicture pgfpicture picture verbatim"
    " verbatim* Verbatim lstlisting minted comment algorithm algorithm* algorithmic algorithm2e"
    " filecontents filecontents* thebibliography alltt forest dependency prooftree CCSXML"
    " titlepage IEEEbiography IEEEbiographynophoto keywords IEEEkeywords tabu axis NiceTabular"
)
VERBATIM = _names(
    "verbatim verbatim* Verbatim lstlisting minted comment filecontents filecontents* alltt"
)
ENVIRONMENTS_WITH_ARGUMENT = _names(
    "minipage multicols wrapfigure wraptable adjustbox subfigure subtable spacing adjustwidth"
    " tcolorbox mdframed list scope"
)
