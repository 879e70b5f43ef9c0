"""Measure whether what lies past the encoder's window is found as what lies before it.

    python -m scripts.past_window CORPUS --index DIR [--results FILE.json]

Articles of CORPUS, which the index holds, are drawn (seeded) among those whose passage overflows
the window and that have a whole sentence of eight words or more on either side of its end; one
that straddles it counts for neither. One sentence of each side is asked, as it stands and with
every second word left out, of a real service in every mode, with the default floor and with
`min_match=0`. Found means that the article, or another version of it, is among the first ten.
The interval is that of a bootstrap over articles. Sentences that say where the code is are much
alike, and mostly stand at the end: the figures are given without their articles too. `--n` scales
the draw down; `--smoke` asks a few questions about the project's own sample, of which DIR must
be an index.
"""

import argparse
import json
import random
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import orjson
from tokenizers import Tokenizer

from index.article import Article
from index.onnx import SPEC_FILE, TOKENIZER_FILE, EncoderSpec
from index.sentences import split_sentences
from index.snapshot import SNAPSHOTS, current_name
from scripts.draws import read_known
from scripts.known_items import FIRST, MOST_LISTED, SAMPLE, place_of
from scripts.provenance import provenance
from scripts.serving import Service, serve

N_ARTICLES = 500
N_SMOKE = 8
LEAST_WORDS = 8
MODES = ("hybrid", "semantic", "lexical")
FLOORS = {"default floor": None, "min_match=0": 0}
N_RESAMPLED = 2000

_DIGITS = 4
_WHERE_THE_CODE_IS = re.compile(
    r"https?:|www\.|\bgithub\b"
    r"|\b(?:codes?|data|datasets?|models?|weights|demos?|page)\b.*\b(?:available|released?|public)\b",
    re.IGNORECASE,
)

Side = Literal["before", "past"]
Form = Literal["verbatim", "every second word"]
Figures = dict[str, object]
Found = dict[Side, list[bool]]


@dataclass(frozen=True, slots=True)
class Window:
    """Where an encoder stops reading a passage."""

    tokenizer: Tokenizer
    spec: EncoderSpec

    @classmethod
    def open(cls, directory: Path) -> "Window":
        """Open the tokenizer of the current snapshot of an index."""
        folder = directory / SNAPSHOTS / current_name(directory) / "encoder"
        spec = EncoderSpec.from_json(orjson.loads((folder / SPEC_FILE).read_bytes()))
        tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        tokenizer.no_padding()
        tokenizer.enable_truncation(spec.window)
        return cls(tokenizer, spec)

    def end(self, passage: str) -> int | None:
        """Give the place of the first character that is not read; None where all are."""
        prompt = self.spec.passage_prompt
        encoding = self.tokenizer.encode(prompt + passage)
        if not encoding.overflowing:
            return None
        # what the tokenizer adds of its own has the place 0
        return max(end for _, end in encoding.offsets) - len(prompt)


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence from either side of the window's end, of one article."""

    article: Article
    before: str
    past: str

    def query(self, side: Side, form: Form) -> str:
        """Give one of the sentences as it is asked."""
        sentence = self.past if side == "past" else self.before
        if form == "verbatim":
            return sentence
        draw = random.Random(f"{self.article.article_id} {side}")
        return " ".join(sentence.split()[draw.randrange(2) :: 2])

    @property
    def says_where_the_code_is(self) -> bool:
        """Whether one of the sentences is of the kind that many abstracts have."""
        return any(map(_WHERE_THE_CODE_IS.search, (self.before, self.past)))


def sides(article: Article, end: int) -> tuple[list[str], list[str]]:
    """Give the sentences of an abstract that lie wholly before the window's end, and past it."""
    before: list[str] = []
    past: list[str] = []
    abstract = article.abstract or ""
    shift = len(article.passage()) - len(abstract)
    for first, last in split_sentences(abstract, article.language):
        sentence = abstract[first:last]
        if len(sentence.split()) < LEAST_WORDS:
            continue
        if last + shift <= end:
            before.append(sentence)
        elif first + shift >= end:
            past.append(sentence)
    return before, past


def draw_pairs(articles: Sequence[Article], window: Window, n: int) -> list[Pair]:
    """Draw articles that overflow the window, with a sentence of either side."""
    shuffled = random.Random("articles").sample(articles, len(articles))
    return [pair for pair, _ in zip(_pairs(shuffled, window), range(n), strict=False)]


def _pairs(articles: Sequence[Article], window: Window) -> Iterator[Pair]:
    draw = random.Random("sentences")
    for article in articles:
        end = window.end(article.passage())
        if end is None:
            continue
        before, past = sides(article, end)
        if before and past:
            yield Pair(article, draw.choice(before), draw.choice(past))


def ask(service: Service, pairs: Sequence[Pair], form: Form, **options: object) -> Found:
    """Tell of each article whether the sentence of either side finds it."""
    found: Found = {"before": [], "past": []}
    for pair in pairs:
        for side, of_side in found.items():
            query = pair.query(side, form)
            hits = service.search(query=query, limit=FIRST, highlight=False, **options)["hits"]
            of_side.append(place_of(pair.article.article_id, hits) is not None)
    return found


def compare(found: Found, kept: Sequence[bool]) -> Figures:
    """Give the recall of either side over the articles kept, and how far they are apart."""
    before, past = (
        np.array(found[side], dtype=np.float64)[np.array(kept, dtype=np.bool_)]
        for side in get_args(Side)
    )
    if not len(before):
        return {"n": 0}
    low, high = interval(past - before)
    return {
        "n": len(before),
        "before": round(float(before.mean()), _DIGITS),
        "past": round(float(past.mean()), _DIGITS),
        "past_minus_before": round(float((past - before).mean()), _DIGITS),
        "interval_95": [round(low, _DIGITS), round(high, _DIGITS)],
    }


def interval(differences: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    """Give the 95 % interval of the mean of paired differences, by a seeded bootstrap."""
    n = len(differences)
    means = [
        differences[rows].mean()
        for rows in np.random.default_rng(0).integers(n, size=(N_RESAMPLED, n))
    ]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def measure(service: Service, pairs: Sequence[Pair]) -> Figures:
    """Ask all sentences in every form, mode and with every floor."""
    everything = [True] * len(pairs)
    telling = [not pair.says_where_the_code_is for pair in pairs]
    recalls: dict[str, dict[str, dict[str, Figures]]] = {}
    not_found: dict[Side, list[str]] = {}
    for form in get_args(Form):
        for mode in MODES:
            for floor, min_match in FLOORS.items():
                options = {} if min_match is None else {"min_match": min_match}
                found = ask(service, pairs, form, mode=mode, **options)
                recalls.setdefault(form, {}).setdefault(mode, {})[floor] = compare(
                    found, everything
                ) | {"without_where_the_code_is": compare(found, telling)}
                if (form, mode, min_match) == ("verbatim", "hybrid", None):
                    not_found = _not_found(pairs, found)
    return {f"recall@{FIRST}": recalls, "not_found": not_found}


def _not_found(pairs: Sequence[Pair], found: Found) -> dict[Side, list[str]]:
    """Give ids and sentences that were not found, as many of either side."""
    return {
        side: [
            f"{pair.article.article_id}: {pair.query(side, 'verbatim')}"
            for pair, is_found in zip(pairs, of_side, strict=True)
            if not is_found
        ][: MOST_LISTED // 2]
        for side, of_side in found.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, and write the figures with their provenance where asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("corpus", nargs="?", type=Path, metavar="CORPUS")
    parser.add_argument("--index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--n", type=int, default=N_ARTICLES, help="articles to draw")
    parser.add_argument("--smoke", action="store_true", help="the sample library, a few questions")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    options = parser.parse_args(arguments)
    if bool(options.corpus) == options.smoke:
        parser.error("name a corpus, or ask for --smoke")
    known = read_known(SAMPLE if options.smoke else options.corpus)
    window = Window.open(options.index)
    pairs = draw_pairs(known.drawn_from, window, N_SMOKE if options.smoke else options.n)
    if not pairs:
        parser.error("no article has a sentence on either side of the window's end")
    with serve(options.index) as service:
        figures = describe(options.index, window, pairs) | measure(service, pairs)
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if options.results:
        written = json.dumps(provenance() | figures, indent=2, ensure_ascii=False)
        options.results.write_text(written + "\n", encoding="utf-8")
    return 0


def describe(directory: Path, window: Window, pairs: Sequence[Pair]) -> Figures:
    """Give what was drawn, of which index."""
    sentences = {side: [pair.query(side, "verbatim") for pair in pairs] for side in get_args(Side)}
    return {
        "index": directory.name,
        "snapshot": current_name(directory),
        "window": window.spec.window,
        "n_articles": len(pairs),
        "n_that_say_where_the_code_is": sum(pair.says_where_the_code_is for pair in pairs),
        "median_words": {
            side: statistics.median(len(one.split()) for one in of_side)
            for side, of_side in sentences.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
