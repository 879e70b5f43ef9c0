"""A language model behind any endpoint that speaks OpenAI's chat completions."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from cognate_client.options import Message

_SHOWN = 200


class ModelError(Exception):
    """The model gave no answer; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatModel:
    """A model, by its name, at an endpoint such as `http://127.0.0.1:8080/v1`."""

    url: str
    name: str
    api_key: str | None
    timeout_s: float

    def answer(self, messages: Sequence[Message]) -> str:
        """Give what the model says next in a conversation."""
        headers = {} if self.api_key is None else {"Authorization": f"Bearer {self.api_key}"}
        try:
            response = httpx.post(
                f"{self.url.rstrip('/')}/chat/completions",
                json={"model": self.name, "messages": list(messages)},
                headers=headers,
                timeout=self.timeout_s,
            )
        except httpx.TimeoutException as error:
            raise ModelError(
                f"the model at {self.url} did not answer within {self.timeout_s:g} s"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(f"no answer from the model at {self.url}: {error}") from error
        return self._said(response)

    def _said(self, response: httpx.Response) -> str:
        try:
            body = response.json()
        except ValueError as error:
            shown = " ".join(response.text.split())[:_SHOWN] or "nothing"
            raise ModelError(
                f"{response.url} answered {response.status_code} with something that is not JSON: "
                f"{shown}"
            ) from error
        if response.status_code != httpx.codes.OK:
            raise ModelError(f"{response.url} answered {response.status_code}: {_reason(body)}")
        try:
            said = body["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            said = None
        if not isinstance(said, str) or not said.strip():
            raise ModelError(f"{response.url} answered without a message of the model")
        return said.strip()


def _reason(body: object) -> str:
    """Give what an endpoint says is wrong; the forms differ."""
    detail = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(detail, dict):
        detail = detail.get("message", detail)
    return str(detail)[:_SHOWN]


def key_of(variable: str | None) -> str | None:
    """Give the API key that a variable of the environment holds."""
    if variable is None:
        return None
    key = os.environ.get(variable)
    if not key:
        raise ModelError(f"the variable {variable}, which is to hold the API key, is not set")
    return key
