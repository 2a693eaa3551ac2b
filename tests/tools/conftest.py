"""The town and the tools in it."""

import pytest

from tests.tools.world import Town
from tools.channels import ChannelTools
from tools.directory import Directory
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import NativeTools
from tools.permission import Permissions


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
