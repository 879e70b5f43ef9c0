"""Cleaning: golden texts, hostile texts, and what holds for every text."""

import gzip
import itertools
import json
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sources.record import Markup
from index.text import clean_text

UNTOUCHED = [
    "AT&T and R&D, Q&A; H&E; see ?a=1&region=2&copy=3",
    "p < 0.05 and x > 3, a<b and c>d, 1 + 1 < 1",
    "A View of the <C,A>, T Framework",
    "Before you <think>, monitor </think> the <mask> and the <s> sequence </s>",
    "the Spanish<>Catalan system <-> MG",
    "Under $100 or between $5 and $10, US$10-US$20",
    "Turki$hTweets, cram into a single $&!#* vector",
    "Dutch$German and Italian$Romanian",
    "ratio ($0.12/F1 point). However ($0.38 vs. $1.59/F1 point)",
    "C:\\new\\textbf and \\\\server\\share\\numbers",
    "the pattern \\d+ and the mark \\n",
    "en-{de, fr} and {snowy} photos, {bs,hr,sr}WaC, R{j}ecnik",
    "~200,000 tweets, 10~20 %, /a/ ~ /ɑ/, https://www.robots.ox.ac.uk/~vgg/research",
    "Project April --- A Progress Report, --help, PLATON--A",
    "Abstract Meaning Representation (AMR) is a graph",
    "Abstract-level reasoning",
    "ABSTRACT MEANING REPRESENTATION PARSING",
    "a file_name and 2^10 in one `quotation'",
    '"Going on" takes longer than "Going for"',
    'Is a screen of 15"',
    "He said 'x''y'",
    "می‌خواهم",
    "don't",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_honest_text_is_left_as_it_is(text: str) -> None:
    assert clean_text(text) == text


PLAIN = [
    # entities
    ("R&amp;D", "R&D"),
    ("R&amp;amp;D", "R&D"),
    ("p &lt; 0.05 &amp;lt; 0.1", "p < 0.05 < 0.1"),
    ("6.2% &#177; 2.8% caf&eacute; &#x2013; &#146;", "6.2% ± 2.8% café – ’"),
    ("&lt;i&gt;E. coli&lt;/i&gt; cells", "E. coli cells"),
    ("&notit; &#99999999; &#0;", "&notit; &#99999999; \ufffd"),
    # HTML and JATS
    ("H<sub>2</sub>O at 10<sup>-3</sup> m", "H₂O at 10⁻³ m"),
    ("Ca<sup>2+</sup>, LEN<sup>p</sup>", "Ca²⁺, LENᵖ"),
    ("the 1<sup>st</sup> BERT<sub>base</sub>", "the 1st BERTbase"),
    ("10<sup>0.5</sup> and x<sub>0.5 a</sub>", "10^0.5 and x_(0.5 a)"),
    ("shown.<sup>1,3</sup> 90<sup>∘</sup>", "shown.¹,³ 90°"),
    ("n<sup><italic>k</italic></sup>, <sup></sup>x", "nᵏ, x"),
    ("<p>One.</p><p>Two.</p>", "One. Two."),
    ("one<br/>two<br>three", "one two three"),
    ("<b>1)</b> via <i>E. col</i>i and <scp>DNA</scp>s", "1) via E. coli and DNAs"),
    ("at our <a href=https://github.com/x>repository</a>.", "at our repository."),
    ("<span class=\"a > b\" id='c'>x</span>", "x"),
    ("<jats:title>Abstract</jats:title><jats:p>We do.</jats:p>", "We do."),
    (
        "<jats:sec><jats:title>Background</jats:title><jats:p>We did.</jats:p></jats:sec>"
        "<jats:sec><jats:title>What now?</jats:title><jats:p>This.</jats:p></jats:sec>",
        "Background: We did. What now? This.",
    ),
    ("<title>Only a title</title>", "Only a title"),
    ("Let's <title> this", "Let's <title> this"),
    ("a<!-- note -->b <![CDATA[c]]> <!-- open", "ab c <!-- open"),
    ("<script>alert(1)</script>x<style>p{}</style>", "x"),
    ("x</sup> y <sub>1", "x y 1"),
    ("a<sup>b<sub>2</sup>c", "aᵇ²c"),
    # MathML
    (
        "rate <mml:math><mml:msup><mml:mi>R</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>.",
        "rate R².",
    ),
    (
        "<alternatives><tex-math>$$x_1$$</tex-math><math> <msub> <mi>x</mi> <mn>1</mn> </msub>"
        "<annotation>x_1</annotation></math></alternatives> is",
        "x₁ is",
    ),
    (
        r"<tex-math>\documentclass{minimal}\begin{document}$$x_1$$\end{document}</tex-math> is",
        "x₁ is",
    ),
    (r"X- and <tex>$\gamma$</tex>-Ray", "X- and γ-Ray"),
    (
        "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac></math>",
        "(a+b)/2",
    ),
    ("<math><msqrt><mi>n</mi></msqrt><mover><mi>x</mi><mo>¯</mo></mover></math>", "√nx̄"),
    ("<math><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>", "xᵢ²"),
    ("<math><mroot><mi>n</mi><mn>3</mn></mroot><mspace/><msup><mi>a</mi></msup></math>", "³√na"),
    ("<math><mtable><mtr><mtd>1</mtd><mtd>2</mtd></mtr></mtable></math>", "1 2"),
    # what is invisible, broken or doubled
    ("re\xadsources are\u200b here\ufeff \u202eabc\u202c", "resources are here abc"),
    ("a\x00b\x07 c\td\r\ne\xa0f\u2028g", "ab c d e f g"),
    ("d\x92une \x93approche\x94 \x96 \x9cuvre\x81", "d’une “approche” – œuvre"),
    ("Cohenâ\x80\x99s Kappa â\x80\x94 TuÌ\x88Ba", "Cohen’s Kappa — TüBa"),
    ("no UTF-8: \xe0\x80\x80", "no UTF-8: à€€"),
    ("half \ud83d a pair", "half a pair"),
    ("e\u0301\u200b\u0302", unicodedata.normalize("NFC", "e\u0301\u0302")),
    ("  many   spaces \n\n and paragraphs ", "many spaces and paragraphs"),
    # labels and wrappings
    ("Abstract: Objective This paper", "Objective This paper"),
    ("ABSTRACT A new method", "A new method"),
    ("ABSTRACT\nThis is", "This is"),
    ("Abstract—This paper", "This paper"),
    ("Abstract. Abstract: This", "This"),
    ("Abstract", "Abstract"),
    ("{{Petri Nets}}", "Petri Nets"),
    ("{Is this true? {Yes} it is}", "{Is this true? {Yes} it is}"),
    ('""Quoted twice""', '"Quoted twice"'),
    ('"never closed', "never closed"),
    ('never opened"', "never opened"),
    ('""""', None),
    ("", None),
    (" \n ", None),
    ("<p></p>", None),
]


@pytest.mark.parametrize(("raw", "clean"), PLAIN)
def test_markup_and_debris_become_plain_text(raw: str, clean: str | None) -> None:
    assert clean_text(raw) == clean


EVIDENT = [
    (r"with $\mathcal{O}(n^2)$ steps", "with O(n²) steps"),
    (r"14.3\% and $99\%$, Part \_A, A\&B", "14.3% and 99%, Part _A, A&B"),
    (r"M$^2$D, X$^{2}$-Gaussian, FA^{3}-CLIP, F$_1$-score", "M²D, X²-Gaussian, FA³-CLIP, F₁-score"),
    (r"$k$NN, $14ˆ{th}$, IndicTrans$2$, $top$-$K$", "kNN, 14th, IndicTrans2, top-K"),
    (r"A$^\text{T}$A of $n = 3$", "AᵀA of n = 3"),
    (r"\textbf{L}arge-\emph{S\textit{m}all} {\em lexical} x", "Large-Small lexical x"),
    (r"360{\deg}, \r{ho} = 0.8, \k{appa}, \b{eta}", "360°, ρ = 0.8, κ, β"),
    (r"Fr\'echet, Fr\'{e}chet, W\"orterbuch", "Fréchet, Fréchet, Wörterbuch"),
    (r"na\"{\i}ve, \v{C}erchova, \alpha{}x", "naïve, Čerchova, αx"),
    (r"today\'s and don\'t, SSP\' s", "today's and don't, SSP' s"),
    ("he said \\\"yes\\\" twice", 'he said "yes" twice'),
    (r"regions$\unicode{x2014}$defined", "regions—defined"),
    (r"is \href{https://a.b/c_d}{here} or \url{https://a.b/~c\_d}", "is here or https://a.b/~c_d"),
    (r"is \href{https://a.b/c_d}{}", "is https://a.b/c_d"),
    (r"benchmarking\footnote{see x}.", "benchmarking (see x)."),
    (r"BERT~\cite{devlin} and RoBERTa \citep[p.~3]{liu}.", "BERT and RoBERTa."),
    (r"\textcolor{red}{warm} $\frac{a+b}{2}$", "warm (a+b)/2"),
    (r"$\sqrt{n}$ $\binom{n}{k}$", "√n (n choose k)"),
    (r"\(n\log n\) and \[ a\times b \] $\langle bo\rangle$", "n log n and a×b ⟨bo⟩"),
    (r"\ours{} and \foo{bar}{baz} with \tool here", r"ours and bar baz with \tool here"),
    (r"\baturay{However, it", "However, it"),
    ("``Anti'' GS, a ``lonely", "“Anti” GS, a ``lonely"),
    ("translation~(NAT), 0.35~m/s, 2023~: a", "translation (NAT), 0.35 m/s, 2023 : a"),
    (r"co\-re\-fe\-rence e.g.\ names, http:\/\/x", "coreference e.g. names, http://x"),
    (r"${\sim}70$K and $\hat{y}$, $\bar{xy}$, $x \not= y$", "~70K and ŷ, xy, x ≠ y"),
    (r"$10^{-3}$, $10^{0.5}$, $x_{max}$, $90^\circ$", "10⁻³, 10^0.5, xmax, 90°"),
    (r"Elim\"aki, \O{} and {\o}re", "Elimäki, Ø and øre"),
    ("ends in \\", "ends in \\"),
    (r"$\rho \in (0.3, 2)$ and $x^\rm{T}$, $x^ 2$", "ρ ∈ (0.3, 2) and xT, x 2"),
    (r"a } stays, 5\% too", "a } stays, 5% too"),
    (r"$\unicode{zz}$ $\unicode{xd800}$x", "zz x"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "clean"), EVIDENT)
def test_evident_latex_in_plain_text_is_decoded(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


LATEX = [
    (r"{\"o} \'e {\ss} Prei{\ss}inger \alpha x", "ö é ß Preißinger α x"),
    (r"Fran{\c c}ois H{\aa}kan {\O}ie \L ukasz", "François Håkan Øie Łukasz"),
    (r"{\relax Yu}. Sch\"onberger", "Yu. Schönberger"),
    (r"{P}i {C}alculus {V}ersus {{WS-I}'s}", "Pi Calculus Versus WS-I's"),
    (r"e\({}^{\mbox{2}}\)EPCs in 0.35 {\(\mathrm{\mu}\)}m", "e²EPCs in 0.35 μm"),
    (r"K$^-$ over K$^+$, $D\rightarrow4$, b_{v}(s)", "K⁻ over K⁺, D→4, bᵥ(s)"),
    (r"{IET} Computers {\&} Techniques", "IET Computers & Techniques"),
    ("Betsy--A Tool---really ``so''", "Betsy–A Tool—really “so”"),
    (r"Dr.~Who, 50% of #1 at $4 per test", "Dr. Who, 50% of #1 at $4 per test"),
    (r"\method is \textbf{x} \begin{itemize}\item a\end{itemize}", "method is x • a"),
    (r"a\\b \quad c\,d \today", "a b c d today"),
    ("unbalanced {brace} } here {", "unbalanced brace here"),
    (r"\frac12, \frac{1}", "1/2, 1/"),
    (r"a:\alpha and <i>x</i> &amp; y", "a:α and x & y"),
    (r"$f''(x)$ and 5''", "f''(x) and 5''"),
    (r"\textless{}i\textgreater{}E. coli\textless{}/i\textgreater{} grows", "E. coli grows"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "clean"), LATEX)
def test_latex_is_decoded(raw: str, clean: str) -> None:
    assert clean_text(raw, "latex") == clean


HOSTILE = [
    "{", "}", "{}", "$", "\\", "<", "&", "~", "^{", "_{a", "``", "-", "\\(", "\\hat", "\\frac{",
    "$\\a", "a:\\", "\\\\a\\", "[x]{", "\\a[x]{", "<sup>", "</sup>", "<!--", "<p a=", '<p a="',
    "<mml:mi>", "<b><i>", "&amp;", "&#", '"', "Abstract: ", "ABSTRACT ", "\u200c", "e\u0301",
    "\x80",
]  # fmt: skip


@pytest.mark.parametrize("markup", ["plain", "latex"])
@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_no_faster_than_the_text(piece: str, markup: Markup) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        started = time.process_time()
        clean_text(text, markup)
        return time.process_time() - started

    short, long = 10_000, 100_000
    # Quadratic work would take a hundred times as long; the constant forgives a busy machine.
    assert seconds(long) < 30 * seconds(short) + 1


@pytest.mark.parametrize("markup", ["plain", "latex"])
def test_deep_nesting_is_no_recursion(markup: Markup) -> None:
    depth = 50_000
    assert clean_text("\\a{" * depth + "x" + "}" * depth, markup) is not None
    assert clean_text("<sup>" * depth + "x" + "</sup>" * depth, markup) == "ˣ"


SPECIAL = st.text(alphabet="ab1 .,:'\"`-~^_{}$\\&;<>/=#[]()\n\x00\x80\xad\u200b\u0301ßİ\ud800ﬁ")
WORDS = st.lists(
    st.sampled_from(
        ["\\textbf{", "}", "{", "$", "\\", "\\'", "e", "<sup>", "</sup>", "<mml:mi>", "</mml:mi>",
         "&lt;", "&amp;", "\\frac", "\\href{", "\\hat", "``", "''", "^", "_", "--", "~", " ", "x",
         "\\alpha", "\\cite{", "\\unicode{", "<p>", "Abstract: ", "1", "\\(", "\\)", '"', "C:\\"]
    )
).map("".join)  # fmt: skip
MARKUPS = st.sampled_from(["plain", "latex"])


@given(st.one_of(st.text(), SPECIAL, WORDS), MARKUPS)
def test_clean_text_is_clean_whatever_it_was(raw: str, markup: Markup) -> None:
    clean = clean_text(raw, markup)
    if clean is not None:
        assert clean
        assert unicodedata.is_normalized("NFC", clean)
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in clean)
        assert clean == " ".join(clean.split())
        assert not set(clean) & set("\xad\u200b\u200e\u200f\u2060\ufeff\u202a\u202e")


@given(st.one_of(st.text(), SPECIAL).filter(lambda text: not set(text) & set("&<\\${}")))
def test_cleaning_plain_text_twice_changes_nothing_more(raw: str) -> None:
    once = clean_text(raw)
    assert once is None or clean_text(once) == once


def test_real_abstracts_are_cleaned_without_leaving_latex(shared_data: Path) -> None:
    with gzip.open(shared_data / "corpora" / "arxiv-2025-2026.jsonl.gz", "rt") as lines:
        raws = [json.loads(line)["abstract"] for line in itertools.islice(lines, 5_000)]
    cleans = [clean_text(raw) or "" for raw in raws]
    remains = ("\\%", "\\textbf{", "\\emph{", "\\times", "\\pm", "\\href")
    assert sum(any(r in raw for r in remains) for raw in raws) > 100
    assert not [clean for clean in cleans if any(r in clean for r in remains)]
    assert all(len(clean) > 0.6 * len(raw) for raw, clean in zip(raws, cleans, strict=True))
