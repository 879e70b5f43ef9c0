"""The shim that fails, kills or records the file operations of a process, compiled and begun."""

import ctypes
import errno
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")


class Kind(IntFlag):
    """Kinds of operations, as the shim tells them apart."""

    READ = 1
    OPEN = 2
    CREATE = 4
    WRITE = 8
    TRUNCATE = 16
    SYNC = 32
    RENAME = 64
    REMOVE = 128
    MKDIR = 256
    LINK = 512
    MODE = 1024
    LOCK = 2048

    ALL = 4095
    CHANGE = 4095 & ~(READ | OPEN | LOCK)
    """Whatever changes what is on disk, or how safely it lies there."""
    TAKE_ROOM = CREATE | WRITE | MKDIR | LINK


class Action(IntEnum):
    """What becomes of the operation that a fault is put into."""

    RECORD = 0
    FAIL = 1
    SHORT = 2
    """Half of the bytes are written, which is no error: the writer has to go on."""
    FULL = 3
    """As SHORT, and from there on nothing that takes room succeeds."""
    KILL = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the operation `nth`, counted from 1 among those of `kinds`."""

    action: Action = Action.RECORD
    nth: int = 0
    kinds: Kind = Kind.ALL
    error: int = errno.EIO


class Shim:
    """The compiled shim; `begin` may be called once in a process, and holds until it ends."""

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(os.fspath(library))
        self._library.count.restype = ctypes.c_long
        self._library.which.restype = ctypes.c_char_p

    def begin(self, root: Path, fault: Fault, journal: Path | None = None) -> None:
        """Put a fault into the operations below `root`; write all of them into `journal`."""
        file = -1
        if journal is not None:
            file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        failed = self._library.begin(
            os.fsencode(root),
            file,
            True,
            int(fault.kinds),
            int(fault.action),
            fault.error,
            ctypes.c_long(fault.nth),
        )
        if failed:
            raise OSError(failed, f"the kernel takes no filter: {os.strerror(failed)}")

    @property
    def count(self) -> int:
        """How many operations of the fault's kinds were made."""
        return int(self._library.count())

    @property
    def which(self) -> str:
        """The operation that the fault was put into, empty where it was not reached."""
        return os.fsdecode(self._library.which())


def why_none() -> str | None:
    """Say why there can be no shim here; None where there can be one."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "faults are put into system calls on Linux, x86-64, only"
    if shutil.which("cc") is None:
        return "faults are put in by a piece of C; there is no compiler (cc) here"
    if "trap" not in Path("/proc/sys/kernel/seccomp/actions_avail").read_text().split():
        return "this kernel hands no system calls to their process (seccomp)"
    return None


def compile_shim(folder: Path) -> Path:
    """Compile the shim into a folder and give its library."""
    library = folder / "shim.so"
    flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["cc", *flags, "-o", library, SOURCE], check=True)
    return library
