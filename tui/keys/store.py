"""What `darkroom key set` keeps."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from tui.files import FOLDER_MODE, make_folder, settle_folder, write_durably
from tui.keys.secret import KeyProblem, Secret
from tui.keys.system_keyring import forget, keep

# Without capitals: some file systems and keyrings take "Studio" for "studio".
_STORABLE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class KeyStore(Struct, frozen=True):
    """What `darkroom key set` keeps for one endpoint: a keyring entry, or a private file.

    An empty file marks that there is a keyring entry, so that nobody has to ask the keyring.
    """

    folder: Path
    name: str
    """Of the endpoint; fit for a file name."""

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.key"

    @property
    def marker(self) -> Path:
        return self.folder / f"{self.name}.keyring"

    @property
    def service(self) -> str:
        """Name of the keyring entry."""
        return f"darkroom-{self.name}"

    @property
    def command(self) -> str:
        return f"darkroom key set {self.name}"

    def is_filled(self) -> bool:
        """Whether a key is kept, as far as its file or its marker tells."""
        return is_there(self.marker) or is_there(self.file)

    def keep_in_file(self, key: Secret) -> str | None:
        """Keep `key` in a file, and not in the keyring; what could not be removed there, if any.

        Raises OSError when the file cannot be written.
        """
        self._write(self.file, key.reveal().encode("ascii"))
        if not is_there(self.marker):
            return None
        try:
            self.marker.unlink()
            forget(self.service)
        except (OSError, KeyProblem) as problem:
            return f"the keyring may still have an older key as {self.service}: {_reason(problem)}"
        return None

    def keep_in_keyring(self, key: Secret) -> str | None:
        """Keep `key` in the keyring, and not in a file; what could not be removed, if any.

        Raises KeyProblem when the keyring does not keep it, OSError when its marker cannot be
        written.
        """
        keep(self.service, key)
        if not is_there(self.marker):
            try:
                self._write(self.marker, b"")
            except OSError:
                with suppress(KeyProblem):
                    forget(self.service)
                raise
        try:
            self.file.unlink(missing_ok=True)
            settle_folder(self.folder)
        except OSError as problem:
            return f"{self.file} still has an older key: {_reason(problem)}"
        return None

    def remove(self) -> None:
        """Remove what is kept. Raises KeyProblem or OSError when that cannot be done."""
        if is_there(self.marker):
            forget(self.service)
            self.marker.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)
        settle_folder(self.folder)

    def _write(self, path: Path, data: bytes) -> None:
        make_folder(self.folder)
        self.folder.chmod(FOLDER_MODE)
        write_durably(path, data)


def key_store(folder: Path, endpoint: str) -> KeyStore | None:
    """Where in `folder` the key of `endpoint` is kept; None for a name that no file may have."""
    return KeyStore(folder, endpoint) if _STORABLE_NAME.fullmatch(endpoint) else None


def is_there(path: Path) -> bool:
    """Whether anything lies at `path`, readable or not."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # Whoever opens it says what is wrong.
    return True


def _reason(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
