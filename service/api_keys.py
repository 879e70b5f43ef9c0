"""API keys: which ones open the service. Of keys in a file only their hashes are kept.

A key is drawn at random, with 256 bits, so a plain SHA-256 of it tells nobody what it is.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from index.errors import CognateError

MIN_KEY_CHARS = 16

_LINE = re.compile(r"(?P<name>\S{1,100}) +sha256:(?P<digest>[0-9a-f]{64})")
_NAME = re.compile(r"[\w.@-]{1,100}")


class ApiKeysError(CognateError, ValueError):
    """A file of API keys cannot be read, or a name cannot stand in it."""


def is_safe_key(key: str) -> bool:
    """Tell whether a key can be used: a header carries it, and a Basic password has no colon."""
    characters = set(key)
    return (
        len(key) >= MIN_KEY_CHARS
        and key.isascii()
        and key.isprintable()
        and not characters & set(" :")
    )


def hash_key(key: bytes) -> str:
    """Give the SHA-256 of a key as 64 hex digits."""
    return hashlib.sha256(key).hexdigest()


def read_hashes(path: Path) -> dict[str, str]:
    """Read the hashes of a file of keys by name; ApiKeysError with the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not in UTF-8"
        message = f"the file of API keys {path}: {reason}"
        raise ApiKeysError(message) from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or match["name"] in found:
            message = (
                f"{path}, line {number}: is not `NAME sha256:HASH` with a name of its own; "
                f"`cognate key NAME --into {path}` writes such lines"
            )
            raise ApiKeysError(message)
        found[match["name"]] = match["digest"]
    return found


def add_key(path: Path, name: str) -> str:
    """Draw a key, write its hash into a file under a name, and give the key: it is kept nowhere."""
    if not _NAME.fullmatch(name):
        message = f"{name!r} cannot name a key: use up to 100 letters, digits and . _ @ -"
        raise ApiKeysError(message)
    if path.exists() and name in read_hashes(path):
        message = f"{path} has a key named {name} already; remove its line first, or use a new name"
        raise ApiKeysError(message)
    key = secrets.token_urlsafe(32)
    path.touch(mode=0o600)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"{name} sha256:{hash_key(key.encode())}\n")
    return key


class KeyRing:
    """The keys that open the service, as hashes; those of a file as it is now.

    A line that is taken out of the file closes the service to its key with the next request. A
    file that cannot be read any more keeps what it had, and says so to `warn`.
    """

    def __init__(self, key: str | None, path: Path | None, warn: Callable[[str], None]) -> None:
        self._own = [] if key is None else [hash_key(key.encode())]
        self._path = path
        self._warn = warn
        self._stamp = self._now()
        self._of_file: Sequence[str] = [] if path is None else [*read_hashes(path).values()]

    def opens(self, given: bytes) -> bool:
        """Tell whether a key is one of these, in a time that does not say which or how nearly."""
        self._renew()
        digest = hash_key(given)
        found = False
        for known in (*self._own, *self._of_file):
            found |= hmac.compare_digest(known, digest)
        return found

    def _renew(self) -> None:
        stamp = self._now()
        if self._path is None or stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._of_file = [*read_hashes(self._path).values()]
        except ApiKeysError as error:
            self._warn(f"{error}; the keys stay as they were")

    def _now(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return None
        return found and (found.st_mtime_ns, found.st_size, found.st_ino)
