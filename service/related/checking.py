"""The bibliography checked: which entries are cited, and which no sentence seems to need."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index.calibration import Values, evidence
from index.snapshot import Snapshot
from index.vectors import Embedding, Embeddings
from service.deadline import NO_DEADLINE, Deadline
from service.drafts.cited import Citations
from service.drafts.draft import Draft
from service.drafts.entry import Bibliography, Entry
from service.related.candidates import least_match
from service.related.results import CheckedEntry
from service.steps import encoding

_DIGITS = 6


def check_entries(
    snapshot: Snapshot,
    draft: Draft,
    bibliography: Bibliography,
    citations: Citations,
    rows: Mapping[str, int | None],
    embeddings: Mapping[int, Embedding],
    min_match: float | None,
    deadline: Deadline = NO_DEADLINE,
) -> tuple[CheckedEntry, ...]:
    """Give every entry with the sentence that it is nearest to, by the meaning of both.

    `embeddings` are those of the sentences in need of a citation, by number. An entry is needed
    that is cited, or that supports one of these with a probability of `min_match`, by default
    what `least_match` gives.
    """
    entries = tuple(bibliography.by_key().values())
    cited = {entry.key for entry in citations.cited}
    numbers = [*embeddings]
    nearest, match = np.zeros(len(entries), int), np.full(len(entries), np.nan)
    texts = [draft.sentences[number].text for number in numbers]
    least = np.array([least_match(snapshot, "semantic", text, min_match) for text in texts])
    known = [place for place, entry in enumerate(entries) if entry.article.passage().strip()]
    if numbers and known:
        of_entries = _embeddings(snapshot, [entries[place] for place in known], rows, deadline)
        asked = np.array([*embeddings.values()])
        is_title_alone = np.array([not entries[place].article.abstract for place in known])
        matches = _matches(snapshot, of_entries @ asked.T, texts, is_title_alone)
        nearest[known], match[known] = matches.argmax(axis=1), matches.max(axis=1)
    floor = least[nearest] if numbers else np.ones(len(entries))
    return tuple(
        CheckedEntry(
            entry,
            _article_id(snapshot, rows[entry.key]),
            entry.key in cited,
            None if np.isnan(match[place]) else numbers[nearest[place]],
            None if np.isnan(match[place]) else float(match[place].round(_DIGITS)),
            entry.key in cited or bool(match[place] >= floor[place]),
        )
        for place, entry in enumerate(entries)
    )


def _embeddings(
    snapshot: Snapshot,
    entries: Sequence[Entry],
    rows: Mapping[str, int | None],
    deadline: Deadline,
) -> Embeddings:
    """Give the embeddings of entries: of those in the index the ones that lie there."""
    texts = [entry.article.passage() for entry in entries if rows[entry.key] is None]
    with encoding(len(texts)):
        passages = deadline.watching(snapshot.encoder.encode_passages(texts))
        encoded = iter([one.embedding for one in passages])
    return np.array(
        [
            next(encoded) if row is None else snapshot.vectors.embedding(row)
            for row in (rows[entry.key] for entry in entries)
        ],
        np.float32,
    )


def _matches(
    snapshot: Snapshot,
    cosines: Embeddings,
    texts: Sequence[str],
    is_title_alone: npt.NDArray[np.bool_],
) -> Values:
    """Give the probability that each entry matches each sentence, shape (entries, sentences)."""
    curves = [snapshot.manifest.calibration.curve("semantic", text) for text in texts]
    columns = [
        curve.probability(evidence("semantic", column.astype(np.float64), None, is_title_alone))
        for curve, column in zip(curves, cosines.T, strict=True)
    ]
    return np.stack(columns, axis=1)


def _article_id(snapshot: Snapshot, row: int | None) -> str | None:
    return None if row is None else snapshot.store.article_ids([row])[0]
