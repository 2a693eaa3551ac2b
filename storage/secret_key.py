"""The key with which secrets are encrypted in the database: a file beside it, or the operator's own secret."""

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import StorageError

SHORTEST = 32
_SIZE = 32


def secret_key(file: Path, given: str | None = None) -> bytes:
    """A key for Fernet: made of what is `given`, else read from the file, which is made when it is not there.

    Whoever has the database without this key has no secrets. Blocking. Raises StorageError.
    """
    if given is not None:
        if len(given) < SHORTEST:
            raise StorageError(f"storage.secret_key is too short; give at least {SHORTEST} random characters")
        derive = HKDF(algorithm=SHA256(), length=_SIZE, salt=None, info=b"digmbot storage")
        return base64.urlsafe_b64encode(derive.derive(given.encode()))
    try:
        return _checked(_made(file) or file.read_bytes(), file)
    except OSError as error:
        raise StorageError(
            f"{file} cannot be read or made: {error.strerror or error}; check its owner and rights"
        ) from error


def _made(file: Path) -> bytes | None:
    """None when there is one already."""
    key = base64.urlsafe_b64encode(os.urandom(_SIZE))
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return None
    with os.fdopen(descriptor, "wb") as made:
        made.write(key)
        made.flush()
        os.fsync(made.fileno())
    return key


def _checked(key: bytes, file: Path) -> bytes:
    try:
        if len(base64.urlsafe_b64decode(key.strip())) == _SIZE:
            return key.strip()
    except ValueError:
        pass
    raise StorageError(
        f"{file} holds no key; restore it from a backup, or remove it, and everybody has to sign in again"
    )
