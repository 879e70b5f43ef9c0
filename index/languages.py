"""Languages as two-letter codes of ISO 639-1, from the codes and names that sources use."""

import re
from functools import lru_cache

# code: the three-letter codes of ISO 639-2 and 639-3, then English and own names.
_LANGUAGES = """
af afr afrikaans|ar ara arabic|az aze azerbaijani|be bel belarusian|bg bul bulgarian|bn ben bengali
bs bos bosnian|ca cat catalan|cs cze ces czech|cy wel cym welsh|da dan danish
de ger deu german deutsch|el gre ell greek|en eng english|eo epo esperanto
es spa spanish castilian espanol español|et est estonian|eu baq eus basque|fa per fas persian farsi
fi fin finnish|fr fre fra french francais français|ga gle irish|gl glg galician|gu guj gujarati
he heb hebrew|hi hin hindi|hr hrv scr croatian|hu hun hungarian|hy arm hye armenian
id ind indonesian|is ice isl icelandic|it ita italian italiano|ja jpn japanese|ka geo kat georgian
kk kaz kazakh|km khm khmer|kn kan kannada|ko kor korean|la lat latin|lt lit lithuanian
lv lav latvian|mk mac mkd macedonian|ml mal malayalam|mn mon mongolian|mr mar marathi
ms may msa malay|my bur mya burmese|ne nep nepali|nl dut nld dutch flemish|no nor norwegian
nb nob bokmal bokmål|nn nno nynorsk|pa pan punjabi|pl pol polish polski
pt por portuguese portugues português|ro rum ron romanian|ru rus russian|si sin sinhala
sk slo slk slovak|sl slv slovenian slovene|sq alb sqi albanian|sr srp scc serbian|sv swe swedish
sw swa swahili|ta tam tamil|te tel telugu|th tha thai|tr tur turkish|uk ukr ukrainian|ur urd urdu
uz uzb uzbek|vi vie vietnamese|zh chi zho chinese mandarin cmn|zu zul zulu
"""
_CODES = {
    name: line.split()[0]
    for line in _LANGUAGES.replace("\n", "|").split("|")
    for name in line.split()
}
_NO_LANGUAGE = frozenset(("und", "mul", "zxx", "mis", "unk", "nan", "na"))
_WORDS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1024)
def parse_language(raw: str) -> str | None:
    """Give the two-letter code of a language, of several the first; None if there is none.

        parse_language("en-US")            "en"
        parse_language("English; French")  "en"
        parse_language("tlh")              "tlh"

    A code that the table does not hold is kept, in lower case; any other word is not.
    """
    words = _WORDS.findall(raw.casefold())
    if not words or words[0] in _NO_LANGUAGE:
        return None
    first: str = words[0]
    is_code = first.isascii() and len(first) in (2, 3)
    return _CODES.get(first, first if is_code else None)
