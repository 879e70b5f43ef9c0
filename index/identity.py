"""Normalise the identifiers of articles, and the names and titles that stand for them.

An identifier is written `scheme:value`. `doi:` values are in lower case, `arxiv:` values bear
no version, `pmid:` values are bare numbers, `openalex:` values are "W…"; of any other scheme
only its name is put in lower case. What is normalised here is compared as text everywhere.
"""

import hashlib
import html
import re
import unicodedata
from urllib.parse import unquote

_PLAIN_DOI = re.compile(r"10\.[0-9]{4,9}/[a-z0-9._;():/-]*[a-z0-9]")
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_DOI_PREFIX = re.compile(
    r"(?:(?:https?:)?//(?:www\.)?(?:dx\.)?doi\.org/|(?:dx\.|www\.)?doi\.org/|(?:info|urn):?doi[:/]"
    r"|doi\s*:?\s*(?=10\.|https?:|\(?10\b|0\.))\s*",
    re.IGNORECASE,
)
_DOI_START = re.compile(r"(?<!\d)10\.[0-9]{4,9}(?:\.[0-9]+)*/")
_ANOTHER_DOI = re.compile(
    r"\s*[;,|]\s*(?=(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.[0-9]{4,9}/)", re.I
)
_PUBLISHER_TAIL = re.compile(
    r"[?#].*$|/(?:full|fulltext(?:\.html)?|full-text|pdf|epdf|pdfdirect|abstract|abs|html|meta|summary)/?$",
    re.IGNORECASE,
)
_SPLIT_BY_SPACE = re.compile(r"(?<=[/.(_-])\s+(?=[a-z0-9(])|(?<=[\w)])\s+(?=[/._)-]\w)")
_DASHES = str.maketrans("‐‑‒–—−", "------")
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

_ARXIV = re.compile(
    r"(?:(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})|([a-z]+(?:-[a-z]+)*)(?:\.[a-z]{2})?/(\d{7}))(?:v\d+)?",
    re.IGNORECASE,
)
_ARXIV_PREFIX = re.compile(
    r"(?:https?://)?(?:[a-z]+\.)?arxiv\.org/(?:abs|pdf|html|format|ps|e-print)/"
    r"|(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\.|arxiv\s*[:.]?\s*",
    re.IGNORECASE,
)
_ARXIV_DOI = "10.48550/arxiv."
_ARXIV_TAIL = re.compile(r"\.pdf$|\s*\[[\w.-]+\]$|[?#].*$", re.IGNORECASE)
_PMID = re.compile(
    r"(?:pmid\s*:?\s*|(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov"
    r"|ncbi\.nlm\.nih\.gov/pubmed)/)?0*([1-9]\d{0,8})/?(?:\s*\[pmid\])?",
    re.IGNORECASE,
)
_OPENALEX = re.compile(
    r"(?:openalex\s*:\s*|(?:https?://)?(?:api\.)?openalex\.org/(?:works/)?)?(w\d{2,12})",
    re.IGNORECASE,
)
_ACL_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?aclanthology\.org/([\w.-]+?)(?:\.pdf)?/?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{1,19}:(?!//)\s*\S{1,200}")
_NO_SCHEMES = frozenset(("http", "https", "ftp", "urn", "info", "mailto", "file", "sha"))

_NO_ACCENT = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))


def normalise_doi(raw: str) -> tuple[str | None, str | None]:
    """Give the DOI that a source wrote, and what was mended in it or why it was left out.

        normalise_doi("https://doi.org/10.1145/ABC")   ("10.1145/abc", None)
        normalise_doi("10.1000/abc.")                  ("10.1000/abc", 'the DOI "10.1000/abc." …')
        normalise_doi("http://hdl.handle.net/2065/1")  (None, '"http://hdl…" is no DOI; left out')

    Lower case, a usual prefix and PubMed's "[doi]" are no repair. Blank text is no fault.
    """
    if _PLAIN_DOI.fullmatch(raw) and raw.count("10.") == 1:
        return raw, None
    text = " ".join(raw[:2000].split())
    if not text:
        return None, None
    usual = re.sub(r"\s*\[doi\]$", "", _without_prefix(text), flags=re.IGNORECASE)
    mended = _mended_doi(usual)
    shown = text if len(text) <= 100 else text[:100] + "…"
    if mended is None:
        return None, f'"{shown}" is no DOI; left out'
    if mended == usual.lower():
        return mended, None
    return mended, f'the DOI "{shown}" was mended to {mended}'


def _without_prefix(text: str) -> str:
    match = _DOI_PREFIX.match(text)
    return unquote(text[match.end() :]) if match else text


def _mended_doi(text: str) -> str | None:
    """Give the DOI, in lower case, of a text that holds more than it or holds it damaged."""
    text = _INVISIBLE.sub("", html.unescape(text)).translate(_DASHES)
    text = re.sub(r"\\([_&%#$])|[{}]|\\", r"\1", text)
    if re.search(r"%[0-9a-fA-F]{2}", text):
        text = unquote(text)
    if re.match(r"0\.[0-9]{4,9}/", text):
        text = "1" + text  # the first digit was lost on the way
    text = re.sub(r"\b10\.\s+(?=\d)", "10.", text)
    text = re.sub(r"\b(10\.[0-9]{4,9})\s*/\s*", r"\1/", text)
    start = _DOI_START.search(text)
    if start is None:
        return None
    before, text = text[: start.start()], text[start.start() :]
    if "://" in before:
        text = _PUBLISHER_TAIL.sub("", _PUBLISHER_TAIL.sub("", text))
    text = _ANOTHER_DOI.split(text, maxsplit=1)[0]
    text = _SPLIT_BY_SPACE.sub("", text).split(" ", 1)[0].lower()
    text = _without_trailing_marks(text, is_bracketed=before.endswith("<"))
    return text if _DOI.fullmatch(text) and text.isprintable() else None


def _without_trailing_marks(doi: str, *, is_bracketed: bool) -> str:
    """Take off what ends a sentence or a bracket around a DOI, but no bracket of its own."""
    while doi:
        last = doi[-1]
        opening = {")": "(", "]": "[", ">": "<"}.get(last)
        is_stray = opening is not None and (
            doi.count(opening) < doi.count(last) or (last == ">" and is_bracketed)
        )
        if not (is_stray or last in ".,;:!?\"'’”*/|"):
            break
        doi = doi[:-1]
    return doi


def normalise_arxiv(raw: str) -> str | None:
    """Give an arXiv id without version, "2101.00001" or "hep-th/9901001", or None.

    Takes it bare, after `arXiv:`, as an address of arxiv.org and as a DOI of arXiv. The
    subject class of old ids goes: arXiv itself calls "math.GT/0309136" "math/0309136".
    """
    text = raw.strip()[:300]
    if prefix := _ARXIV_PREFIX.match(text):
        text = text[prefix.end() :]
    match = _ARXIV.fullmatch(_ARXIV_TAIL.sub("", _ARXIV_TAIL.sub("", text).strip()))
    if match is None:
        return None
    return match[1] or f"{match[2].lower()}/{match[3]}"


def normalise_pmid(raw: str) -> str | None:
    """Give a PubMed id as a bare number, or None."""
    match = _PMID.fullmatch(raw.strip())
    return match[1] if match and match[1].isascii() else None


def normalise_openalex(raw: str) -> str | None:
    """Give the OpenAlex id of a work, "W2741809807", or None."""
    match = _OPENALEX.fullmatch(raw.strip())
    return match[1].upper() if match and match[1].isascii() else None


def normalise_identifier(raw: str) -> str | None:
    """Give `scheme:value` normalised, or None if it names nothing.

    Also takes a bare DOI. A bare arXiv id or number is not taken: what it stands for is not
    certain enough to join articles by (see `lookup_forms`).
    """
    raw = raw.strip()
    if _DOI_START.match(raw):
        raw = f"doi:{raw}"
    scheme, _, value = raw.partition(":")
    scheme = scheme.lower()
    if known := _NORMALISERS.get(scheme):
        value = known(value) or ""
    elif not _SCHEME.fullmatch(raw) or scheme in _NO_SCHEMES or not value.isprintable():
        return None
    return f"{scheme}:{value.strip()}" if value else None


def _doi_alone(raw: str) -> str | None:
    return normalise_doi(raw)[0]


_NORMALISERS = {
    "doi": _doi_alone,
    "arxiv": normalise_arxiv,
    "pmid": normalise_pmid,
    "openalex": normalise_openalex,
}


def lookup_forms(text: str) -> tuple[str, ...]:
    """Give all identifiers that a text given as an id may stand for, its own wording first.

        lookup_forms("https://doi.org/10.48550/arXiv.2101.00001v2")
        # (that text, "doi:10.48550/arxiv.2101.00001", "arxiv:2101.00001")

    A bare number stands for itself only: too many schemes number their articles.
    """
    forms = [text]
    stripped = text.strip()
    forms.append(stripped)
    if arxiv := normalise_arxiv(stripped):
        if _ARXIV_DOI in stripped.lower():
            forms += [f"doi:{_ARXIV_DOI}{arxiv}", f"arxiv:{arxiv}"]
        else:
            forms += [f"arxiv:{arxiv}", f"doi:{_ARXIV_DOI}{arxiv}"]
    elif _DOI_PREFIX.match(stripped) or _DOI_START.search(stripped):
        doi, _ = normalise_doi(stripped)
        forms += [f"doi:{doi}"] if doi else []
    if not stripped.isdigit() and (pmid := normalise_pmid(stripped)):
        forms.append(f"pmid:{pmid}")
    if openalex := normalise_openalex(stripped):
        forms.append(f"openalex:{openalex}")
    if acl := _ACL_ADDRESS.fullmatch(stripped):
        forms.append(f"acl:{acl[1]}")
    if identifier := normalise_identifier(stripped):
        forms.append(identifier)
    return tuple(dict.fromkeys(forms))


def implied_identifiers(identifier: str) -> tuple[str, ...]:
    """Give a normalised identifier and those it is another name of: arXiv's own DOIs."""
    if identifier.startswith(f"doi:{_ARXIV_DOI}") and (arxiv := normalise_arxiv(identifier)):
        return f"doi:{_ARXIV_DOI}{arxiv}", f"arxiv:{arxiv}"
    return (identifier,)


def fingerprint_id(title_or_abstract: str, first_author: str | None, year: int | None) -> str:
    """Give `sha:` and 16 hex digits that say which article it is, where no identifier does.

    Case, accents, spacing and punctuation make no difference, nor does the order of the
    first author's names.
    """
    names = sorted(fold_name(word, is_person=False) for word in _words(first_author or ""))
    key = "\x1f".join(
        (fold_name(title_or_abstract, is_person=False), " ".join(names), str(year or ""))
    )
    return f"sha:{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def fold_name(name: str, *, is_person: bool) -> str:
    """Give the key under which names are the same name to a filter.

    Left out of account: case, accents (é, ø, ł …), whitespace, periods and all other
    punctuation; for persons also the order "Family, Given". So "Müller, J.-P." and
    "J P Muller" are one. Of a name with two commas, "Family, Jr., Given", the suffix is put
    last. A name without letters or digits is its own key.
    """
    if is_person and "," in name:
        name = _given_first(name)
    return _alphanumerics(name) or " ".join(name.casefold().split())


def _given_first(name: str) -> str:
    family, *rest = [part.strip() for part in name.split(",")]
    suffixes = [part for part in rest if part.strip(".").lower() in _SUFFIXES]
    given = [part for part in rest if part not in suffixes]
    return " ".join([*given, family, *suffixes])


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text))


def _alphanumerics(text: str) -> str:
    """Give the letters and digits of a text, in one case and without accents.

    Only the accents of the European scripts go: in others a mark can be a vowel.
    """
    if text.isascii():
        return "".join(filter(str.isalnum, text)).lower()
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_NO_ACCENT)
    kept = (
        c
        for c in unicodedata.normalize("NFKD", decomposed)
        if c.isalnum() or (unicodedata.category(c)[0] == "M" and not "\u0300" <= c <= "\u036f")
    )
    return unicodedata.normalize("NFC", "".join(kept))
