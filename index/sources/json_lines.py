"""JSON Lines: one JSON object a line, of our own form, BEIR's, or a service's.

A damaged line costs that line only, and no file is too long: one line is held at a time.
"""

from collections.abc import Iterator

import orjson

from index.sources.json_documents import is_response
from index.sources.json_records import parse_record
from index.sources.opening import HEAD_BYTES, Source
from index.sources.record import Record, Refused

_LINES_TRIED = 20
_LONG = HEAD_BYTES // 4  # characters; a head longer than this may be cut


def recognise(head: str) -> bool:
    """Tell JSON Lines from one JSON document spread over lines, or holding a list."""
    if not head.lstrip().startswith("{"):
        return False
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_cut = len(head) > _LONG
    if len(lines) > 1 and is_cut:
        lines.pop()
    lines = [line for line in lines if line.strip()][:_LINES_TRIED]
    if is_response(lines[0]):
        return False
    # The first line may be damaged, or longer than the head.
    n_objects = sum(_is_object(line) for line in lines)
    return n_objects * 2 >= len(lines) or (len(lines) == 1 and is_cut)


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record or a refusal for every line that is not blank."""
    for number, line in source.lines():
        if not line or line.isspace():
            continue
        try:
            yield parse_record(line, number)
        except orjson.JSONDecodeError as error:
            yield Refused(number, f"is not JSON: {error.msg} (column {error.colno})")


def _is_object(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False
