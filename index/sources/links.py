"""Find identifiers in links: many exports give an article's id nowhere else."""

import re
from collections.abc import Iterable, Iterator

_LINKED = (
    ("doi", re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\S+)", re.IGNORECASE)),
    ("pmid", re.compile(r"ncbi\.nlm\.nih\.gov/(?:pubmed/)?(\d{1,8})/?(?:$|[?#])", re.IGNORECASE)),
    (
        "arxiv",
        re.compile(
            r"arxiv\.org/(?:abs|pdf)/([^\s?#]{1,100}?)(?:\.pdf)?/?(?:$|[?#])", re.IGNORECASE
        ),
    ),
    ("wos", re.compile(r"<Go to ISI>://(?:WOS:)?(\d{15})$")),
)


def identifiers_in(links: Iterable[str], known: Iterable[str] = ()) -> Iterator[str]:
    """Give the first id of each scheme that the links hold and `known` does not, `scheme:id`."""
    links = tuple(links)
    schemes = {identifier.partition(":")[0] for identifier in known}
    for scheme, pattern in _LINKED:
        found = next((hit[1] for link in links if (hit := pattern.search(link))), None)
        if found and scheme not in schemes:
            yield f"{scheme}:{found}"
