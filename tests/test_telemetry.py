"""Cognate tells nobody what it is asked: no library under it may report usage."""

import os
import subprocess
import sys
from pathlib import Path

from index.encoder import export_encoder
from index.models import find_model
from tests.tiny_models import save_tiny_model

_ENCODE = """
import sys
from pathlib import Path
from index.onnx import OnnxEncoder
OnnxEncoder.load(Path(sys.argv[1])).encode_query("a question")
"""
_SILENCING = {"CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME"}


def test_encoding_leaves_no_device_identifier(tmp_path: Path) -> None:
    exported, home = tmp_path / "exported", tmp_path / "home"
    model = save_tiny_model(tmp_path)
    exported.mkdir()
    home.mkdir()
    export_encoder(find_model(str(model), print), exported, [])
    # ONNX Runtime's reporter writes an identifier below HOME before it first sends anything;
    # where it finds CI=… it is silent anyway, so the variable is taken away
    environment = {name: value for name, value in os.environ.items() if name not in _SILENCING}
    subprocess.run(
        [sys.executable, "-c", _ENCODE, str(exported)],
        env=environment | {"HOME": str(home)},
        cwd=Path(__file__).parents[1],
        check=True,
    )
    assert list(home.rglob("*")) == []
