"""The town and the tools in it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from reminders.service import Reminders
from reminders.store import ReminderStore
from reminders.tables import metadata
from reminders.values import Limits
from storage.database import Database
from tests.tools.world import NOW, Town
from tools.channels import ChannelTools
from tools.directory import Directory
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import NativeTools
from tools.permission import Permissions
from tools.reminders import ReminderTools


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def permissions(town: Town) -> Permissions:
    return Permissions(surface=town)


@pytest.fixture
def directory(town: Town, permissions: Permissions) -> Directory:
    return Directory(surface=town, permissions=permissions)


@pytest.fixture
def tools(town: Town, permissions: Permissions, directory: Directory) -> NativeTools:
    return NativeTools(
        ChannelTools(directory=directory, permissions=permissions),
        MemberTools(surface=town, directory=directory, permissions=permissions),
        MessageTools(surface=town, directory=directory, permissions=permissions),
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Reminders]:
    async with Database(f"sqlite:///{tmp_path / 'reminders.db'}") as database:
        await database.write(metadata.create_all)
        yield Reminders(ReminderStore(database), lambda: NOW, limits=Limits(per_person=3))


@pytest.fixture
def promises(store: Reminders, permissions: Permissions) -> NativeTools:
    return NativeTools(ReminderTools(reminders=store, permissions=permissions))
