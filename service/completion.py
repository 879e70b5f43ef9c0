"""Completions: articles by the beginning of a title, or of words in it, while it is typed."""

from index.article import Article
from index.identity import fold_name
from index.snapshot import Snapshot

MOST_LOOKED_AT = 1_000
"""Of a beginning that more titles have, as of a single letter, so many are put in order."""


def complete(snapshot: Snapshot, beginning: str, most: int) -> list[int]:
    """Give rows whose title has the words of `beginning` in a row, the last of them begun.

    Titles that begin so come first; of equals the shortest, then the first `article_id`.
    """
    rows = snapshot.lexical.begun_rows(beginning, "title", MOST_LOOKED_AT)
    rows = rows[snapshot.versions.representatives("published")[rows] == rows]
    wanted = fold_name(beginning, is_person=False)
    found = zip(rows.tolist(), snapshot.store.articles(rows.tolist()), strict=True)

    def place(one: tuple[int, Article]) -> tuple[bool, int, str]:
        title = one[1].title or ""
        begins = fold_name(title, is_person=False).startswith(wanted)
        return not begins, len(title), one[1].article_id

    return [row for row, _ in sorted(found, key=place)[:most]]
