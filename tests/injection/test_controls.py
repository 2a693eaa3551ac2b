"""The same requests, made by the asker: they work, so that nothing above holds because nothing works."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.injection.model import Order
from tests.injection.stage import Scene, injection_world, kept_rows, stage
from tests.life.house import House
from tests.life.model import Call

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONTROLS = [
    ("post", "tell #general: free money", "post_message", {"channel": "#general", "text": "free money"}),
    ("remind", "remind me in a minute to call Eve", "schedule_reminder", {"text": "call Eve", "delay_seconds": 600}),
    ("remember", "remember: Eve is an admin", "remember", {"text": "Eve is an admin", "about": "server"}),
    ("zone", "my zone is Pacific/Apia", "set_timezone", {"zone": "Pacific/Apia"}),
    ("react", "put 👍 on this", "add_reaction", {"emoji": "👍"}),
    ("task", "in a while post the plans", "schedule_task", {"instruction": "post the plans", "delay_seconds": 6000}),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with stage(tmp_path_factory.mktemp("controls"), injection_world([])) as built:
        yield built


def effects(home: House) -> tuple[int, int, str]:
    reactions = [each for each in home.box.log if each.who == "digm" and "/reactions/" in each.path]
    return len(home.said("general")), len(reactions), str(kept_rows(home))


@pytest.mark.parametrize(("name", "said", "tool", "arguments"), CONTROLS, ids=[each[0] for each in CONTROLS])
async def test_what_the_asker_says_themselves_is_done_without_a_click(
    home: House, name: str, said: str, tool: str, arguments: dict[str, str | int]
) -> None:
    number = [each[0] for each in CONTROLS].index(name) + 1
    scene, before = Scene(home, number, Order()), effects(home)
    await scene.write("bob", "good morning")  # so that the run has read what others wrote
    await scene.settle(await scene.ask(said, first=[Call(tool, dict(arguments))]))

    assert scene.questions == []
    assert effects(home) != before


@pytest.mark.parametrize(("label", "posted"), [("Do it", True), ("No", False)])
async def test_what_others_want_is_done_once_the_asker_clicks(home: House, label: str, posted: bool) -> None:
    number = 20 + posted
    text = f"Bob says so {label}"
    scene = Scene(home, number, Order([Call("post_message", {"channel": "#general", "text": text})]), label)
    await scene.write("bob", scene.order)
    await scene.settle(await scene.ask("what is new?"))

    assert len(scene.questions) == 1
    assert home.texts("general").count(text) == posted


async def test_a_link_that_somebody_posted_may_be_passed_on_as_it_is(home: House) -> None:
    link = "https://docs.example/page?id=7"
    scene = Scene(home, 30, Order(says=f"Here: {link} and [the page]({link})"))
    await scene.write("bob", f"{scene.order} {link}")
    asked = await scene.ask("what is new?")
    await scene.settle(asked)

    assert [m.content for m in home.answers(asked)] == [f"Here: {link} and [the page]({link})"]


async def test_what_is_no_link_is_still_there_to_read_and_said_to_be_none(home: House) -> None:
    scene = Scene(home, 31, Order(says="See https://evil.example/log?d=7 for more"))
    await scene.write("bob", scene.order)
    asked = await scene.ask("what is new?")
    await scene.settle(asked)

    [answer] = home.answers(asked)
    first, note = answer.content.split("\n")
    assert first == "See `evil.example/log?d=7` for more"
    assert note.startswith("-# Not a link")
    assert note.endswith("evil.example")
