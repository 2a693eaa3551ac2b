"""The configuration in digmbot-rs's README, with nothing but the token filled in, as a process of its own."""

import asyncio
import json
from collections.abc import Mapping

from tests.bot.settings.test_ancestor import README_BLOCK
from tests.life.child import spawn_into
from tests.life.house import House
from tests.life.model import echo

PASTED = README_BLOCK.replace("<TODO>", "bot-token", 1)
UNNAMED = "llm_reply.model_name is not filled in; the first model that {host} lists is used"


def addresses(home: House) -> Mapping[str, object]:
    return {
        "llm_general__base_url": home.model.url,
        "discord__api_url": home.box.api_url,
        "discord__gateway_url": home.box.gateway_url,
        "discord__cdn_url": home.box.cdn_url,
        "storage__data_dir": home.folder / "data",
    }


async def test_it_starts_as_it_was_pasted_and_answers(home: House) -> None:
    home.model.models = ["nomic-embed-text", "scripted"]
    child = await spawn_into(asyncio.subprocess.PIPE, home, [], addresses(home), text=PASTED)
    host = home.model.url.removeprefix("http://").removesuffix("/v1")
    await child.line("warning:", f"config.toml:31: {UNNAMED.format(host=host)}")
    await child.line("ready as")

    await home.answer(await home.mention("mia", "general", "good morning"), echo("good morning"))
    assert home.model.asked[-1].model == "scripted"

    child.terminate()
    assert await child.ended() == 0


async def test_a_server_without_a_model_to_chat_with_is_said_in_the_channel_and_by_the_doctor(home: House) -> None:
    home.model.models = ["nomic-embed-text"]
    child = await spawn_into(asyncio.subprocess.PIPE, home, [], addresses(home), text=PASTED)
    await child.line("ready as")
    lacking = await home.mention("mia", "general", "good morning")
    await home.reply(lacking, lambda text: "lists no model that can chat" in text and "llm_reply.model_name" in text)

    home.model.models.append("scripted")
    await home.answer(await home.mention("mia", "general", "and now?"), echo("and now?"))

    child.terminate()
    assert await child.ended() == 0


async def test_the_doctor_says_which_model_was_chosen_or_that_there_is_none(home: House) -> None:
    async def findings() -> list[dict[str, str]]:
        command = ["doctor", "--json"]
        child = await spawn_into(asyncio.subprocess.DEVNULL, home, command, addresses(home), text=PASTED)
        out, _ = await child.process.communicate()
        return [each for each in json.loads(out) if each["area"].startswith("model")]

    home.model.models = ["nomic-embed-text", "scripted"]
    chosen = (await findings())[0]
    assert (chosen["area"], chosen["status"]) == ("model scripted", "ok")
    assert "llm_reply.model_name is not filled in" in chosen["text"]

    home.model.models = ["nomic-embed-text"]
    [none] = await findings()
    assert (none["status"], none["hint"]) == ("broken", "fill in llm_reply.model_name")
    assert none["text"].endswith("lists no model that can chat")
