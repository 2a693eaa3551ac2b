"""A house for each test, and one for all tests of a module that only talk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.life.house import House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """Nobody in yet: the test starts the bot itself, with `home.bot()`."""
    async with house(tmp_path) as built:
        yield built


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inhabited(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The bot is running."""
    async with house(tmp_path_factory.mktemp("life")) as built, built.bot():
        yield built
