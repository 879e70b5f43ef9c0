"""What a comparison is made of: the plan, the questions of each phase, the common ground."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.ground import Ground, draw_questions, take_ground
from scripts.load import Request
from scripts.systems import (
    FILTERED,
    HYBRID,
    ROOT,
    SEMANTIC,
    UNFLOORED,
    UNFLOORED_HYBRID,
    WHOLE,
    Asked,
    System,
)

LIMIT = 20
CLIENTS: Mapping[str, Sequence[int]] = {
    SEMANTIC: (1, 8, 32),
    HYBRID: (1, 8, 32),
    FILTERED: (1,),
    UNFLOORED: (1, 8),
    UNFLOORED_HYBRID: (1, 8),
    WHOLE: (1, 8, 32),
}
"""In the order in which they are run, by how many clients at once each way is asked."""
N_WARM_UP = 20
PEERS_FOLDER = ROOT / "scripts/peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be measured: of which systems, how often, by how many questions."""

    index: Path
    work: Path
    systems: Sequence[str]
    n_rounds: int
    n_questions: int
    n_recall: int
    n_passages: int

    @property
    def n_drawn(self) -> int:
        """How many questions are drawn: for each way and number of clients others."""
        n_phases = sum(len(clients) for clients in CLIENTS.values())
        return n_phases * self.n_questions + self.n_recall + N_WARM_UP


@dataclass(frozen=True, slots=True)
class Comparison:
    """A plan, and all that its systems have in common."""

    plan: Plan
    ground: Ground
    questions: Sequence[str]
    journal: str

    @classmethod
    def take(cls, plan: Plan) -> "Comparison":
        """Take the common ground from the index, and draw the questions."""
        ground = take_ground(plan.index, plan.work / "given")
        questions = draw_questions(ground.articles, plan.n_drawn)
        return cls(plan, ground, questions, ground.journal()[0])

    def phase(self, way: str, n_clients: int) -> Sequence[str]:
        """Give the questions of a way and number of clients; in every round the same."""
        phases = [(one, n) for one, clients in CLIENTS.items() for n in clients]
        start = phases.index((way, n_clients)) * self.plan.n_questions
        return self.questions[start : start + self.plan.n_questions]

    def folder(self, name: str) -> Path:
        """Give the folder of a system, or of something else, among what the comparison keeps."""
        return self.plan.work / name.replace(" ", "_").casefold()

    def fingerprint(self) -> list[object]:
        """Say what figures depend on, beside the system and the machine."""
        plan = self.plan
        counts = [plan.n_questions, plan.n_recall, plan.n_passages]
        return [*self.origin(), *counts]

    def origin(self) -> list[str]:
        """Say what a peer's folder is made from: the snapshot, and the code of the peers."""
        code = hashlib.sha256()
        for path in sorted(PEERS_FOLDER.glob("*.py")):
            code.update(path.read_bytes())
        return [self.ground.snapshot.name, code.hexdigest()[:16]]

    @property
    def for_recall(self) -> Sequence[str]:
        """The questions that recall is measured by."""
        end = len(self.questions) - N_WARM_UP
        return self.questions[end - self.plan.n_recall : end]

    @property
    def warm_up(self) -> Sequence[str]:
        """The questions asked before each phase, whose answers are not timed."""
        return self.questions[len(self.questions) - N_WARM_UP :]

    def requests(self, system: System, way: str, texts: Sequence[str], limit: int) -> list[Request]:
        """Put questions as a system wants them put."""
        return [system.request(Asked(text, way, limit, self.journal)) for text in texts]
