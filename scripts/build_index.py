"""The indexing script: takes what `cognate build` takes.

python scripts/build_index.py my-library.ris --into my-index
"""

import sys
from pathlib import Path

# the script runs from a checkout without an install, too
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from service.cli import main

if __name__ == "__main__":
    sys.exit(main(["build", *sys.argv[1:]]))
