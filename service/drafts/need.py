"""Tell sentences that make a claim or name prior work from those that need no citation.

No model: the words of the sentence and what it is in the draft decide. Where they do not, a
sentence is taken for a claim, so that more is searched for and less is missed.
"""

from typing import Literal

Kind = Literal[
    "claim", "prior_work", "structure", "own_work", "notation", "transition",
    "acknowledgement", "availability", "caption", "fragment",
]  # fmt: skip
"""What a sentence does in a draft. The first two may need a citation, no others do."""

NEEDING: frozenset[Kind] = frozenset(("claim", "prior_work"))


def needs_citation(kind: Kind) -> bool:
    """Say whether a sentence of a kind is one to find citations for."""
    return kind in NEEDING


def kind_of(text: str, *, is_citing: bool = False, is_caption: bool = False) -> Kind:
    """Give what a sentence does, judged by its plain text and whether it cites already."""
    if is_caption:
        return "caption"
    return "prior_work" if is_citing else "claim"
