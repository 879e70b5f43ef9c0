"""`cognate mcp` as a process of its own: what only real pipes and signals can show."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from index.snapshot import SNAPSHOTS, current_name
from service.cli import main
from tests.service.test_serving import COGNATE, ENVIRONMENT
from tests.service.tools.calling import (
    call_every_tool,
    correct_by_the_message,
    fetch_odd_ids,
    text_of,
)

LOUD = """
import os, sys, threading, time, warnings
def shout():
    while True:
        print("a library prints")
        os.write(1, b"a library of C prints\\n")
        time.sleep(0.01)
threading.Thread(target=shout, daemon=True).start()
warnings.warn("a library warns")
from service.cli import main
sys.exit(main(sys.argv[1:]))
"""

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def call(number: int, name: str, **arguments: object) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def start(directory: Path, command: list[str] = COGNATE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*command, "mcp", "--index", str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


def say(process: subprocess.Popen[str], *messages: object) -> None:
    assert process.stdin is not None
    for message in messages:
        line = message if isinstance(message, str) else json.dumps(message)
        process.stdin.write(line + "\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_official_client_starts_it_and_calls_every_tool(odd_index: Path, mode: str) -> None:
    command, *arguments = COGNATE
    server = StdioServerParameters(
        command=command,
        args=[*arguments, "mcp", "--index", str(odd_index)],
        env=ENVIRONMENT,
    )

    async def connected() -> None:
        async with Client(server, mode=mode) as client:
            await call_every_tool(client)
            await fetch_odd_ids(client)
            await correct_by_the_message(client)

    anyio.run(connected)


def test_the_console_command_itself_is_what_a_client_is_configured_with(odd_index: Path) -> None:
    command = shutil.which("cognate", path=Path(sys.executable).parent)
    if command is None:
        pytest.skip("the console command is not installed here")
    server = StdioServerParameters(
        command=command, args=["mcp", "--index", str(odd_index)], env=ENVIRONMENT
    )

    async def connected() -> None:
        async with Client(server) as client:
            assert json.loads(text_of(await client.call_tool("search", {"query": "wheat"})))

    anyio.run(connected)


def test_nothing_but_the_protocol_reaches_stdout_whoever_prints(odd_index: Path) -> None:
    with start(odd_index, [sys.executable, "-c", LOUD]) as process:
        say(process, INITIALIZE, INITIALIZED, call(2, "search", query="wheat"))
        # what is printed before the command begins is before anything that is ours
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        first = next(line for line in lines if line.startswith("{"))
        second = next(lines)
        _, said = process.communicate(timeout=60)

    assert [json.loads(line)["id"] for line in (first, second)] == [1, 2]
    assert "a library prints" in said
    assert "a library of C prints" in said


def test_garbage_is_no_end(odd_index: Path) -> None:
    garbage = ["garbage", "{", "[]", "null", '{"jsonrpc": "2.0"}', '{"id": 1}', "\x00", "é" * 100]
    with start(odd_index) as process:
        say(process, *garbage, INITIALIZE)
        assert hear(process)["result"]["serverInfo"]["name"] == "cognate"
        say(process, INITIALIZED, *garbage, {"jsonrpc": "2.0", "id": 5, "method": "no/such"})
        assert hear(process)["error"]["code"] == -32601
        say(process, call(6, "search", query="wheat"), "", "x" * 200_000)
        assert json.loads(hear(process)["result"]["content"][0]["text"])["results"]
        _, said = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Traceback" not in said


def test_bytes_that_are_no_utf_8_are_no_end(odd_index: Path) -> None:
    ended = subprocess.run(
        [*COGNATE, "mcp", "--index", str(odd_index)],
        input=b"\xff\xfe\xfd\n" + json.dumps(INITIALIZE).encode(),
        capture_output=True,
        env=ENVIRONMENT,
        check=False,
    )

    assert ended.returncode == 0
    assert ended.stdout.count(b"\n") in (0, 1)


def test_it_ends_when_stdin_does(odd_index: Path) -> None:
    for stdin in (Path(os.devnull), odd_index / "CURRENT"):
        with stdin.open() as opened:
            ended = subprocess.run(
                [*COGNATE, "mcp", "--index", str(odd_index)],
                stdin=opened,
                capture_output=True,
                env=ENVIRONMENT,
                check=False,
            )

        assert (ended.returncode, ended.stdout) == (0, b"")


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_on_a_signal(odd_index: Path, sent: signal.Signals) -> None:
    with start(odd_index) as process:
        say(process, INITIALIZE)
        hear(process)
        process.send_signal(sent)
        # stdin is still open: nothing but the signal ends it
        assert process.wait(timeout=60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_client_that_has_gone_is_no_failure(odd_index: Path) -> None:
    with start(odd_index) as process:
        say(process, INITIALIZE)
        hear(process)
        assert process.stdout is not None
        process.stdout.close()
        say(process, INITIALIZED, call(2, "search", query="wheat"))
        assert process.wait(timeout=60) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_no_index_is_refused_in_one_line(tmp_path: Path) -> None:
    with start(tmp_path / "none") as process:
        out, said = process.communicate(timeout=60)

    assert (process.returncode, out) == (1, "")
    assert said == (
        f"cognate: there is no index in {tmp_path / 'none'}; "
        f"make one with: cognate build SOURCE --into {tmp_path / 'none'}\n"
    )


@pytest.mark.parametrize("closed", [">&-", "<&-"])
def test_closed_pipes_are_refused_in_one_line(odd_index: Path, closed: str) -> None:
    command = [*COGNATE, "mcp", "--index", str(odd_index)]
    ended = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {closed}', "sh", *command],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("cognate: mcp speaks over stdin and stdout")


def test_a_damaged_index_is_refused_in_one_line(odd_index: Path, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(odd_index, tmp_path / "damaged"))
    manifest = directory / SNAPSHOTS / current_name(directory) / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-10])

    with start(directory) as process:
        out, said = process.communicate(timeout=60)

    assert (process.returncode, out) == (1, "")
    (line,) = said.splitlines()
    assert line.startswith("cognate: ")


def test_a_new_snapshot_is_taken_up(odd_index: Path, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(odd_index, tmp_path / "changed"))
    with start(directory) as process:
        say(process, INITIALIZE, INITIALIZED)
        hear(process)
        assert main(["remove", "10.5555/bees.1", "--index", str(directory), "--quiet"]) == 0
        number, is_known = 2, True
        while is_known:
            say(process, call(number, "fetch", id="10.5555/bees.1"))
            is_known = not hear(process)["result"]["isError"]
            number += 1
        process.communicate(timeout=60)

    assert process.returncode == 0
