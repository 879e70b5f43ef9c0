"""A client that calls the service as one on the same machine does."""

from typing import Any

from starlette.testclient import TestClient
from starlette.types import ASGIApp


class LocalClient(TestClient):
    """Asks an application in this process, by the name of this machine."""

    def __init__(self, app: ASGIApp, base_url: str = "http://localhost", **options: Any) -> None:
        super().__init__(app, base_url, **options)
