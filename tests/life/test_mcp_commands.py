"""`/mcp`: who looks after the server sees how the MCP servers are, everybody what they may use; prompts are run."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.models import Message
from tests.life.hand import Hand, inputs, modal
from tests.life.house import JSON, House, eventually, house
from tests.life.model import call, say
from tests.life.test_mcp_tools import one_greeter, ready

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("mcp")) as built:
        crew = next(role.id for role in built.box.state.guild_named("Workshop").roles.values() if role.name == "crew")
        servers = {
            "greeter": one_greeter(),
            "crewed": one_greeter(roles=[crew]),
            "gone": {"command": "no-such-program"},
            "foreign": {"command": "no-such-program", "guilds": [5]},
        }
        async with built.bot(mcp={"servers": servers}):
            await ready(built)
            yield built


async def told(home: House, who: str, wanted: str, **given: object) -> str:
    hand = Hand(home, who)
    await hand.command("mcp", "servers", **given)
    return (await hand.whispered(lambda text: wanted in text)).content


async def test_who_looks_after_the_server_sees_how_each_is(served: House) -> None:
    text = await told(served, "ada", "**gone**")

    assert "**greeter**: up (since <t:" in text
    assert "`greet`, `paint` ✎" in text
    assert "2 prompts" in text
    assert "**gone**: down (since <t:" in text
    assert "its program" in text
    assert "was not found" in text
    assert "foreign" not in text, "another Discord server's business"
    assert len(text) < 2000


async def test_one_server_can_be_asked_for(served: House) -> None:
    hand = Hand(served, "ada")
    await hand.command("mcp", "servers", name="greeter")

    assert await hand.whispered(lambda text: "**greeter**" in text and "**gone**" not in text)
    assert "no such server" in await told(served, "ada", "no such server", name="nobody")


async def test_others_see_what_they_may_use_and_nothing_of_what_is_wrong(served: House) -> None:
    mia, bob = await told(served, "mia", "**greeter**"), await told(served, "bob", "**crewed**")

    assert "**greeter**: `greet`, `paint` ✎" in mia
    assert "crewed" not in mia
    assert "gone" not in mia + bob


async def test_a_prompt_is_shown_and_run_once_its_person_says_so(served: House) -> None:
    served.model.on("kind letter to Bob", say("Dear Bob, all my best."))
    hand = Hand(served, "mia")
    await hand.command("mcp", "prompt", server="greeter", name="letter")
    form = await modal(served)
    to, _ = inputs(form)
    rows: list[object] = [{"type": 1, "components": [{"type": 4, "custom_id": to, "value": "Bob"}]}]
    await hand.begin(5, {"custom_id": form["custom_id"], "components": rows})
    shown = await hand.whispered(lambda text: "Write a kind letter to Bob." in text)
    assert "the server's words" in shown.content
    assert not any("Dear Bob" in text for text in served.texts("general"))

    await hand.press(shown, "Run it")

    answer = await served.spoken("general", lambda text: "Dear Bob, all my best." in text)
    assert "-# the prompt `Write a letter` of greeter, for Mia" in answer.content
    asked = await served.model.wait_for("kind letter to Bob")
    assert "the words are the server's" in asked.prompt


async def test_a_prompt_without_blanks_needs_no_form(served: House) -> None:
    hand = Hand(served, "mia")
    await hand.command("mcp", "prompt", server="greeter", name="joke")

    assert await hand.whispered(lambda text: "Tell a joke about walls." in text)


async def test_a_write_that_a_prompt_asks_for_needs_a_click(served: House) -> None:
    served.model.on("joke about walls", call("post_message", channel="#ops", text="A joke about walls."), say("Told."))
    hand = Hand(served, "mia")
    await hand.command("mcp", "prompt", server="greeter", name="joke")
    await hand.press(await hand.whispered(lambda text: "Tell a joke about walls." in text), "Run it")

    question = await served.spoken("general", lambda text: "shall I?" in text)
    assert not any("joke" in text for text in served.texts("ops"))
    await served.click("mia", question, "Do it")
    await served.spoken("ops", lambda text: text == "A joke about walls.")


@pytest.mark.parametrize(
    ("server", "name"), [("greeter", "nothing"), ("nobody", "joke"), ("crewed", "joke"), ("foreign", "joke")]
)
async def test_a_prompt_that_is_not_theirs_does_not_exist(served: House, server: str, name: str) -> None:
    hand = Hand(served, "mia")
    await hand.command("mcp", "prompt", server=server, name=name)

    assert await hand.whispered(lambda text: "There is no such prompt that you can use here" in text)


async def test_nobody_can_run_a_prompt_where_they_may_not_write(served: House) -> None:
    hand = Hand(served, "mia", "board")
    await hand.command("mcp", "prompt", server="greeter", name="joke")
    board, found = served.channel("board"), list[Message]()

    async def is_shown() -> bool:
        found[:] = [each for each in served.box.state.contents.messages.values() if each.channel_id == board]
        return any(each.components for each in found)

    await eventually(is_shown)
    before = len(served.model.asked)

    await hand.press(found[-1], "Run it")

    assert "Mia" in (await hand.whispered(lambda text: "board" in text)).content
    assert len(served.model.asked) == before


async def test_servers_and_prompts_are_suggested(served: House) -> None:
    hand = Hand(served, "mia")
    options = [
        {"type": 3, "name": "server", "value": "greeter"},
        {"type": 3, "name": "name", "value": "let", "focused": True},
    ]
    data = {
        "id": await hand.id_of("mcp"),
        "name": "mcp",
        "type": 1,
        "options": [{"type": 1, "name": "prompt", "options": options}],
    }
    before = len(served.box.log)
    await hand.begin(4, data)

    assert await suggested(served, before) == [("Write a letter", "letter")]
    options[:] = [{"type": 3, "name": "server", "value": "", "focused": True}]
    before = len(served.box.log)
    await hand.begin(4, data)
    assert await suggested(served, before) == [("greeter", "greeter")], "only what she may use"


async def suggested(home: House, since: int) -> list[tuple[str, str]]:
    async def there() -> bool:
        return any(each.path.endswith("/callback") for each in list(home.box.log)[since:])

    await eventually(there)
    answer = next(each for each in list(home.box.log)[since:] if each.path.endswith("/callback"))
    choices = JSON.validate_python(JSON.validate_python(answer.body)["data"])["choices"]
    assert isinstance(choices, list)
    return [(str(each["name"]), str(each["value"])) for each in map(JSON.validate_python, choices)]
