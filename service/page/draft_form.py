"""The form of a draft: what was typed or pasted into it, and the files that were sent with it.

With a script the page reads files into the form before it is sent; without one a browser sends
them as they are. A file counts more than the text beside it, and the page says so.
"""

import sys
from dataclasses import dataclass
from typing import Literal

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from index.errors import QueryError

Text = Literal["draft", "bibliography"]
TEXTS: tuple[Text, ...] = ("draft", "bibliography")
_FILE = "_file"
"""What the name of a field for a file ends in."""
_MOST_FILES, _MOST_FIELDS = 4, 16


@dataclass(frozen=True, slots=True)
class DraftForm:
    """The texts of a form, whether pasted or of files, its other fields, and what to say of it."""

    draft: str = ""
    bibliography: str = ""
    name: str = ""
    format: str = ""
    download: str = ""
    notes: tuple[str, ...] = ()


async def read_draft_form(request: Request) -> DraftForm:
    """Read a form as it was sent; QueryError where it is damaged, or a file of it is no text.

    How much may be sent is for the limit of bodies to say, not for the parts of one.
    """
    sent = request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=sys.maxsize)
    try:
        form = await sent
    except HTTPException as error:
        if error.status_code != 400:
            raise
        reason = "the form came damaged; send it again, or ask POST /v1/related-work"
        raise QueryError("draft", reason) from error
    try:
        return await _read(form)
    finally:
        await form.close()


async def _read(form: FormData) -> DraftForm:
    """Take the texts from a form, those of files before those beside them."""
    texts: dict[str, str] = {}
    notes: list[str] = []
    name = _typed(form, "name").strip()
    for field in TEXTS:
        # a browser sends every line end of a form as CR LF
        texts[field] = _typed(form, field).replace("\r\n", "\n")
        file = form.get(field + _FILE)
        if not isinstance(file, UploadFile) or not (file.filename or file.size):
            continue
        if texts[field].strip():
            notes.append(f"The file {file.filename} was read, and not the text beside it.")
        texts[field] = _decoded(field, file.filename or "the file", await file.read())
        if field == "draft":
            name = file.filename or name
    return DraftForm(
        draft=texts["draft"],
        bibliography=texts["bibliography"],
        name=name,
        format=_typed(form, "format"),
        download=_typed(form, "download"),
        notes=tuple(notes),
    )


def _typed(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _decoded(field: Text, name: str, content: bytes) -> str:
    """Give the text of a file as it is: line ends and a byte order mark are its own."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"{name} is no text in UTF-8 (byte {error.start}); convert it, or paste its text"
        raise QueryError(field, reason) from error
