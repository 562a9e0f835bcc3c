"""Signed links to pictures: they need no key, and they expire, as those of an object store do."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from pathlib import Path

from tui.files import write_durably

FOLDER = "/media"
_SECRET_BYTES = 32
_SECONDS = re.compile(r"[0-9]{1,12}")


class LinkError(Exception):
    """A link that opens nothing: `code` is an object store's word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Links:
    """Signs and checks links with a secret kept in `folder`, so that they outlive the process.

    The secret is read or written at first use: call the methods in a thread. Raises OSError.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "secret"
        self._secret = b""
        self._lock = threading.Lock()

    def sign(self, picture: str, expires: int) -> str:
        """Path and query that open `picture` until `expires`, in seconds since 1970."""
        return f"{FOLDER}/{picture}?expires={expires}&signature={self._signature(picture, expires)}"

    def check(self, picture: str, expires: str, signature: str, *, now: float) -> None:
        """Raises LinkError where the link was not signed here, or has expired at `now`."""
        if not _SECONDS.fullmatch(expires) or not hmac.compare_digest(
            self._signature(picture, int(expires)).encode(), signature.encode()
        ):
            raise LinkError("SignatureDoesNotMatch", "The signature does not match the request.")
        if now >= int(expires):
            raise LinkError("AccessDenied", "Request has expired")

    def _signature(self, picture: str, expires: int) -> str:
        message = f"{picture} {expires}".encode()
        return hmac.new(self._read_secret(), message, hashlib.sha256).hexdigest()[:32]

    def _read_secret(self) -> bytes:
        with self._lock:
            if not self._secret:
                if not self._file.exists():
                    write_durably(self._file, secrets.token_bytes(_SECRET_BYTES))
                # Read back even when just written: another process may have replaced it.
                self._secret = self._file.read_bytes()
        return self._secret
