"""Answers to examples on the wire: each hit with the example it is there for."""

from typing import Literal

from pydantic import Field

from service.results import PieceOfText, Reason, Results, ShownExample
from service.schemas import HitWire, ResultsWire, Wire, hit_to_wire, results_to_wire, rounded


class PieceOfTextWire(Wire):
    """A title or a sentence, at its place; the field `text` is a text given as example."""

    field: Literal["title", "abstract", "text"]
    text: str
    start: int = Field(description="Where it begins in that field, in Unicode code points.")
    end: int = Field(description="Where it ends: the first code point behind it.")


class SentencePairWire(Wire):
    """The title or sentence of the example and that of the article nearest to each other."""

    example: PieceOfTextWire
    article: PieceOfTextWire
    cosine: float


class ReasonWire(Wire):
    """What a hit has in common with an example."""

    example: int = Field(description="Its number, from 0, in `positive` or `negative` here.")
    cosine: float = Field(description="The cosine of the example and the article.")
    sentences: SentencePairWire


class ShownExampleWire(Wire):
    """An example as it was understood."""

    given: int = Field(description="Its number in the request, from 0; a paste can hold several.")
    article_id: str | None = Field(description="Null where it is no article of the index.")
    title: str | None


class SimilarHitWire(HitWire):
    """One article of an answer to examples."""

    because: ReasonWire | None = Field(
        description="The example that pulled it in: the one it most probably matches. Null with "
        "negative examples alone."
    )
    despite: ReasonWire | None = Field(
        description="The negative example that pushed it down; null where none did. With negative "
        "examples alone, the one it is most like."
    )


class SimilarAnswer(ResultsWire):
    """The articles like some examples and unlike others."""

    article_id: str = Field(
        default="", description="The article asked for by its id in the path; absent from POST."
    )
    positive: list[ShownExampleWire]
    negative: list[ShownExampleWire]
    hits: list[SimilarHitWire]  # type: ignore[assignment]  # more is said of each


def similar_to_wire(results: Results) -> dict[str, object]:
    """Give an answer to examples: what every answer holds, the examples, and each hit's reasons."""
    wire = results_to_wire(results, [])
    wire["hits"] = [
        hit_to_wire(hit)
        | {"because": _reason_to_wire(hit.because), "despite": _reason_to_wire(hit.despite)}
        for hit in results.hits
    ]
    wire["positive"] = [_example_to_wire(example) for example in results.positive]
    wire["negative"] = [_example_to_wire(example) for example in results.negative]
    return wire


def _example_to_wire(example: ShownExample) -> dict[str, object]:
    return {"given": example.given, "article_id": example.article_id, "title": example.title}


def _reason_to_wire(reason: Reason | None) -> dict[str, object] | None:
    if reason is None:
        return None
    return {
        "example": reason.example,
        "cosine": rounded(reason.cosine),
        "sentences": {
            "example": piece_to_wire(reason.sentences.example),
            "article": piece_to_wire(reason.sentences.article),
            "cosine": rounded(reason.sentences.cosine),
        },
    }


def piece_to_wire(piece: PieceOfText) -> dict[str, object]:
    """Give a title or a sentence at its place."""
    return {"field": piece.field, "text": piece.text, "start": piece.start, "end": piece.end}
