"""Sentences that need no citation are told from those that do."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from service.drafts.need import Kind, kind_of, needs_citation

SENTENCES = [
    orjson.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "citation_need.jsonl")
    .read_text()
    .splitlines()
]


def share_right(**wanted: Any) -> float:
    """Give the share of some of the sentences that is judged rightly."""
    chosen = [one for one in SENTENCES if wanted.items() <= one.items()]
    right = [needs_citation(kind_of(one["text"])) == one["needs"] for one in chosen]
    assert len(right) >= 40
    return sum(right) / len(right)
