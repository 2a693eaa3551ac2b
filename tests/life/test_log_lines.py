"""What the process tells of itself over a whole life: coloured on a terminal only, run by run, and nobody's words."""

import asyncio
import json
import os
import pty
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from pydantic import JsonValue

from tests.agent.speech_server import Reply, SpeechServer, heard
from tests.life.child import Child, spawn_into, start
from tests.life.hand import Hand
from tests.life.house import BOT, JSON, PATIENCE, House, eventually
from tests.life.model import Call, Calls, Fail, call, say
from tests.life.test_seeing import post, reply, speak

CANARY = "elderflower"
Line = dict[str, JsonValue]


def told(child: Child) -> list[Line]:
    return [JSON.validate_json(line) for line in "".join(child.lines).splitlines()]


@asynccontextmanager
async def speaking() -> AsyncGenerator[SpeechServer]:
    async with SpeechServer().running() as server:
        yield server


async def a_life(home: House, ears: SpeechServer) -> None:
    """Everything that people's words go through, the failures included."""
    bot, model = f"<@{home.bot_id}>", home.model
    model.on("use the tools", many_calls(), say(f"Done with the {CANARY}."))
    model.on("be refused", Fail(400, says=f"the word {CANARY} is not allowed"))
    model.on("be answered by a page", Fail(200, says=CANARY))
    model.on("be down", Fail(500, says=CANARY))
    ears.script = [heard(f"my {CANARY}"), Reply(f'{{"error":"{CANARY}"}}', 400)]

    await home.write("mia", "room-0", f"I like {CANARY} and <@{home.bot_id + 1}>")
    files = [(f"{CANARY}.{ending}", CANARY.encode() * 9, kind) for ending, kind in FILES]
    asked = [await post(home, "mia", "room-0", f"{bot} what is {CANARY}?", *files)]
    asked += [await home.mention("bob", "room-1", f"use the tools on {CANARY}")]
    asked += [
        await home.mention("ada", f"room-{number}", f"{words} with {CANARY}")
        for number, words in enumerate(("be refused", "be answered by a page", "be down"), start=2)
    ]
    channel = await home.direct("mia")
    asked += [await speak(home, "mia", channel)]
    await home.reply(asked[-1], lambda text: "voice message" in text)
    asked += [await speak(home, "mia", channel, 5.0, **reply(home, asked[-1]))]
    for message in asked:
        await home.reply(message, bool)
    await home.spoken("room-1", lambda text: f"{CANARY} tea" in text)
    await home.edit("mia", asked[0], f"{bot} and {CANARY} syrup?")
    await home.delete("bob", asked[1])
    await a_refused_answer(home)
    await Hand(home, "bob").command("memory", "search", query=CANARY)
    await Hand(home, "bob").whispered(lambda text: CANARY in text)
    await home.after()


FILES = [("txt", "text/plain"), ("png", "image/png"), ("zip", "application/zip"), ("ogg", "audio/ogg")]


def many_calls() -> Calls:
    return Calls(
        [
            Call("schedule_reminder", {"text": f"{CANARY} tea", "delay_seconds": 5}),
            Call("schedule_reminder", {"text": CANARY, "delay_seconds": CANARY}),
            Call("search_memory", {"query": CANARY, "after": CANARY}),
            Call("search_memory", {"query": CANARY}),
            Call("post_message", {"channel": CANARY, "text": CANARY}),
            Call(f"{CANARY}_tool", {CANARY: CANARY}),
        ]
    )


async def a_refused_answer(home: House) -> None:
    """Discord takes no answer in this room."""
    room = home.channel("room-6")
    home.box.faults.answer(403, times=20, path=f"/channels/{room}", who=BOT)
    await home.mention("mia", "room-6", f"tell me of {CANARY}")
    await home.model.wait_for(f"tell me of {CANARY}")
    await home.after()
    home.box.faults.clear()


async def test_nobodys_words_stand_in_a_log_above_debug(home: House) -> None:
    async with speaking() as ears:
        settings = {"speech__base_url": ears.url, "llm_general__vision": "true", "logging__level": "info"}
        child = await start(home, tools__without_approval='["*"]', **settings)
        reading = asyncio.create_task(child.ended())
        try:
            await a_life(home, ears)
        finally:
            child.terminate()
            assert await reading == 0

    lines = told(child)
    assert not [line for line in lines if CANARY in json.dumps(line)]
    assert all({"timestamp", "level", "logger", "event"} <= set(line) for line in lines)
    assert "\\u001b" not in "".join(child.lines)  # no colour in a pipe
    events = " ".join(str(line["event"]) for line in lines)
    for wanted in ("the model gave no answer", "status 400", "no chat completion", "trying again", "is not shown"):
        assert wanted in events, wanted
    of_runs = [line for line in lines if str(line["logger"]) in {"bot.turns", "agent.openai_model", "agent.speech"}]
    assert of_runs
    assert all("run" in line for line in of_runs)


async def test_at_debug_they_may(home: House) -> None:
    async with speaking() as ears:
        child = await start(home, speech__base_url=ears.url, logging__level="debug")
        reading = asyncio.create_task(child.line("the server said", CANARY))
        home.model.on("be refused", Fail(400, says=f"the word {CANARY} is not allowed"))
        await home.reply(await home.mention("ada", "room-2", "be refused"), bool)
        await reading
        child.terminate()
        assert await child.ended() == 0


async def test_every_line_of_a_run_carries_its_id_those_of_libraries_and_tools_too(home: House) -> None:
    levels = json.dumps({"httpx2": "info", "discord.http": "debug"})
    home.model.on("tell #ops", call("post_message", channel="#ops", text="the deploy is done"), say("Told them."))
    child = await start(home, logging__levels=levels, tools__without_approval='["*"]')
    asked = [await home.mention("bob", f"room-{number}", "tell #ops: the deploy is done") for number in range(2)]
    for message in asked:
        await home.answer(message, "Told them.")
    child.terminate()
    assert await child.ended() == 0

    runs = {str(line["run"]) for line in told(child) if "run" in line}
    assert len(runs) == 2
    ops = f"/channels/{home.channel('ops')}/messages"
    for run in runs:
        mine = [line for line in told(child) if line.get("run") == run]
        assert sum("chat/completions" in str(line["event"]) for line in mine) == 2
        assert any(ops in str(line["event"]) and line["logger"] == "discord.http" for line in mine)
    strays = [line for line in told(child) if "chat/completions" in str(line["event"]) and "run" not in line]
    assert not strays


async def on_terminal(home: House, **settings: object) -> str:
    """What a terminal gets to see until the bot is ready."""
    ours, theirs = pty.openpty()
    try:
        child = await spawn_into(theirs, home, [], settings)
        os.set_blocking(ours, False)
        seen = bytearray()

        async def ready() -> bool:
            try:
                seen.extend(os.read(ours, 65536))
            except BlockingIOError:
                return False
            return b"ready as" in seen

        await eventually(ready, 3 * PATIENCE)
        child.terminate()
        async with asyncio.timeout(PATIENCE):
            await child.process.wait()
        return seen.decode()
    finally:
        os.close(ours)
        os.close(theirs)


async def test_a_terminal_gets_colours(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    seen = await on_terminal(home)
    assert "\x1b[" in seen
    assert '"event"' not in seen


async def test_who_wants_no_colours_on_a_terminal_gets_none(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    seen = await on_terminal(home)
    assert '"event"' not in seen
    assert "\x1b[" not in seen
