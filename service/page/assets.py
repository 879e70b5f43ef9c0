"""What pages load: style, script, icon; kept by a browser until their bytes change."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parents[1] / "static"

_KEPT = "private, max-age=31536000, immutable"


@cache
def asset(name: str) -> str:
    """Give the address of a file that pages load; it changes with its bytes."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


class Assets(StaticFiles):
    """The files that pages load; one asked for by its hash never changes."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file, to be kept where it was asked for by its hash."""
        response = await super().get_response(path, scope)
        if response.status_code == 200 and scope["query_string"].startswith(b"v="):
            response.headers["Cache-Control"] = _KEPT
        return response
