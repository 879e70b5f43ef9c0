"""What becomes of answers that are late, broken, strange, or from something else."""

import json
import socket
import time

import pytest

from cognate_client import (
    Cognate,
    CognateError,
    RefusedError,
    TimedOutError,
    UnexpectedAnswerError,
    UnreachableError,
)
from cognate_client.connection import LONGEST_WAIT_S, MOST_RETRIES
from tests.scripted import Answer, scripted

READY = Answer(body=b'{"status": "ready", "snapshot": "s", "n_articles": 7}')


def not_ready(retry_after: str | None) -> Answer:
    error = {"code": "not_ready", "message": "no index is open", "field": None}
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(503, json.dumps({"error": error}).encode(), headers)


def test_a_service_that_is_not_ready_yet_is_asked_again() -> None:
    with scripted([not_ready("0")] * MOST_RETRIES + [READY]) as server, Cognate(server.url) as one:
        assert one.ready().n_articles == 7

    assert len(server.asked) == 1 + MOST_RETRIES


def test_asking_again_has_an_end() -> None:
    with (
        scripted([not_ready("0")]) as server,
        Cognate(server.url) as one,
        pytest.raises(RefusedError) as refused,
    ):
        one.search("sleep")

    assert len(server.asked) == 1 + MOST_RETRIES
    assert (refused.value.code, refused.value.status) == ("not_ready", 503)
    assert server.asked[0] == server.asked[-1]


@pytest.mark.parametrize("wait", [None, str(LONGEST_WAIT_S + 1), "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_a_wait_that_is_not_said_or_too_long_is_not_waited(wait: str | None) -> None:
    with (
        scripted([not_ready(wait)]) as server,
        Cognate(server.url) as one,
        pytest.raises(RefusedError),
    ):
        one.ready()

    assert len(server.asked) == 1


def test_the_wait_asked_for_is_waited() -> None:
    began = time.monotonic()
    with scripted([not_ready("1"), READY]) as server, Cognate(server.url) as one:
        one.ready()

    assert time.monotonic() - began >= 1


def test_a_service_that_is_not_there_is_said_with_its_address() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Cognate(f"http://127.0.0.1:{port}") as one, pytest.raises(UnreachableError) as caught:
        one.ready()

    assert caught.value.code == "unreachable"
    assert f"127.0.0.1:{port}" in caught.value.message
    assert isinstance(caught.value, ConnectionError)


def test_a_service_that_does_not_answer_in_time_is_said_with_the_time() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Cognate(url, timeout_s=0.1) as one, pytest.raises(TimedOutError) as caught:
            one.ready()

    assert caught.value.code == "timed_out"
    assert caught.value.message == f"{url} did not answer within 0.1 s"


@pytest.mark.parametrize("status", [200, 404, 502])
def test_an_answer_that_is_not_json_is_shown(status: int) -> None:
    page = Answer(status, b"<html>\n  Welcome to another service</html>")
    with (
        scripted([page]) as server,
        Cognate(server.url) as one,
        pytest.raises(UnexpectedAnswerError) as caught,
    ):
        one.search("sleep")

    assert caught.value.code == "unexpected_answer"
    assert caught.value.status == status
    assert "<html> Welcome to another service</html>" in caught.value.message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(400, b'{"detail": "Bad Request"}'), "another form than Cognate's errors"),
        (Answer(400, b"[]"), "another form than Cognate's errors"),
        (Answer(302, b"", {"Location": "/login"}), "not JSON: nothing"),
        (Answer(200, b"[]"), "the answer is not as Cognate writes it"),
        (Answer(200, b'{"snapshot": "s"}'), "the answer.n_articles is not as Cognate writes it"),
        (Answer(200, b'{"snapshot": 1, "n_articles": 2}'), "the answer.snapshot is not"),
        (Answer(200, b"no gzip at all" * 9, {"Content-Encoding": "gzip"}), "cannot be decoded"),
    ],
)
def test_an_answer_of_something_else_is_said_to_be_one(answer: Answer, said: str) -> None:
    with (
        scripted([answer]) as server,
        Cognate(server.url) as one,
        pytest.raises(UnexpectedAnswerError, match=said),
    ):
        one.ready()


def test_an_answer_that_breaks_off_is_an_error_also_in_a_stream() -> None:
    broken = Answer(200, b"half", {}, announced=100)
    with scripted([broken]) as server, Cognate(server.url) as one:
        with pytest.raises(UnreachableError):
            one.ready()
        blocks = one.export("ris", ids=["x"])
        with pytest.raises(UnreachableError):
            list(blocks)


def test_an_address_without_its_scheme_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="write it like http://"):
        Cognate("127.0.0.1:8000")
    with pytest.raises(ValueError, match=r"'http://\[::1' is no address"):
        Cognate("http://[::1")


def test_an_id_that_no_address_can_hold_is_an_error_like_others() -> None:
    with Cognate("http://127.0.0.1:9") as one, pytest.raises(UnreachableError, match="too long"):
        one.article("x" * 70_000)


def test_a_service_may_lie_below_a_path() -> None:
    with scripted([READY]) as server, Cognate(f"{server.url}/library/") as one:
        one.ready()

    assert server.asked[0][1] == "/library/readyz"


def test_every_error_has_one_root() -> None:
    kinds = (RefusedError, TimedOutError, UnexpectedAnswerError, UnreachableError)
    assert all(issubclass(kind, CognateError) for kind in kinds)
