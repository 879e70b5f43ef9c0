"""Tell sentences that make a claim or name prior work from those that need no citation.

No model: the words of the sentence and what it is in the draft decide. Where they do not, a
sentence is taken for a claim, so that more is searched for and less is missed. The rules are
about English; a sentence in another language is a claim unless its place says otherwise.
"""

import re
from collections.abc import Iterator
from typing import Literal

from service.drafts.need_words import EFFECT, GENERIC, PROCEDURE

Kind = Literal[
    "claim", "prior_work", "structure", "own_work", "notation", "transition",
    "acknowledgement", "availability", "abstract", "caption", "fragment",
]  # fmt: skip
"""What a sentence does in a draft. The first two may need a citation, no others do."""

NEEDING: frozenset[Kind] = frozenset(("claim", "prior_work"))

_FORMAL_SECTION = re.compile(
    r"(?:[\dA-Z.]+\s+)?(?:acknowledge?ments?|funding|(?:authors?'?s?'? )?contributions of the authors"
    r"|authors?['’]? contributions?|(?:declaration of )?(?:competing|conflicts? of) interests?"
    r"|(?:data|code)(?: and (?:data|code))? availability|ethics statement)\.?",
    re.IGNORECASE,
)
_FEWEST_WORDS = 4
_FEWEST_TOPICAL = 2
_ENOUGH_SIGNS = 3
_FEW_OTHER_WORDS = 3
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_MEASURE = re.compile(
    r"\d\s?(?:%|ms|s|h|min|cm|mm|m|kg|g|ml|°C|Hz|kHz|GB|tokens|milliseconds|seconds|minutes|hours|days|months|years|times|euros"
    r"|degrees|per cent|frames|items|participants|students|adults|women|epochs|steps|layers)\b"
)
_DONE = re.compile(
    r"^(?:we|i)\b|\b(?:was|were) (?:\w+ly |then |all |also )?(?:\w+ed|done|taken|drawn|grown|kept|run|set|put|made|held|shown"
    r"|given|chosen|split|sent|told|read|built)\b|\btook\b|\b(?:is|are|takes?) (?:about |set to |limited to )?\d",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]")
_LETTERS_PER_WORD = 2

_DOCUMENT = r"(?:paper|article|manuscript|chapter|thesis|report|essay|document|study|survey|review)"
_PART = r"(?:sub)?(?:section|chapter|appendix|part|paragraph)s?"
_OBJECT = (
    r"(?-i:Sections?|Sect?s?\.|§§?|Chapters?|Chaps?\.|Appendi(?:x|ces)|App\.|Tables?|Tabs?\.|Figures?"
    r"|Figs?\.|Equations?|Eqn?s?\.?|Algorithms?|Algs?\.|Listings?|Theorems?|Lemmas?|Lemmata"
    r"|Corollar(?:y|ies)|Propositions?|Examples?|Footnotes?|Panels?)"
    r"\s*(?-i:\(?[A-Z]?\d[\d.]*|\(?[A-Z]\b|\(?[IVX]+\b)"
)
_SHOWN = (
    r"(?:shown|given|listed|described|discussed|explained|reported|illustrated|detailed|provided"
    r"|summari[sz]ed|reproduced|sketched|presented|outlined|found|displayed|depicted|addressed)"
)
_SUPPLEMENT = r"(?:appendi(?:x|ces)|supplement(?:s|ary|al)?\b)"
_OWN_SUBJECT = (
    rf"^(?:this|the|our|all|both)\b.{{0,30}}\b(?:work|project|research|trial|authors?|{_DOCUMENT})"
)
_PUBLISHED = r"(?:available|released|published|downloaded|shared|deposited|open[- ]sourced|found)"
_THINGS = (
    r"(?:code|scripts?|data|data ?sets?|corpus|corpora|models?|weights|materials?|implementation"
    r"|software|resources?|annotations|stimuli|recordings|transcripts)"
)
_SETTING = (
    r"(?:batch(?: size|es)|learning rate|warm-?up|dropout|epochs?|early stopping|seeds?|patience"
    r"|weight decay|gradient clipping|beam|temperature|margin|momentum|(?:hidden|embedding) size"
    r"|layers|hyper-?parameters?|steps|iterations|GPUs?|CPUs?|graphics cards?|optimi[sz]er)"
)
_PEOPLE = (
    r"(?:participants|subjects|students|volunteers|respondents|annotators|raters|coders|judges"
    r"|interviewees|patients|parents|controls|informants)"
)

_PATTERNS: dict[Kind, tuple[str, ...]] = {
    "acknowledgement": (
        r"^(?:we|i|the authors?)\b.{0,40}\b(?:thank|acknowledge[s]? (?:the|funding|support)|grateful|indebted)\b",
        rf"{_OWN_SUBJECT}\b.{{0,30}}\b(?:supported|funded|financed|sponsored)\b.{{0,20}}\bby\b",
        r"\b(?:under|by|through|from) (?:the )?(?:grant|contract|award)s?\b|\bgrant (?:no|number|agreement)\b",
        r"\bfund(?:er|ing|ing source|ing bod(?:y|ie))s? (?:had|played) no\b",
        r"\b(?:competing|conflicts? of|conflicting) (?:financial )?interests?\b",
        r"\bauthors? (?:contributed equally|(?:read|wrote|approved|contributed to|reviewed) )",
        r"\b(?:views?|opinions?) (?:expressed|stated)\b|\bremaining errors?\b",
        r"^special thanks\b|\b(?:is|are|am) (?:also |very |deeply |most )?(?:indebted|grateful) to\b|\bprovided by the .{0,40}\bcent(?:re|er)\b",
        r"\bwrote the (?:first draft|paper|manuscript)\b|^(?-i:[A-Z])\. ?(?-i:[A-Z])\.,? (?:designed|conceived)",
    ),
    "availability": (
        rf"^(?:our|the|all|both)\b.{{0,40}}\b{_THINGS}\b.{{0,60}}\b(?:is|are|will be|can be|was|were"
        rf"|has been|have been)\b.{{0,25}}\b{_PUBLISHED}\b.{{0,30}}"
        r"\b(?:at|on|from|in|under|upon|via|online|request|acceptance|publication|address)\b",
        rf"^(?:our|the|all)\b.{{0,40}}\b{_THINGS}\b.{{0,40}}\b(?:is|are) (?:publicly|freely|openly) available",
        rf"\bwe (?:will |also |plan to )?(?:release|share|publish|open-source) (?:our|all|the) (?:\w+ ){{0,2}}{_THINGS}\b",
        rf"\bwe (?:will |also )?make .{{0,60}}\b{_THINGS}\b.{{0,30}}\bavailable\b",
        r"\b(?:project|web|companion) ?(?:page|site)\b|\bpart of the release\b|\b(?:be )?contacted for access\b",
        r"\bavailable (?:from the (?:corresponding )?authors?|(?:up)?on (?:reasonable )?request)\b",
    ),
    "structure": (
        _OBJECT,
        rf"\b(?:rest|remainder) of (?:this|the|our) {_DOCUMENT}\b",
        rf"\b{_DOCUMENT} (?:is|has been) (?:\w+ )?(?:organi[sz]ed|structured|laid out|divided) (?:as|in|into)\b",
        rf"\b{_DOCUMENT} (?:then |now )?(?:proceeds|closes|ends|begins|opens|starts|concludes)\b",
        rf"^(?:this|(?:in )?the (?:next|following|previous|preceding|last|final)|each|(?:in )?th(?:is|ese)) (?:two |three )?{_PART}\b",
        rf"\b(?:in|see|to) (?:the|this|our|an) (?:next |following |previous |online )?(?:{_PART}\b|{_SUPPLEMENT})",
        rf"\b{_SHOWN}\b(?: \w+)? (?:below|above|earlier|later|elsewhere|in (?:the|our|an) (?:figure|table|diagram|text|{_SUPPLEMENT}))",
        r"^(?:see|cf\.|compare) (?:also|below|above|the|our)\b",
        rf"\b(?:our|main|key|following|paper'?s?|{_DOCUMENT}) contributions?\b.{{0,30}}\b(?:is|are|can be)\b",
        rf"\b(?:{_DOCUMENT}|we) makes? (?:the following|\w+) (?:\w+ )?contributions?\b",
        r"\b(?:the following|our|these|two|three|four|several) (?:main )?research questions?\b",
        r"\bresearch questions? (?:is|are|reads?)\b|^(?:RQ|H) ?\d\b",
        r"^(?:the )?(?:left|right|top|bottom|upper|lower|middle)(?:most)?[- ](?:panel|plot|curve|column|row|half|hand)\b",
        r"^(?:the |each )?(?:rows?|columns?|axes|axis|[xy]-axis|panels?|curves?|bars?|numbers?|figures|values)\b"
        r".{0,30}\b(?:shows?|lists?|gives?|correspond|plots?|marks?|are|is|indicates?|represents?)\b",
        r"^(?:bold(?:face)?|underlined?|starred|italic)\b|\bmarked (?:with|by) an? (?:asterisk|star|dagger)\b",
        r"\b(?:in each|per|of each|of the same) (?:row|column)\b|^(?:the )?error bars\b",
        r"\bstandard (?:errors|deviations) (?:are )?(?:given )?in (?:parentheses|brackets)\b",
        rf"\b(?:version|abstract|draft|part)s? of this (?:work|{_DOCUMENT})\b|\bthis version\b",
        r"^correspondence\b|^key ?words?\b|^(?:\(?\d+\)?(?:,? and \(?\d+\)?)?) (?:differ|are)\b",
        rf"^the (?:results|scores|findings|details|numbers) are {_SHOWN}\b",
        r"\b(?:as follows|the following)[.:]?$",
        r"^(?:for|in) (?:(?:the )?(?:sake|interests?) of )?(?:brevity|reasons of space|lack of space|simplicity|completeness|clarity)\b",
        r"\b(?:beyond|outside) the scope of\b|\bdue to (?:space|lack of space)|^unless (?:stated|noted|specified|otherwise)\b",
        r"^(?:dashed|solid|dotted|shaded|darker|lighter|gr[ae]y|red|blue|green|black|open|filled) (?:lines?|cells?|bars?|dots?|areas?|circles?|boxes|regions?|curves?)\b",
        r"\b(?:limitations?|weaknesses|shortcomings) of (?:our|this|the present)\b",
    ),
    "notation": (
        r"^(?:let|suppose|assume|denote|fix)\b(?! us\b)|^(?:we|i) (?:denote|let)\b",
        r"^where\b|^here,? (?-i:[a-zA-Zα-ωΑ-Ω])\W|\bdenotes? (?:the|an?|by)\b",
        r"^we write (?-i:[A-Za-zα-ωΑ-Ω])\b|\b(?:sub|super)scripts?\b.{0,20}\b(?:stand|denote|refer|indicate)",
        r"\bwithout loss of generality\b|^it (?:remains|suffices) to (?:show|prove|check|verify)\b",
        r"^(?:the|this|our) (?:proof|theorem|lemma|claim|corollary|proposition|result) (?:now |then )?"
        r"(?:is (?:complete|given|similar|by|immediate)|follows|holds|uses)\b|\bthe proof of\b",
        r"^this (?:completes|concludes|proves|establishes|finishes) the\b|\bby (?:assumption|induction|construction|definition)\b",
        r"^(?:by )?(?:combining|substituting|inserting|plugging|summing|integrating|differentiating|rearranging)\b"
        r".{0,80}\b(?:yields?|gives?|we (?:obtain|get|have|see)|leads to)\b",
        r"^in (?:what follows|the following), all\b|\bin closed form\b|^(?:hence|thus|therefore),? we (?:obtain|get|have)\b",
        r"^for ease of notation\b|^throughout,|\bthe converse\b|^an? (?:analogous|similar) argument\b|\bleft to the reader\b",
        r"^recall that\b|^note that (?:the|this|these|we|our|here)\b",
    ),
    "transition": (
        r"^(?:we|i) (?:now|next|then|first|finally|briefly|here)? ?(?:turn|come back|return|move on|go on|proceed) (?:now )?to\b",
        r"^(?:we|i) (?:now |first |next )?(?:begin|start|close|end|finish|conclude) (?:with|by)\b",
        r"^(?:let us|let me)\b|\blet us\b|^having (?:now )?(?:described|established|shown|seen|introduced|defined|discussed)\b",
        r"^with (?:this|that|these) in mind\b|^(?:for (?:example|instance), )?consider(?: again| now| the| an?| two)\b",
        r"^(?:next|now|first|second|third|finally|lastly|below|here),? (?:we|i) (?:\w+ )?(?:discuss|describe|outline"
        r"|review|summari[sz]e|explain|look at|turn to|consider|present|introduce|sketch|define)\b(?:\W+\w+){1,6}\W*$",
        r"^(?:below|in what follows|in the following|hereafter),? (?:we|i)\b",
        r"\b(?:leave|left|reserved?|deferred?|postponed?)\b.{0,80}\b(?:for|to) (?:future|later|further) (?:work|research|studies)\b|^(?:as|in) future work\b|^future (?:work|research) (?:will|could|should|may|might)\b",
        r"^(?:we|i) hope\b|^to (?:sum up|conclude|be clear)\b|^to answer (?:this|these) questions?,? we (?:carried out|conducted|ran|run|performed|ask|asked)\b",
        r"^(?:this|these|both) (?:\w+ )?(?:is|are) (?:discussed|explained|described|considered|taken up|left)\b",
    ),
    "own_work": (
        rf"\bwe (?:\w+ ){{0,2}}(?:use|used|train|trained|fine-?tuned?|set|chose|choose|tuned?|optimi[sz]ed?|ran?|run"
        rf"|appl(?:y|ied)|pre-?train(?:ed)?|initiali[sz]ed?)\b.{{0,80}}\b{_SETTING}\b",
        rf"^(?:the|our|all)?\s*(?:\w+ )?{_SETTING}\b.{{0,20}}\b(?:is|was|are|were) (?:then )?(?:set|chosen|fixed|tuned|halved|decayed"
        r"|reduced|selected|kept|linearly|\d)",
        r"^(?:all|both|the|our|each|every)? ?(?:experiments?|models?|runs?|training|systems?|networks?|simulations?|analyses) (?:was|were|is|are)"
        r" (?:all )?(?:run|trained|implemented|repeated|performed|carried out|conducted|fine-tuned) (?:on|in|with|using|for|\w+ times)\b",
        r"^(?:the )?training (?:took|takes|lasted)\b|\b(?:written|implemented) in (?:Python|R|Java|C|Julia|PyTorch|TensorFlow|MATLAB|Rust)\b",
        r"\bwe (?:\w+ )?(?:split|partition(?:ed)?|divided?|shuffled?) (?:the|our|each|all)\b|\btraining, (?:development|validation),? and test (?:sets?|data)\b",
        r"\bwe (?:report|give) (?:the )?(?:mean|average|median)s?\b|\bwe (?:evaluate|measure|score)d? (?:\w+ )?(?:with|by|using|in terms of)\b"
        r".{0,40}\b(?:F1|F-score|accuracy|precision|recall|BLEU|perplexity|error)\b",
        r"^we (?:then |also |first |manually )?(?:removed?|excluded?|discard(?:ed)?|filter(?:ed)?|kept|lower-?cased?|tokeni[sz]ed?|normali[sz]ed?|recruited"
        r"|interviewed|resampled|down-?sampled)\b",
        r"^(?:the|our) (?:final|resulting|complete|whole)? ?(?:corpus|data ?set|sample|(?:training|test|development) set|collection)"
        r" (?:contain|consist|compris|includ|ha[sd])(?:s|ed|es|d)?\b.{0,40}\d",
        r"\b(?:informed|written|oral|parental) consent\b|\bethic(?:s|al) (?:committee|board|approval|review)\b|\breview board\b|\bwas approved by\b",
        r"\bapproved the (?:study|protocol)\b|\bdeclaration of\b|\bin accordance with the\b",
        rf"^(?:all |the |our |both )?{_PEOPLE} (?:were|was|gave|had been) (?:then |also |all )?(?:paid|recruited|trained|compensated|reimbursed"
        r"|debriefed|instructed|asked|told|shown|native|randomly|invited|seated|given|excluded|written|selected)\b",
        rf"^(?:two|three|four|five|six|\d+|both|the|our) (?:\w+ )?{_PEOPLE} (?:\w+ )?(?:label|annotat|cod|rat|judg|transcrib)\w*ed\b",
        r"\b(?:interviews?|sessions?|recordings?|questionnaires?|surveys?) (?:lasted|had|took|contained|consisted of|comprised|was|were) ?"
        r"(?:between|about|\d|recorded|transcribed|audio|conducted|held|\w+ items)?\b.{0,40}(?:\d|verbatim|transcribed|recorded|items|minutes)",
        r"\b(?:samples?|blood|specimens?|tissues?|sera|serum|plasma|urine|cells) (?:was|were) (?:then )?(?:stored|drawn|collected|taken|centrifuged|frozen"
        r"|kept|obtained|extracted|washed|incubated|thawed)\b",
        r"^(?:the )?data (?:was|were) (?:collected|gathered|obtained|recorded|entered|acquired)\b|\battention checks?\b|\bof whom \d",
    ),
}  # fmt: skip
_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile("|".join(patterns), re.IGNORECASE)) for kind, patterns in _PATTERNS.items()
)
# "(see Table 2)" behind a claim points to its evidence; the claim remains one.
_ASIDE = re.compile(rf"\s*[(\[](?:(?:see|cf\.|e\.g\.,?|also) ?)*{_OBJECT}[^()\[\]]{{0,60}}[)\]]")
_PRIOR_WORK = re.compile(
    r"\bet al\b|\b(?:previous|prior|earlier|existing|related|recent|past) (?:\w+ )?(?:work|stud|research|approach|method"
    r"|literature|system|model|finding)|\b(?:ha(?:s|ve)|was|were) (?:also |often |been |recently |widely |first )*(?:shown"
    r"|found|proposed|introduced|observed|reported|demonstrated|linked|used|studied|identified)\b"
    r"|\b(?:studies|researchers|authors|scholars|theories|literature)\b|\baccording to\b|\bwell[- ]known\b"
    r"|\b(?:showed|argued?|reported|demonstrated|proposed) that\b",
    re.IGNORECASE,
)


def needs_citation(kind: Kind) -> bool:
    """Say whether a sentence of a kind is one to find citations for."""
    return kind in NEEDING


def kind_of(
    text: str, *, is_citing: bool = False, is_caption: bool = False, section: str | None = None
) -> Kind:
    """Give what a sentence does, judged by its plain text, its place, and whether it cites."""
    if section and _FORMAL_SECTION.fullmatch(section):
        return "acknowledgement"
    if is_caption:
        return "caption"
    if is_citing:
        return "prior_work"
    text = _ASIDE.sub("", " ".join(text.split()))
    for kind, rule in _RULES:
        if rule.search(text):
            return kind
    if _n_words(text) < _FEWEST_WORDS:
        return "fragment"
    words = [word.casefold() for word in _LATIN_WORD.findall(text)]
    if words and _says_how(text, words):
        return "own_work"
    if words and not _UNSPACED.search(text) and _n_topical(words) < _FEWEST_TOPICAL:
        return "transition"
    return "prior_work" if _PRIOR_WORK.search(text) else "claim"


def _says_how(text: str, words: list[str]) -> bool:
    """Say whether the words are those of how a study was done, and not of what it found."""
    n_procedure = sum(word in PROCEDURE for word in words)
    n_procedure += len(_MEASURE.findall(text))
    n_effect = sum(word in EFFECT for word in words)
    form = _DONE.search(text) is not None
    n_other = _n_topical([word for word in words if word not in PROCEDURE])
    enough = _ENOUGH_SIGNS if n_other > _FEW_OTHER_WORDS else _ENOUGH_SIGNS - 1
    return n_procedure + form >= enough + n_effect * 2 and n_procedure > 0


def _n_topical(words: list[str]) -> int:
    """Count the words that say what the sentence is about."""
    return sum(not any(form in GENERIC for form in _forms(word)) for word in words)


def _forms(word: str) -> Iterator[str]:
    yield word
    for ending in ("s", "es", "d", "ed", "ing", "ly"):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield stem
            yield f"{stem}e"


def _n_words(text: str) -> int:
    """Count words; scripts that set none apart are counted by their letters."""
    return len(_WORD.findall(text)) + len(_UNSPACED.findall(text)) // _LETTERS_PER_WORD
