"""Requests over HTTP: sent, sent again where the service asks for it, and their errors said."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from cognate_client.errors import (
    CognateError,
    RefusedError,
    TimedOutError,
    UnexpectedAnswerError,
    UnreachableError,
)

MOST_RETRIES = 3
"""How often a request is sent again that was answered with 503 and `Retry-After`."""
LONGEST_WAIT_S = 10
"""A service that asks to wait longer than this is not waited for."""
_SHOWN = 200


class Connection:
    """An HTTP connection to one service; threads may share it."""

    def __init__(self, base_url: str, api_key: str | None, timeout_s: float) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ValueError(f"{base_url!r} is no address; write it like http://127.0.0.1:8000")
        headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._url = base_url
        self._timeout_s = timeout_s
        try:
            self._http = httpx.Client(base_url=base_url, headers=headers, timeout=timeout_s)
        except httpx.InvalidURL as error:
            raise ValueError(f"{base_url!r} is no address: {error}") from error

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def json(self, method: str, path: str, body: object = None) -> object:
        """Give the JSON that answers a request."""
        with self._answered(method, path, body=body) as response:
            response.read()
            return _to_json(response)

    def text(self, path: str, parameters: Mapping[str, str]) -> str:
        """Give the text that answers a request."""
        with self._answered("GET", path, parameters=parameters) as response:
            response.read()
            return response.text

    def stream(self, path: str, body: object) -> Iterator[bytes]:
        """Give what answers a request block by block, as it comes."""
        with self._answered("POST", path, body=body) as response:
            yield from response.iter_bytes()

    @contextmanager
    def _answered(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        with self._said_plainly():
            request = self._http.build_request(method, path, json=body, params=parameters)
            response = self._sent(request)
            try:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise _refusal(response)
                yield response
            finally:
                response.close()

    def _sent(self, request: httpx.Request) -> httpx.Response:
        for _ in range(MOST_RETRIES):
            response = self._http.send(request, stream=True)
            wait_s = _asks_to_wait_s(response)
            if wait_s is None:
                return response
            response.close()
            time.sleep(wait_s)
        return self._http.send(request, stream=True)

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            message = f"{self._url} did not answer within {self._timeout_s:g} s"
            raise TimedOutError(message, code="timed_out") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            message = f"no answer from {self._url}: {error}"
            raise UnreachableError(message, code="unreachable") from error
        except httpx.DecodingError as error:
            message = f"the answer of {self._url} cannot be decoded: {error}"
            raise UnexpectedAnswerError(message, code="unexpected_answer") from error


def _asks_to_wait_s(response: httpx.Response) -> int | None:
    """Give the seconds after which the request is to be sent again; None is never."""
    asked = response.headers.get("Retry-After", "")
    if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or not asked.isdecimal():
        return None
    return int(asked) if int(asked) <= LONGEST_WAIT_S else None


def _to_json(response: httpx.Response) -> object:
    try:
        value: object = response.json()
    except ValueError as error:
        shown = " ".join(response.text.split())[:_SHOWN]
        raise UnexpectedAnswerError(
            f"{response.url} answered {response.status_code} with something that is not JSON: "
            f"{shown or 'nothing'}",
            code="unexpected_answer",
            status=response.status_code,
        ) from error
    return value


def _refusal(response: httpx.Response) -> CognateError:
    try:
        value = _to_json(response)
    except UnexpectedAnswerError as error:
        return error
    detail = value.get("error") if isinstance(value, dict) else None
    status = response.status_code
    if not isinstance(detail, dict) or not isinstance(detail.get("message"), str):
        message = f"{response.url} answered {status} in another form than Cognate's errors have"
        return UnexpectedAnswerError(message, code="unexpected_answer", status=status)
    code, field = str(detail.get("code")), detail.get("field")
    return RefusedError(detail["message"], code=code, field=field, status=status)
