"""What a model behind an endpoint says, and what is said when it says nothing."""

import json
import socket

import pytest

from scripts.chat_model import ChatModel, ModelError, key_of
from tests.model_server import said, serve_model


def model_at(url: str, *, timeout_s: float = 20.0) -> ChatModel:
    return ChatModel(url=url, name="small", api_key="a key", timeout_s=timeout_s)


def test_a_model_is_asked_by_its_name_with_its_key_and_its_answer_given() -> None:
    with serve_model(lambda prompt: said(f" {prompt.upper()}\n")) as server:
        answer = model_at(f"{server.url}/").answer([{"role": "user", "content": "hello"}])

    assert answer == "HELLO"
    (body,) = server.bodies
    assert body == {"model": "small", "messages": [{"role": "user", "content": "hello"}]}
    assert server.headers[0]["authorization"] == "Bearer a key"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"<html>hello</html>", "something that is not JSON: <html>hello</html>"),
        (502, b"", "answered 502 with something that is not JSON: nothing"),
        (401, b'{"error": {"message": "wrong key"}}', "answered 401: wrong key"),
        (400, b'{"error": "no such model"}', "answered 400: no such model"),
        (400, b'["odd"]', r"answered 400: \['odd'\]"),
        (200, b'{"choices": []}', "without a message of the model"),
        (200, b"[]", "without a message of the model"),
        (200, json.dumps({"choices": [{"message": {"content": None}}]}).encode(), "without a"),
        (200, json.dumps({"choices": [{"message": {"content": "  "}}]}).encode(), "without a"),
    ],
)
def test_an_endpoint_that_gives_no_answer_is_said_in_a_sentence(
    status: int, body: bytes, reason: str
) -> None:
    with (
        serve_model(lambda _: (status, body)) as server,
        pytest.raises(ModelError, match=reason) as caught,
    ):
        model_at(server.url).answer([{"role": "user", "content": "hello"}])

    assert server.url in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_endpoint_that_is_late_or_absent_is_said_in_a_sentence() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ModelError, match=r"did not answer within 0\.1 s"):
            model_at(url, timeout_s=0.1).answer([])
    with pytest.raises(ModelError, match="no answer from the model at"):
        model_at(url).answer([])
    with pytest.raises(ModelError, match="no answer from the model at nowhere"):
        model_at("nowhere").answer([])


def test_a_key_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "a key")

    assert key_of(None) is None
    assert key_of("MODEL_KEY") == "a key"
    with pytest.raises(ModelError, match="OTHER_KEY"):
        key_of("OTHER_KEY")
