"""The figures of `scripts.overload` as the table of the documentation.

python -m scripts.overload_table scripts/results/overload.json
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Figures = Mapping[str, Any]


def to_table(figures: Figures) -> str:
    """Write the figures, each with what is wanted of it."""
    lines = ["| what | wanted | measured |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in _rows(figures))])


def _rows(figures: Figures) -> Iterator[tuple[str, str, str]]:
    before, after = figures["capacity"], figures["capacity_after"]
    yield (
        f"capacity, {figures['n_articles']:,} articles: answers a second, before and after",
        "",
        f"{before['per_s']}, {after['per_s']}",
    )
    for times, load in figures["overload"].items():
        yield from _overload(times, load, figures["max_wait_ms"])
    for name, part in (("head", "slow_heads"), ("body", "slow_bodies")):
        yield _slow(name, figures[part])
    body = figures["long_body"]
    yield (
        f"a chunked body of {body['mb']:,} MB",
        "413; less than 20 MB",
        f"{body['answered']}; {body['pss_mb_more_at_most']} MB",
    )
    ended = figures["sigterm"]
    n_closed = ended["closed_before_they_were_read"]
    whole = f"{ended['whole']} of {ended['answers'] - n_closed} whole"
    unread = f"{n_closed} closed before it was read; " if n_closed else ""
    yield (
        "SIGTERM while eight clients ask",
        "every answer that begins is whole, status 0",
        f"{whole}; {unread}status {ended['status']} after {ended['ended_after_s']} s",
    )
    if "soak" in figures:
        yield _soak(figures["soak"])


def _overload(times: str, load: Figures, max_wait_ms: int) -> Iterator[tuple[str, str, str]]:
    served, refused = load["served"], load["refused"]
    name = f"{times} that, {load['asked']:,} requests"
    share = f"{load['goodput_share_of_capacity']:.0%}".replace("%", " %")
    wanted = "90 % at least" if times == "3 times" else "it holds"
    yield f"{name}: answers a second, of capacity", wanted, share
    yield "— p99 of what is served", f"{2 * max_wait_ms:,} ms", f"{served['p99_ms']:,.0f} ms"
    yield (
        "— p99 of a refusal; with `Retry-After`",
        "50 ms; all",
        f"{refused['p99_ms']:.0f} ms; {refused['with_retry_after']:,} of {refused['n']:,}",
    )
    yield (
        "— memory before and after; as fast as before after",
        "flat; 2 s",
        f"{load['pss_mb_before']}, {load['pss_mb_after']} MB; {load['recovered_after_s']:.2f} s",
    )


def _slow(part: str, figures: Figures) -> tuple[str, str, str]:
    before, beside = (figures[when] for when in ("before", "beside"))
    p50, p99 = (f"{before[one]:.1f}, {beside[one]:.1f}" for one in ("p50_ms", "p99_ms"))
    closed = f"{figures['closed']} closed after {figures['all_closed_after_s']:.0f} s"
    return (
        f"{figures['clients']} that never end the {part} of a request: p50, p99 of others "
        "before and beside them",
        "the same; all closed in time",
        f"{p50}; {p99} ms; {closed}",
    )


def _soak(figures: Figures) -> tuple[str, str, str]:
    n_answered = sum(figures["answered"].values())
    medians = ", ".join(f"{one:.0f}" for one in figures["pss_mb_medians"])
    return (
        f"a soak of {figures['minutes']:g} minutes, {n_answered:,} requests of all kinds, "
        f"{figures['swaps']} new snapshots: memory in fifths of the time after the warm-up",
        "flat",
        f"{medians} MB",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("results", type=Path, metavar="FILE.json")
    print(to_table(json.loads(parser.parse_args(arguments).results.read_text())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
