"""Keys: what the works that are offered are to be cited by."""

from collections.abc import Mapping
from dataclasses import dataclass

from index.article import Article
from index.snapshot import Snapshot
from service.drafts.entry import Bibliography
from service.exports.citation_keys import new_keys
from service.results import FoundArticle


@dataclass(frozen=True, slots=True)
class Keys:
    """The key of each work by row, and the works whose keys are new, by key and in order."""

    of_row: Mapping[int, str]
    new: Mapping[str, Article]


def assign_keys(
    snapshot: Snapshot,
    bibliography: Bibliography,
    rows: Mapping[str, int | None],
    works: Mapping[int, FoundArticle],
) -> Keys:
    """Give works the keys that the bibliography has for them, in whatever version, or new ones.

    `rows` are those of the bibliography's entries, by key.
    """
    known: dict[int, str] = {}
    for key, row in rows.items():
        for member in () if row is None else snapshot.versions.members(row):
            known.setdefault(member, key)
    new = [(row, work.article) for row, work in works.items() if row not in known]
    articles = [article for _, article in new]
    keys = new_keys(articles, [entry.key for entry in bibliography.entries])
    of_new = {row: key for (row, _), key in zip(new, keys, strict=True)}
    return Keys(known | of_new, dict(zip(keys, articles, strict=True)))
