"""The container images, built and run for real: one that builds indexes, one that serves.

Needs root and the tool `shared/tools/build-image` beside the checkout (buildah on a Debian
base); skipped where it is absent. Run with `scripts/test --slow`.
"""

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.image, pytest.mark.slow]

ROOT = Path(__file__).parents[1]
TOOL = ROOT.parent / "shared" / "tools" / "build-image"
STORAGE = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
KEY = "a-key-long-enough-to-be-safe"


def buildah(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # type: ignore[call-overload,no-any-return]  # options vary
        ["buildah", *arguments],
        env=os.environ | STORAGE,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


@contextlib.contextmanager
def container(target: str) -> Iterator[str]:
    """Make a container of a target's image, and remove it afterwards."""
    made = buildah("from", f"localhost/cognate-{target}")
    assert made.returncode == 0, made.stderr
    name = made.stdout.strip()
    try:
        yield name
    finally:
        buildah("rm", name)


@pytest.fixture(scope="module", autouse=True)
def images() -> None:
    """Build both targets of the Dockerfile."""
    if os.geteuid() != 0 or not TOOL.exists():
        pytest.skip("building an image needs root and shared/tools/build-image")
    for target in ("build", "serve"):
        subprocess.run([TOOL, target, f"cognate-{target}"], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sample library's index in the building image."""
    work = tmp_path_factory.mktemp("work")
    library = (ROOT / "scripts/sample/library.jsonl").read_bytes()
    (work / "library.jsonl").write_bytes(library)
    with container("build") as name:
        built = buildah(
            "run", "-v", f"{work}:/library", name, "--",
            "cognate", "build", "/library/library.jsonl", "--into", "/library/index",
        )  # fmt: skip
    assert built.returncode == 0, built.stderr
    # the serving user owns nothing of it, and may only read
    for path in [work, *work.parents][:3]:
        path.chmod(0o755)
    return work / "index"


def test_serving_image_refuses_to_listen_everywhere_without_a_key(index: Path) -> None:
    with container("serve") as name:
        refused = buildah("run", "-v", f"{index}:/data:ro", name, "--", "cognate", "serve")
    assert refused.returncode != 0
    assert "COGNATE_API_KEY" in refused.stderr


def test_serving_image_holds_no_torch_and_runs_without_rights() -> None:
    script = (
        "import importlib.util, os;"
        "print(os.getuid(), [importlib.util.find_spec(name) for name in"
        " ('torch', 'transformers', 'sentence_transformers')])"
    )
    with container("serve") as name:
        shown = buildah("run", name, "--", "/usr/local/cognate/bin/python", "-c", script)
    assert shown.stdout.strip() == "10001 [None, None, None]"


def test_serving_image_answers_from_a_read_only_index(index: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with container("serve") as name:
        command = [
            "buildah", "run", "--network", "host", "-v", f"{index}:/data:ro",
            "-e", f"COGNATE_API_KEY={KEY}", name, "--", "cognate", "serve", "--port", str(port),
        ]  # fmt: skip
        process = subprocess.Popen(command, env=os.environ | STORAGE)
        try:
            answer = ask(f"http://127.0.0.1:{port}/v1/search?q=sleep+and+memory&limit=1")
        finally:
            process.terminate()
            process.wait(timeout=30)
    assert answer["hits"][0]["article"]["doi"].startswith("10.5555/cognate.neuro")  # type: ignore[index]


def ask(url: str) -> dict[str, object]:
    """Ask a starting service until it answers."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {KEY}"})
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                found: dict[str, object] = json.load(answer)
                return found
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
