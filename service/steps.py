"""How long the steps of answers take, and how many texts are encoded at once.

Counted for the whole process, whichever snapshot answers: `/metrics` shows it.
"""

from contextlib import AbstractContextManager
from typing import Literal

from prometheus_client import CollectorRegistry, Histogram

Step = Literal[
    "encode", "scan", "words", "names", "second_look", "rerank", "facets", "read", "highlight"
]

REGISTRY = CollectorRegistry()
"""What is counted here."""

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_steps = Histogram(
    "cognate_step_seconds",
    "Time of one step of an answer; some run beside each other.",
    ("step",),
    buckets=_SECONDS,
    registry=REGISTRY,
)
_encoded = Histogram(
    "cognate_encoded_texts",
    "Texts that were encoded at once.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
    registry=REGISTRY,
)


def step(name: Step) -> AbstractContextManager[object]:
    """Count the time that what is done in this context takes; some 3 µs are the counting's."""
    return _steps.labels(name).time()


def encoding(n_texts: int) -> AbstractContextManager[object]:
    """Count the time that some texts take to encode, and how many they are."""
    _encoded.observe(n_texts)
    return step("encode")
