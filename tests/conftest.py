"""Fixtures that several test folders share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real corpora and exports, or skip where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SHARED_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"the shared data folder {folder} is not here")
    return folder
