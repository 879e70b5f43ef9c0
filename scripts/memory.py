"""The memory of a process and all its descendants, on Linux."""

from pathlib import Path

_PROC = Path("/proc")
_PARENT = 1  # in /proc/PID/stat, behind the name, which may hold anything but ends with ")"


def pss_mb(pid: int) -> float:
    """Sum the proportional set sizes of a process tree, in MB (10^6 bytes).

    What several processes share counts once; pages of files that are mapped count as memory.
    """
    return sum(map(_pss_bytes, descendants(pid))) / 1e6


def descendants(pid: int) -> list[int]:
    """List a process and all that it and its descendants started and that still run."""
    children: dict[int, list[int]] = {}
    for path in _PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        children.setdefault(int(fields[_PARENT]), []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _pss_bytes(pid: int) -> int:
    for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"no Pss line in smaps_rollup of process {pid}")


def size_on_disk(folder: Path) -> int:
    """Sum the bytes of the files in a folder, links not followed."""
    return sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    )
