"""Index the listing of a discovery page and ask it what its readers would.

    python -m scripts.seed_listing LISTING.txt [--results FILE.json]

Exits with 1 where an entry is missing, the first hit is not about EEG, or a list by recency
goes forward in time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.provenance import provenance
from scripts.serving import serve

QUESTION = "brain signals for recognising feelings"
N_ENTRIES = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine one listing and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("listing", type=Path)
    parser.add_argument("--results", type=Path)
    options = parser.parse_args(arguments)
    figures = examine(options.listing)
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if options.results:
        text = json.dumps(provenance() | figures, indent=2, ensure_ascii=False)
        options.results.write_text(text + "\n", encoding="utf-8")
    return 0 if figures["is_as_expected"] else 1


def examine(listing: Path) -> dict[str, Any]:
    """Build the listing's index, serve it, and ask it."""
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch) / "index"
        build = [sys.executable, "-m", "service", "build", str(listing), "--into", str(index)]
        subprocess.run([*build, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        with serve(index) as service:
            best = service.search(query=QUESTION, limit=N_ENTRIES)["hits"]
            newest = service.search(query=QUESTION, limit=N_ENTRIES, sort="recency", min_match=0)[
                "hits"
            ]
    first = best[0]["article"]
    dates = [hit["article"]["published"] for hit in newest]
    text = f"{first['title']} {first['abstract']}"
    n_titles = sum(hit["article"]["title"] is not None for hit in newest)
    return {
        "n_articles": len(newest),
        "n_with_title": n_titles,
        "n_with_abstract_only": len(newest) - n_titles,
        "question": QUESTION,
        "n_matches": len(best),
        "first_hit": first["doi"],
        "first_hit_begins": text.removeprefix("None ")[:120],
        "dates_by_recency": dates,
        "is_as_expected": (
            len(newest) == N_ENTRIES
            and ("EEG" in text or "electroencephalogra" in text.lower())
            and dates == sorted(dates, reverse=True)
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
