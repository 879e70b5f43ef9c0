"""Quotations from abstracts, as they stand there or altered, each beside the DOI or the title."""

import random
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index.article import Article
from index.sentences import split_sentences

_FEWEST_WORDS, _MOST_WORDS = 8, 40
_NEGATIONS = {" is ": " is not ", " are ": " are not ", " can ": " cannot ", " not ": " "}


class Quotation(NamedTuple):
    """An answer that quotes one sentence; `fault` is None where it is as it stands there."""

    text: str
    fault: str | None


def make_quotations(articles: Sequence[Article], n: int, seed: int) -> Iterator[Quotation]:
    """Quote sentences, every second one altered in a number, a negation or a word."""
    draw = random.Random(seed)
    made = 0
    while made < n:
        article = draw.choice(articles)
        sentence = _sentence(article, draw)
        if sentence is None:
            continue
        fault, written = _altered(sentence, draw) if made % 2 else (None, sentence)
        name = f"doi:{article.doi}" if article.doi else f"“{article.title}”"
        yield Quotation(f"The authors write: “{written}” ({name}).", fault)
        made += 1


def _sentence(article: Article, draw: random.Random) -> str | None:
    abstract, title = article.abstract, article.title
    if not abstract or not title or any(sign in abstract + title for sign in '"“”«»*_[]'):
        return None
    sentences = [abstract[start:end] for start, end in split_sentences(abstract, article.language)]
    fitting = [one for one in sentences if _FEWEST_WORDS <= len(one.split()) <= _MOST_WORDS]
    return draw.choice(fitting) if fitting else None


def _altered(sentence: str, draw: random.Random) -> tuple[str, str]:
    """Alter a sentence in what hurts most, of what it has."""
    if number := re.search(r"\d+", sentence):
        other = str(int(number[0]) + draw.randint(1, 9))
        return "number altered", sentence[: number.start()] + other + sentence[number.end() :]
    for found, instead in _NEGATIONS.items():
        if found in sentence:
            return "negation altered", sentence.replace(found, instead, 1)
    words = sentence.split()
    place = draw.randrange(1, len(words) - 1)
    return "word left out", " ".join(words[:place] + words[place + 1 :])
