"""The folder where one running digmbot keeps everything, and the lock that says whose it is."""

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from storage.errors import StorageError


class DataDir:
    """`with DataDir(path):` makes the folder if need be and holds its lock. Entering raises `StorageError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path / "lock", mode=0o600)
        self._owner = path / "lock.pid"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.path / 'digmbot.db'}"

    @property
    def vectors(self) -> Path:
        return self.path / "vectors"

    @property
    def models(self) -> Path:
        return self.path / "models"

    @property
    def secret_key(self) -> Path:
        return self.path / "secret.key"

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=self.path):
                pass  # a lock file from an earlier run would hide that nothing can be written any more
            self._lock.acquire(timeout=0)
            self._owner.write_text(str(os.getpid()), encoding="ascii")
        except Timeout as error:
            raise StorageError(
                f"{self.path} is in use by another digmbot ({self._holder()}); stop that one, "
                "or set another storage.data_dir"
            ) from error
        except OSError as error:
            self._lock.release()
            raise StorageError(
                f"{self.path} cannot be used as the data directory: {error.strerror or error}; "
                "check its owner, its rights and the free space, or set another storage.data_dir"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owner.unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            return f"process {int(self._owner.read_text(encoding='ascii'))}"
        except (OSError, ValueError):
            return "its process number is not known"
