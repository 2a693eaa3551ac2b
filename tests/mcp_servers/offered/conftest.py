"""A harbour for each test."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.mcp_servers.offered.harbour import Harbour, harbour


@pytest.fixture
async def port(tmp_path: Path) -> AsyncGenerator[Harbour]:
    async with harbour(tmp_path) as built:
        yield built
