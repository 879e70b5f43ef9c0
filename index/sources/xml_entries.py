"""Stream the entries of an XML source, safely: what the three XML readers share.

Nothing is fetched and nothing expanded: no network, no DTD, no entities, the parser's own
bounds on depth and length left in place. An entry is dropped from memory once it is given.
"""

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from index.errors import SourceError
from index.sources.opening import Source
from index.sources.record import Refused

_NAME = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")


def root_name(head: str) -> str | None:
    """Give the name of an XML document's root element, or None where it is no XML."""
    found = _NAME.match(_after_prolog(head))
    return found[1] if found else None


def _after_prolog(head: str) -> str:
    """Give what follows the declaration, comments, instructions and document type."""
    rest = head.lstrip()
    while rest.startswith(("<?", "<!")):
        if rest.startswith("<!--"):
            rest = rest.partition("-->")[2]
        elif "[" in rest.partition(">")[0] and rest.startswith("<!"):
            rest = rest.partition("]")[2].partition(">")[2]
        else:
            rest = rest.partition(">")[2]
        rest = rest.lstrip()
    return rest


def stream_entries(source: Source, names: Iterable[str]) -> Iterator[etree._Element | Refused]:
    """Give every element with one of the names, in any namespace, then where the file fails.

    An element is valid until the next is asked for. A document that declares entities of
    its own raises SourceError: no list of articles needs them, and bombs are made of them.
    """
    prolog = source.head.removesuffix(_after_prolog(source.head))
    if "<!ENTITY" in prolog:
        raise SourceError(
            source.name, "declares XML entities of its own, which are not expanded; remove them"
        )
    with source.binary() as stream:
        events = etree.iterparse(
            stream,
            events=("end",),
            tag=[f"{{*}}{name}" for name in names],
            load_dtd=False,
            no_network=True,
            resolve_entities=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        n_given = 0
        try:
            for _, element in events:
                n_given += 1
                yield element
                _drop(element)
        except (etree.XMLSyntaxError, LookupError) as error:
            yield _broken(events, error, n_given)


def line_of(element: etree._Element) -> int:
    """Give the line an element begins on."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 1


def inner_xml(element: etree._Element | None) -> str | None:
    """Give what an element holds, its markup and escapes as they are, or None if nothing."""
    if element is None:
        return None
    whole = etree.tostring(element, encoding="unicode", with_tail=False)
    inner = whole.partition(">")[2].rpartition("</")[0]
    return inner if inner.strip() else None


def text_of(element: etree._Element | None) -> str | None:
    """Give the text in an element, without any markup, or None if there is none."""
    if element is None:
        return None
    text = "".join(str(piece) for piece in element.itertext()).strip()
    return text or None


def _drop(element: etree._Element) -> None:
    """Free an element and all before it, so that memory does not grow with the file."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _broken(events: object, error: Exception, n_given: int) -> Refused:
    """Say where the XML fails; this parser's log knows more than the exception."""
    log = [entry for entry in getattr(events, "error_log", ()) if entry.level_name == "FATAL"]
    line, what = (log[0].line, log[0].message) if log else (1, str(error))
    return Refused(
        max(1, line),
        f"the XML cannot be read on from here ({what.strip()}); the {n_given} entries before were "
        "read, any after were not",
    )
