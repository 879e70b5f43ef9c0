"""Whatever is asked, the answer is one that the description of the API knows; none is a failure.

Requests are made from the description itself, by Schemathesis: such as it allows, and such as it
does not. They are asked in the process, and of a server by a client that knows nothing of it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from scripts.any_input import INPUTS
from service.app import create_app
from service.settings import Settings
from tests.service.library import open_engine
from tests.service.local_client import LocalClient
from tests.service.sockets import serving
from tests.service.test_openapi import GOLDEN

OPERATIONS = [
    (method, path)
    for path, methods in json.loads(GOLDEN.read_bytes())["paths"].items()
    for method in methods
]


API = from_dict(json.loads(GOLDEN.read_bytes()))


TOO_LATE = 504

Ask = Callable[[Case[Any]], Any]
Note = Callable[[str, object], None]


def asks_for_little_time(asked: dict[str, Any]) -> bool:
    """Tell whether a request sets a time for its answer, which may be a millisecond."""
    return "timeout_ms" in str(asked)


def hold_to_the_description(ask: Ask, method: str, path: str, mode: GenerationMode, n: int) -> int:
    """Ask an operation up to `n` times in one mode; give how often it was asked.

    Every answer is held to the description.
    """
    n_asked = 0

    @settings(max_examples=n, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=API[path][method].as_strategy(generation_mode=mode))
    def ask_once(case: Case[Any]) -> None:
        nonlocal n_asked
        n_asked += 1
        answer = ask(case)
        # what its schema cannot say (a date, an id, exactly one of several) may still be wrong
        excluded: list[Any] = [positive_data_acceptance]
        if method == "get":
            # of the wrong type is nothing in an address: `q=false` asks for a word
            excluded.append(negative_data_rejection)
        if answer.status_code == TOO_LATE and asks_for_little_time(case.as_transport_kwargs()):
            excluded.append(not_a_server_error)
        case.validate_response(answer, excluded_checks=excluded)

    with suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
        ask_once()
    return n_asked


@pytest.fixture
def in_process(client: LocalClient) -> Ask:
    """Ask the application."""

    def ask(case: Case[Any]) -> Any:
        asked = case.as_transport_kwargs(base_url="http://localhost")
        # as the client of the tests wants it
        return client.request(**asked | {"content": asked.pop("data", None), "cookies": None})

    return ask


@pytest.fixture(scope="module")
def by_socket(library: Path) -> Iterator[Ask]:
    """Ask a server, over one connection."""
    with (
        serving(create_app(Settings(), open_engine(library))) as port,
        requests.Session() as session,
    ):

        def ask(case: Case[Any]) -> Any:
            return case.call(base_url=f"http://127.0.0.1:{port}", session=session)

        yield ask


@pytest.mark.parametrize("n", [20, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_any_request_is_answered_as_described(
    in_process: Ask, method: str, path: str, mode: GenerationMode, n: int, record_property: Note
) -> None:
    record_property(INPUTS, hold_to_the_description(in_process, method, path, mode, n))


@pytest.mark.parametrize("n", [5, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_any_request_is_answered_as_described_over_a_socket(
    by_socket: Ask, method: str, path: str, mode: GenerationMode, n: int, record_property: Note
) -> None:
    record_property(INPUTS, hold_to_the_description(by_socket, method, path, mode, n))
