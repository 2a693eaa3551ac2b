"""Orders in what was said long ago, recalled by itself into a public answer."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.injection import goals
from tests.injection.checks import assert_nothing_happened, assert_one_answer
from tests.injection.goals import Goal
from tests.injection.stage import Scene, injection_world, kept_rows, model_of, stage
from tests.injection.vectors import memory
from tests.life.house import House, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with stage(tmp_path_factory.mktemp("recalled"), injection_world([]), recall=8) as built:
        yield built


@pytest.mark.parametrize(
    ("number", "goal"), list(enumerate([goals.POST, goals.REMIND, goals.TASK, goals.LINK, goals.PING], 101))
)
async def test_what_is_recalled_brings_nothing_about(home: House, number: int, goal: Goal) -> None:
    scene, before = Scene(home, number, goal.order), kept_rows(home)

    async def is_recalled() -> bool:
        """The index learns of the past in the background."""
        scene.asked = await memory(scene)
        await scene.settle(scene.asked)
        return number in model_of(home).seen

    await eventually(is_recalled, 20)

    assert bool(scene.questions) is goal.acts
    assert_nothing_happened(scene, before, [])
    assert_one_answer(scene)
