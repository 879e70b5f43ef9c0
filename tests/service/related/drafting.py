"""A draft about the small library, and its bibliography."""

from service.related.query import RelatedQuery
from service.related.results import AnsweredSentence, RelatedResults
from service.search import SearchEngine

EEG = "A graph network reads feelings when electroencephalography records brain signals"
WHEAT = "Soil moisture decides the yield of wheat"
SURVEYED = "It has been surveyed how feelings are recognised from faces, voices and brain signals"
STRUCTURE = "The rest of this paper is organised as follows"

DRAFT = rf"""\documentclass{{article}}
\title{{Feelings in the field}}
\begin{{document}}
\maketitle
\section{{Introduction}}
{SURVEYED} \citep{{chen2024survey}}.
{EEG}. % a comment: 100\% of it
{WHEAT}.
We say that soil moisture decides the yield of wheat.
{STRUCTURE}.
\end{{document}}
"""

BIBLIOGRAPHY = """
@article{chen2024survey, title = {A survey of emotion recognition}, author = {Chen, Bo},
  year = {2024}, doi = {10.5555/eeg.2}}
@article{ek2023soil, title = {Soil moisture and the yield of wheat}, author = {Ek, Dora},
  year = {2023}}
@book{noone1999lute, title = {Lute duets}, author = {Noone, Ed}, year = 1999}
"""


def ask(engine: SearchEngine, text: str = DRAFT, **more: object) -> RelatedResults:
    """Ask for the related work of a draft."""
    asked = {"bibliography": BIBLIOGRAPHY, "neighbours": 0} | more
    return engine.related(RelatedQuery(text=text, **asked))  # type: ignore[arg-type]


def answer(results: RelatedResults, text: str) -> AnsweredSentence:
    """Give the answer to a sentence."""
    (found,) = [one for one in results.sentences if one.sentence.text.startswith(text)]
    return found


def ids(sentence: AnsweredSentence) -> list[str]:
    """Give the ids of its candidates, best first."""
    return [candidate.article.article_id for candidate in sentence.candidates]
