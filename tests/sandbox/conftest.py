"""A running sandbox for each test."""

from collections.abc import AsyncIterator

import pytest

from sandbox import Sandbox
from tests.sandbox.clients import Visit
from tests.sandbox.world import little_world


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    async with Visit(Sandbox(little_world())) as visit:
        yield visit
