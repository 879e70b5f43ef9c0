"""The health of the corpus on the wire."""

from dataclasses import asdict

from pydantic import Field

from index.health import Health
from service.schemas import Wire


class LanguageWire(Wire):
    """How many articles say that they are in a language."""

    language: str | None = Field(description="A code of ISO 639-1; null: they do not say.")
    n_articles: int


class CorpusHealthAnswer(Wire):
    """What of the articles is missing, cut, foreign to the model or withdrawn."""

    snapshot: str
    n_articles: int
    n_without_abstract: int = Field(description="Known by their titles only.")
    n_without_title: int = Field(description="Known by their abstracts only.")
    n_without_authors: int
    n_undated: int
    n_truncated: int = Field(description="Longer than what their embeddings have seen.")
    n_retracted: int
    n_foreign: int | None = Field(
        description="In a language that is none of the model's; null where it names none."
    )
    model: str
    model_languages: list[str]
    languages: list[LanguageWire]
    n_sources: int
    n_unread_sources: int
    n_records: int = Field(description="Read from all sources since the index was made.")
    n_refused: int = Field(description="Of these records, how many became no article.")
    n_repaired: int
    n_merged: int


def health_to_wire(health: Health, snapshot: str) -> dict[str, object]:
    """Give the health of a corpus as JSON values."""
    languages = [{"language": code, "n_articles": number} for code, number in health.languages]
    return {"snapshot": snapshot, **asdict(health), "languages": languages}
