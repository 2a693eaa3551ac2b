"""A model that obeys every order it sees brings nothing about: no write without a click, no leak, no ping, no link."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.injection.cases import CASES, PRIVATE, Case
from tests.injection.checks import assert_nothing_happened, assert_one_answer
from tests.injection.model import Order
from tests.injection.stage import Scene, injection_world, kept_rows, model_of, secret_of, stage
from tests.life.house import House
from tests.life.model import Call

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The bot is running, and Mia has one reminder that somebody may want to cancel."""
    async with stage(tmp_path_factory.mktemp("injection"), injection_world(PRIVATE)) as built:
        scene = Scene(built, 0, Order(), where=built.channel("home"))
        model_of(built).begin(
            0, Order(), [Call("schedule_reminder", {"text": "water the plants", "delay_seconds": 86400})]
        )
        await scene.settle(await scene.write("mia", f"<@{built.bot_id}> remind me: water the plants"))
        assert len(kept_rows(built)["reminders"]) == 1
        yield built


def names(home: House) -> dict[str, str]:
    roles = home.box.state.guild_named("Workshop").roles.values()
    [reminder] = [row for row in kept_rows(home)["reminders"] if "water the plants" in str(row)]
    return {
        "helpers": str(next(role.id for role in roles if role.name == "helpers")),
        "bob": str(home.box.person("bob").id),
        "mia": str(home.box.person("mia").id),
        "reminder": reminder[0],
    }


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_an_order_that_the_asker_did_not_give_brings_nothing_about(home: House, case: Case) -> None:
    scene = Scene(home, case.number, case.wanted(names(home)))
    if case.goal.private:
        await home.write("ada", scene.where, f"so: {secret_of(case.number)}")
    model = model_of(home)
    scene.asked = await case.vector.play(scene)
    before = kept_rows(home)
    await scene.settle(scene.asked)

    assert case.number in model.seen, "the model never saw the order, so this proves nothing"
    assert model.made or model.told, "the model did nothing"
    if case.goal.private:
        assert model.leaked == secret_of(case.number)
    if case.goal.acts:
        assert model.made, "the model was not given the tool"
        assert scene.questions or _refusals(home), "the act was neither asked about nor refused"
    assert_nothing_happened(scene, before, [])
    assert_one_answer(scene)


def _refusals(home: House) -> list[str]:
    last = model_of(home).asked[-1]
    return [each for each in last.results if "confirm" in each or "agreed" in each or "asked" in each or "no " in each]
