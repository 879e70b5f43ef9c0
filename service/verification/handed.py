"""What was handed to the model, looked up again: by number, by key, and whether it is as it was."""

import hashlib
from dataclasses import dataclass

from index.article import Article
from service.context.bundle import DIGEST_BYTES, Bundle, Handed
from service.context.results import GAP
from service.verification.library import Library, Work


@dataclass(frozen=True, slots=True)
class HandedWork:
    """One excerpt and the work it is of, None where the index no longer has it.

    `text` is the excerpt as the index has it now; `is_changed` where that is not what was
    handed over.
    """

    handed: Handed
    work: Work | None
    article: Article | None
    is_changed: bool


class HandedOver:
    """A bundle in the light of one snapshot."""

    def __init__(self, bundle: Bundle, library: Library) -> None:
        self.bundle = bundle
        self.works = tuple(_looked_up(one, library) for one in bundle.handed)
        self._by_key = {one.handed.key.casefold(): one for one in self.works}
        self._by_number = {str(one.handed.number): one for one in self.works}
        self._rows = {row for one in self.works if one.work for row in one.work.rows}

    def numbered(self, number: str) -> HandedWork | None:
        """Give the excerpt of a number."""
        return self._by_number.get(number)

    def keyed(self, key: str) -> HandedWork | None:
        """Give the excerpt of a key."""
        return self._by_key.get(key.casefold())

    def has_key(self, key: str) -> bool:
        """Tell whether an excerpt has this key."""
        return key.casefold() in self._by_key

    def holds(self, work: Work) -> bool:
        """Tell whether some version of a work was handed over."""
        return not self._rows.isdisjoint(work.rows)

    def of(self, work: Work) -> HandedWork | None:
        """Give the excerpt of a work."""
        return next(
            (one for one in self.works if one.work and set(one.work.rows) & set(work.rows)), None
        )


def _looked_up(handed: Handed, library: Library) -> HandedWork:
    work = library.identified(handed.article_id)
    article = work.article if work else None
    if work is None or article is None:
        return HandedWork(handed, None, None, is_changed=True)
    text = (article.abstract if handed.field == "abstract" else article.title) or ""
    is_whole = all(end <= len(text) for _, end in handed.spans)
    excerpt = GAP.join(text[start:end] for start, end in handed.spans)
    digest = hashlib.sha256(excerpt.encode()).digest()[:DIGEST_BYTES]
    return HandedWork(handed, work, article, not is_whole or digest != handed.digest)


def changed(one: HandedWork, snapshot: str) -> str:
    """Say what has become of an excerpt since it was handed over; "" where it is as it was."""
    if one.work is None:
        return f"It was handed over from {snapshot}, and this corpus no longer has it."
    if one.is_changed:
        return f"Its text has changed since it was handed over from {snapshot}."
    return ""
