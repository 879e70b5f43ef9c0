"""Measure what serving takes on disk: the wheel and its dependencies in a fresh environment.

    python -m scripts.install_size [--results FILE.json]

Needs a package index. Exits with 1 where the packages are larger than wanted, or where torch
is among them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from scripts.memory import size_on_disk
from scripts.provenance import provenance
from scripts.systems import ROOT

MOST_MB = 450
UNWANTED = ("torch", "sentence-transformers", "transformers", "onnx")
_TOOLS = ("pip", "setuptools", "wheel")
_N_LARGEST = 10


def measure_install(wheel: Path | None = None) -> dict[str, Any]:
    """Install the wheel, by default one built now, without extras, and weigh what came."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        built = wheel or build_wheel(folder)
        venv.create(folder / "fresh", with_pip=True)
        install = [str(folder / "fresh/bin/python"), "-m", "pip", "install", "--quiet"]
        constraints = ("-c", str(ROOT / "constraints.txt"))
        subprocess.run([*install, str(built), *constraints], check=True, cwd=folder)
        (packages,) = (folder / "fresh/lib").glob("python*/site-packages")
        return weigh(packages) | {"wheel_mb": round(built.stat().st_size / 1e6, 2)}


def build_wheel(folder: Path) -> Path:
    """Build the wheel of the project into a folder."""
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


def weigh(packages: Path) -> dict[str, Any]:
    """Sum the bytes of an environment's packages; pip and its like are counted apart."""
    sizes: Counter[str] = Counter()
    for distribution in distributions(path=[str(packages)]):
        sizes[distribution.name] = _size(distribution)
    tools = sum(size for name, size in sizes.items() if name in _TOOLS)
    whole = size_on_disk(packages)
    ours = Counter({name: size for name, size in sizes.items() if name not in _TOOLS})
    return {
        "site_packages_mb": _mb(whole - tools),
        "pip_and_its_like_mb": _mb(tools),
        "n_packages": len(ours),
        "unwanted": sorted(name for name in ours if name.casefold() in UNWANTED),
        "largest_mb": {name: _mb(size) for name, size in ours.most_common(_N_LARGEST)},
    }


def _size(distribution: Distribution) -> int:
    paths = {Path(os.fspath(file.locate())) for file in distribution.files or ()}
    # what pip compiles is listed too, and scripts that lie beside the packages
    return sum(path.stat().st_size for path in paths if path.is_file())


def _mb(size: int) -> float:
    return round(size / 1e6, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure an install, print the figures and say whether it is small enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path)
    options = parser.parse_args(arguments)
    figures = measure_install() | {"wanted_mb": MOST_MB}
    print(json.dumps(figures, indent=1))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=1) + "\n")
    return 1 if figures["unwanted"] or figures["site_packages_mb"] > MOST_MB else 0


if __name__ == "__main__":
    sys.exit(main())
