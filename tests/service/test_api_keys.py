"""API keys are kept as hashes; who carries one of them is let in, as long as its line stands."""

from pathlib import Path

import pytest

from service.api_keys import ApiKeysError, KeyRing, add_key, hash_key, is_safe_key, read_hashes
from service.app import create_app
from service.cli import main
from service.search import SearchEngine
from service.settings import Settings
from tests.service.local_client import LocalClient

OWN = "sixteen-letters-x"


def never(said: str) -> None:
    raise AssertionError(said)


def carrying(client: LocalClient, key: str) -> int:
    return client.get("/v1/search", headers={"X-API-Key": key}).status_code


def test_a_key_is_given_once_and_only_its_hash_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "keys"

    assert main(["key", "ann", "--into", str(path)]) == 0
    printed = capsys.readouterr()
    key = printed.out.strip()

    assert is_safe_key(key)
    assert path.read_text() == f"ann sha256:{hash_key(key.encode())}\n"
    assert key not in path.read_text() + printed.err
    # nobody else may read even the hashes
    assert path.stat().st_mode & 0o077 == 0


def test_every_key_of_a_file_opens_the_service_and_no_other(
    tmp_path: Path, engine: SearchEngine
) -> None:
    path = tmp_path / "keys"
    first, second = add_key(path, "ann"), add_key(path, "bo")
    client = LocalClient(create_app(Settings(api_key=OWN, api_keys=path), engine))

    assert [carrying(client, key) for key in (first, second, OWN)] == [200, 200, 200]
    wrong = [first[:-1], second.upper(), hash_key(first.encode()), "", OWN + "x"]
    assert {carrying(client, key) for key in wrong} == {401}


def test_a_line_that_is_taken_out_closes_the_service_to_its_key_at_once(
    tmp_path: Path, engine: SearchEngine
) -> None:
    path = tmp_path / "keys"
    first, second = add_key(path, "ann"), add_key(path, "bo")
    client = LocalClient(create_app(Settings(api_keys=path), engine))
    assert carrying(client, first) == 200

    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))

    assert (carrying(client, first), carrying(client, second)) == (401, 200)


@pytest.mark.parametrize("becomes", ["nonsense\n", None])
def test_a_file_that_can_no_longer_be_read_keeps_its_keys_and_says_so_once(
    tmp_path: Path, becomes: str | None
) -> None:
    path, said = tmp_path / "keys", list[str]()
    key = add_key(path, "ann")
    ring = KeyRing(None, path, said.append)

    if becomes is None:
        path.unlink()
    else:
        path.write_text(becomes)

    assert ring.opens(key.encode())
    assert ring.opens(key.encode())
    assert len(said) == 1
    assert str(path) in said[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ann\n", "line 1"),
        ("# who\n\nann sha256:00\n", "line 3"),
        (f"ann sha256:{'0' * 64}\nann sha256:{'1' * 64}\n", "line 2"),
        (f"ann sha256:{'G' * 64}\n", "line 1"),
    ],
)
def test_a_line_that_is_no_hash_of_its_own_name_stops_the_start(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "keys"
    path.write_text(text)

    with pytest.raises(ApiKeysError, match=said):
        create_app(Settings(api_keys=path))


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(ApiKeysError, match=r"nowhere: No such file"):
        read_hashes(tmp_path / "nowhere")
    (tmp_path / "keys").write_bytes(b"\xff")
    with pytest.raises(ApiKeysError, match="UTF-8"):
        read_hashes(tmp_path / "keys")


@pytest.mark.parametrize("name", ["", "two words", "a" * 101, "ann\n", "#ann"])
def test_a_name_that_cannot_stand_in_a_line_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ApiKeysError, match="cannot name a key"):
        add_key(tmp_path / "keys", name)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    add_key(tmp_path / "keys", "a" * 100)

    with pytest.raises(ApiKeysError, match="has a key named a"):
        add_key(tmp_path / "keys", "a" * 100)


def test_a_ring_without_a_file_has_the_one_key() -> None:
    ring = KeyRing(OWN, None, never)

    assert ring.opens(OWN.encode())
    assert not ring.opens(b"")
