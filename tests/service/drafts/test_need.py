"""Sentences that need no citation are told from those that do.

`tests/data/citation_need.jsonl` holds both. Rules were made on the part "development"; the part
"held-out" was written before it was judged for the first time and has changed no rule.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest

from service.drafts.need import Kind, kind_of, needs_citation

SENTENCES: list[dict[str, Any]] = [
    orjson.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "citation_need.jsonl")
    .read_text()
    .splitlines()
]


def share_right(**wanted: Any) -> float:
    """Give the share of some of the sentences that is judged rightly."""
    chosen = [one for one in SENTENCES if wanted.items() <= one.items()]
    right = [needs_citation(kind_of(one["text"])) is one["needs"] for one in chosen]
    assert len(right) >= 30
    return sum(right) / len(right)


def test_sentences_that_need_none_are_recognised() -> None:
    # Each new form of words costs a rule: what was never seen is recognised less often.
    assert share_right(set="development", needs=False) >= 0.95
    assert share_right(set="held-out", needs=False) >= 0.88


@pytest.mark.parametrize("part", ["development", "held-out"])
def test_sentences_that_need_one_are_kept(part: str) -> None:
    assert share_right(set=part, needs=True) >= 0.95


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Dogs bark at night because they hear foxes.", "claim"),
        ("Several studies have found that dogs bark at night.", "prior_work"),
        ("Table 2 shows how often dogs bark at night.", "structure"),
        ("Dogs bark at night because they hear foxes (see Table 2).", "claim"),
        ("Let n be the number of dogs.", "notation"),
        ("We now turn to the second question.", "transition"),
        ("There are two reasons for this choice.", "transition"),
        ("We thank all dogs and their owners for their patience.", "acknowledgement"),
        ("Our code is available at our web page.", "availability"),
        ("We train for 10 epochs with a batch size of 32 on one GPU.", "own_work"),
        ("Dogs at night.", "fragment"),
        ("犬は夜に吠えることが多いと知られている。", "claim"),
    ],
)
def test_the_kind_of_a_sentence_is_told(text: str, kind: Kind) -> None:
    assert kind_of(text) == kind


def test_the_place_of_a_sentence_counts() -> None:
    claim = "Dogs bark at night because they hear foxes."
    assert kind_of(claim, is_caption=True) == "caption"
    assert kind_of(claim, section="Acknowledgements") == "acknowledgement"
    assert kind_of("Table 2 follows them.", is_citing=True) == "prior_work"
    assert kind_of("The camera faced each speaker.", section="Results") == "claim"
    assert kind_of("One camera faced each speaker for 90 minutes.", section="Methods") == "own_work"
