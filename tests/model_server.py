"""A server that speaks OpenAI's chat completions: its model answers from the prompt it was sent."""

import contextlib
import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[[str], tuple[int, bytes]]
"""What is answered to a prompt: a status and a body."""


@dataclass(frozen=True, slots=True)
class ModelServer:
    """Where the server is, and the headers and bodies that it was sent."""

    url: str
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)


@contextlib.contextmanager
def serve_model(answer: Answer) -> Iterator[ModelServer]:
    """Serve a model until the block ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            server.bodies.append(body)
            status, content = 404, b"{}"
            if self.path == "/v1/chat/completions":
                status, content = answer(body["messages"][-1]["content"])
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server = ModelServer(f"http://127.0.0.1:{listening.server_address[1]}/v1")
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


def said(text: str) -> tuple[int, bytes]:
    """Give an answer in the form of the protocol."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return 200, json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


def honest(prompt: str) -> tuple[int, bytes]:
    """Answer with the first sentence of the first excerpt, and cite it."""
    return said(f"It has been written: “{first_sentence(prompt)}” [1].")


def inventing(prompt: str) -> tuple[int, bytes]:
    """Answer the same, and cite what nobody wrote and what was not handed over."""
    claim = "Naps of nine minutes double the memory of everyone (doi:10.5555/invented.1)."
    return said(f"It has been written: “{first_sentence(prompt)}” [1]. {claim} So says [99].")


def altering(prompt: str) -> tuple[int, bytes]:
    """Quote the same in other words, and cite an article that was not handed over."""
    words = first_sentence(prompt).split()
    quote = " ".join([*words[:3], "never", *words[3:]])
    return said(f"“{quote}” [1]\n\nQuasars flicker, too (doi:10.5555/cognate.astro.14).")


def first_sentence(prompt: str) -> str:
    """Find the first sentence of the first excerpt in a prompt."""
    found = re.search(r"^\[1\] .*\n> (.*?[.?!])(?: |$)", prompt, re.MULTILINE)
    assert found, prompt
    return found.group(1)
