"""A response that is written while an engine is lent for it."""

from collections.abc import Generator
from contextlib import ExitStack

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class LentStream(StreamingResponse):
    """Streams blocks, and gives back what was lent when they end or the client is gone.

    The blocks are made in a thread, one at a time, as the client takes them.
    """

    def __init__(
        self,
        blocks: Generator[bytes, None, None],
        lent: ExitStack,
        media_type: str,
        headers: dict[str, str],
    ) -> None:
        super().__init__(blocks, headers=headers | {"content-type": media_type})
        self._lent = lent
        # before the engine goes, what reads of it is done
        lent.callback(blocks.close)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._lent.close()
