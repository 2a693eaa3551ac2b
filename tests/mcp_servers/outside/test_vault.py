"""What people signed in with is kept so that the files alone tell nothing."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import update

from mcp_servers.outside.signing import SignInNeededError
from mcp_servers.outside.tables import mcp_credentials
from storage.errors import StorageError
from storage.secret_key import secret_key
from tests.mcp_servers.outside.authority import Authority
from tests.mcp_servers.outside.served import served
from tests.mcp_servers.outside.signing_room import BOB, MIA, notes, signing_room


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_no_file_of_the_database_has_a_token_in_it(tmp_path: Path) -> None:
    authority = Authority()
    async with served(authority.app) as port, signing_room(tmp_path) as room:
        await room.sign_in(notes(port), MIA)
        kept = everything_in(tmp_path)
    kept += everything_in(tmp_path)

    assert b"mcp_credentials" in kept
    secrets = [*authority.access, *authority.refresh, *(each.client_secret for each in authority.clients.values())]
    assert len(secrets) == 3
    for secret in secrets:
        assert secret is not None
        assert secret.encode() not in kept


async def test_a_sign_in_does_not_show_itself(tmp_path: Path) -> None:
    authority = Authority()
    async with served(authority.app) as port, signing_room(tmp_path) as room:
        await room.sign_in(notes(port), MIA)
        grant = await room.vault.load("notes", MIA, f"http://127.0.0.1:{port}/mcp")

    assert repr(grant) == f"Grant('notes', person={MIA})"


async def test_with_another_key_everybody_signs_in_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with served(Authority().app) as port:
        async with signing_room(tmp_path) as room:
            await room.sign_in(notes(port), MIA)
        (tmp_path / "secret.key").unlink()
        async with signing_room(tmp_path) as room:
            with pytest.raises(SignInNeededError):
                await room.whoami(notes(port), MIA)
            await room.sign_in(notes(port), MIA)
    assert "cannot be decrypted with this key" in caplog.text


async def test_a_row_that_is_moved_to_somebody_else_opens_nothing(tmp_path: Path) -> None:
    async with served(Authority().app) as port:
        async with signing_room(tmp_path) as room:
            await room.sign_in(notes(port), MIA)
            moved = update(mcp_credentials).where(mcp_credentials.c.person_id == MIA).values(person_id=BOB)
            await room.database.write(lambda c: c.execute(moved))
        async with signing_room(tmp_path) as room:
            with pytest.raises(SignInNeededError):
                await room.whoami(notes(port), BOB)


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    key = secret_key(file)

    assert secret_key(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_operators_own_secret_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    given = "thirty-two random characters, or more"

    assert secret_key(file, given) == secret_key(file, given) != secret_key(file, given + "!")
    assert not file.exists()


def test_a_short_secret_and_a_damaged_file_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    with pytest.raises(StorageError, match=r"storage\.secret_key is too short"):
        secret_key(file, "hunter2")
    file.write_text("not a key")
    with pytest.raises(StorageError, match="holds no key"):
        secret_key(file)
    with pytest.raises(StorageError, match="cannot be read or made"):
        secret_key(tmp_path / "nowhere" / "secret.key")
