"""Whatever is asked, the answer is one that the description of the API knows; none is a failure.

Requests are made from the description itself, by Schemathesis: such as it allows, and such as it
does not.
"""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from tests.service.test_openapi import GOLDEN

OPERATIONS = [
    (method, path)
    for path, methods in json.loads(GOLDEN.read_bytes())["paths"].items()
    for method in methods
]


API = from_dict(json.loads(GOLDEN.read_bytes()))


TOO_LATE = 504


def asks_for_little_time(asked: dict[str, Any]) -> bool:
    """Tell whether a request sets a time for its answer, which may be a millisecond."""
    return "timeout_ms" in str(asked)


def ask(client: TestClient, method: str, path: str, mode: GenerationMode, n: int) -> None:
    """Ask an operation `n` times in one mode; every answer is held to the description."""

    @settings(max_examples=n, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=API[path][method].as_strategy(generation_mode=mode))
    def ask_once(case: Case[Any]) -> None:
        asked = case.as_transport_kwargs(base_url="http://testserver")
        # as the client of the tests wants it
        asked |= {"content": asked.pop("data", None), "cookies": None}
        # what its schema cannot say (a date, an id, exactly one of several) may still be wrong
        answer = client.request(**asked)
        excluded: list[Any] = [positive_data_acceptance]
        if answer.status_code == TOO_LATE and asks_for_little_time(asked):
            excluded.append(not_a_server_error)
        case.validate_response(answer, excluded_checks=excluded)

    with suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
        ask_once()


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_any_request_is_answered_as_described(
    client: TestClient, method: str, path: str, mode: GenerationMode
) -> None:
    ask(client, method, path, mode, 20)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_any_of_many_requests_is_answered_as_described(
    client: TestClient, method: str, path: str, mode: GenerationMode
) -> None:
    ask(client, method, path, mode, 400)
