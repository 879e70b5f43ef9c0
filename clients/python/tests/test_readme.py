"""The blocks of the README run, against the service that they name."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_every_block_runs(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for number, block in enumerate(BLOCKS):
        assert "http://127.0.0.1:8000" in block
        code = block.replace("http://127.0.0.1:8000", url)
        exec(compile(code, f"block {number}", "exec"), names)
        assert capsys.readouterr().out, block

    assert (tmp_path / "sleep.bib").read_bytes().startswith(b"@")
    assert [path.name for path in tmp_path.iterdir()] == ["sleep.bib"]
