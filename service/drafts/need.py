"""Tell sentences that make a claim or name prior work from those that need no citation.

No model: the words of the sentence and what it is in the draft decide. Where they do not, a
sentence is taken for a claim, so that more is searched for and less is missed. The rules are
about English; a sentence in another language is a claim unless its place says otherwise.
"""

import re
from collections.abc import Iterator

from service.drafts.need_rules import OBJECT, PATTERNS, Kind
from service.drafts.need_words import EFFECT, GENERIC, PROCEDURE

__all__ = ["NEEDING", "Kind", "kind_of", "needs_citation"]

NEEDING: frozenset[Kind] = frozenset(("claim", "prior_work"))

_FORMAL_SECTION = re.compile(
    r"(?:[\dA-Z.]+\s+)?(?:acknowledge?ments?|funding|(?:authors?'?s?'? )?contributions of the"
    r" authors"
    r"|authors?['’]? contributions?|(?:declaration of )?(?:competing|conflicts? of) interests?"
    r"|(?:data|code)(?: and (?:data|code))? availability|ethics statement)\.?",
    re.IGNORECASE,
)
_METHODS = re.compile(
    r"\b(?:methods?|materials|set-?up|settings?|details|procedure|participants|subjects|recording"
    r"|annotation|transcription"
    r"|preprocessing|statistical analys[ie]s|hyper-?parameters|guidelines|apparatus|data"
    r" collection)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS = 4
_FEWEST_TOPICAL = 2
_ENOUGH_SIGNS = 3
_FEW_OTHER_WORDS = 3
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_MEASURE = re.compile(
    r"(?:\d\s?(?:%|ms|s|h|min|cm|mm|m|kg|g|ml|°C|Hz|kHz|GB|tokens|degrees|per cent|frames|times)"
    r"|(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|several))[- ](?:\w+ )?"
    r"(?:milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|euros|items|questions"
    r"|epochs|steps|layers|raters|annotators|participants|students|adults|women))\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"^(?:we|i)\b|\b(?:was|were) (?:\w+ly |then |all |also )?(?:\w+ed|done|taken|drawn|grown|kept"
    r"|run|set|put|made|held|shown"
    r"|given|chosen|split|sent|told|read|built)\b|\btook\b|\b(?:is|are|takes?) (?:about |set to "
    r"|limited to )?\d",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]")
_LETTERS_PER_WORD = 2

_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile("|".join(patterns), re.IGNORECASE)) for kind, patterns in PATTERNS.items()
)
# "(see Table 2)" behind a claim points to its evidence; the claim remains one.
_ASIDE = re.compile(rf"\s*[(\[](?:(?:see|cf\.|e\.g\.,?|also) ?)*{OBJECT}[^()\[\]]{{0,60}}[)\]]")
_PRIOR_WORK = re.compile(
    r"\bet al\b|\b(?:previous|prior|earlier|existing|related|recent|past) (?:\w+ )?(?:work|stud"
    r"|research|approach|method"
    r"|literature|system|model|finding)|\b(?:ha(?:s|ve)|was|were) (?:also |often |been |recently "
    r"|widely |first )*(?:shown"
    r"|found|proposed|introduced|observed|reported|demonstrated|linked|used|studied|identified)\b"
    r"|\b(?:studies|researchers|authors|scholars|theories|literature)\b|\baccording to\b|\bwell[-"
    r" ]known\b"
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
    kind = next((kind for kind, rule in _RULES if rule.search(text)), None)
    return kind or _kind_by_words(text, section or "")


def _kind_by_words(text: str, section: str) -> Kind:
    """Judge a sentence that has no telling form by how much it says, and of what."""
    if _n_words(text) < _FEWEST_WORDS:
        return "fragment"
    words = [word.casefold() for word in _LATIN_WORD.findall(text)]
    if words and _says_how(text, words, is_expected=_METHODS.search(section) is not None):
        return "own_work"
    if words and not _UNSPACED.search(text) and _n_topical(words) < _FEWEST_TOPICAL:
        return "transition"
    return "prior_work" if _PRIOR_WORK.search(text) else "claim"


def _says_how(text: str, words: list[str], *, is_expected: bool) -> bool:
    """Say whether the words are those of how a study was done, and not of what it found."""
    n_procedure = sum(word in PROCEDURE for word in words)
    n_procedure += len(_MEASURE.findall(text))
    n_effect = sum(word in EFFECT for word in words)
    form = _DONE.search(text) is not None
    n_other = _n_topical([word for word in words if word not in PROCEDURE])
    enough = _ENOUGH_SIGNS if n_other > _FEW_OTHER_WORDS else _ENOUGH_SIGNS - 1
    enough -= is_expected
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
