"""`/digmbot setup`: where the bot acts and for whom, honoured by answers, commands, tools, tasks and reminders."""

import asyncio
import sqlite3

import pytest

from sandbox.models import Message
from tests.life.hand import Hand
from tests.life.house import BOT, House, eventually
from tests.life.model import call, say
from tests.life.test_mcp_tokens import client, minted, serving, some_port, text_of
from tests.life.test_reminder_buttons import later
from tests.life.world import MANY

NOT_HERE = "The managers of this server have set that I do not act in this channel."
ROLES = "Who may use me (nobody chosen: all)"


async def panel(home: House) -> tuple[Hand, Message]:
    ada = Hand(home, "ada")
    await ada.command("digmbot", "setup")
    return ada, await ada.whispered(lambda text: text.startswith("**Where I act:**"))


async def only_in(home: House, *names: str) -> None:
    ada, shown = await panel(home)
    await ada.choose(shown, "Which channels", *(home.channel(name) for name in names))
    await ada.whispered(lambda text: text.startswith("**Where I act:** in every channel"))
    await ada.choose(shown, "Where I act", "only")
    await ada.whispered(lambda text: text.startswith(f"**Where I act:** only in: <#{home.channel(names[0])}>"))


def role(home: House, name: str) -> int:
    return next(each.id for each in home.box.state.guild_named("Workshop").roles.values() if each.name == name)


async def test_who_does_not_manage_the_server_gets_no_panel(home: House) -> None:
    async with home.bot():
        await Hand(home, "mia").refused("digmbot", "setup")


async def test_a_channel_that_does_not_exist_is_not_taken(home: House) -> None:
    async with home.bot():
        ada, shown = await panel(home)
        await ada.choose(shown, "Where I act", "sometimes", expect=400)
        await ada.command("digmbot", "setup")
        await ada.whispered(lambda text: text.startswith("**Where I act:** in every channel"))


async def test_outside_its_channels_a_mention_gets_one_sentence_and_a_command_is_refused(home: House) -> None:
    async with home.bot():
        await only_in(home, "ops")
        inside, outside = await home.mention("mia", "ops", "hello"), await home.mention("mia", "general", "hello")
        await home.reply(inside, lambda text: "hello" in text)
        await home.answer(outside, NOT_HERE)
        mia = Hand(home, "mia", "general")
        await mia.command("remind", when="in 10 minutes", what="tea")
        await mia.whispered(lambda text: text == NOT_HERE)
        command = await home.write("mia", "general", "!help")
        await home.answer(command, NOT_HERE)
        await mia.command("privacy")
        await mia.whispered(lambda text: "What I keep about you" in text)
    async with home.bot():  # it is kept
        outside = await home.mention("mia", "general", "hello?")
        await home.answer(outside, NOT_HERE)

    assert len(home.answers(outside)) == 1
    assert sum(each.words == "hello" for each in home.model.asked) == 1


async def test_only_who_holds_a_role_is_served(home: House) -> None:
    async with home.bot():
        ada, shown = await panel(home)
        await ada.choose(shown, ROLES, role(home, "crew"))
        await ada.whispered(lambda text: "only who holds" in text)
        bob, mia = await home.mention("bob", "general", "hello"), await home.mention("mia", "general", "hello")
        await home.reply(bob, lambda text: "hello" in text)
        await home.reply(mia, lambda text: text.endswith("only some roles may use me, and Mia holds none of them."))
        await ada.press(shown, "Everything as at first")
        await ada.whispered(lambda text: "**For whom:** everybody" in text)
        again = await home.mention("mia", "general", "hello again")
        await home.reply(again, lambda text: "hello again" in text)


async def test_it_writes_nowhere_else_when_that_is_set(home: House) -> None:
    home.model.on("tell ops", call("post_message", channel="#ops", text="deploy"), say("I tried."))
    async with home.bot():
        ada, shown = await panel(home)
        await ada.press(shown, "Write only where I am asked")
        await ada.whispered(lambda text: "only in the channel that they ask in" in text)
        asked = await home.mention("mia", "general", "tell ops deploy")
        await home.answer(asked, "I tried.")

    assert home.texts("ops") == []
    assert any("nowhere else" in result for each in home.model.asked for result in each.results)


async def test_who_lost_the_right_changes_nothing_with_an_old_panel(home: House) -> None:
    guild = home.box.state.guild_named("Workshop")
    async with home.bot():
        managers = role(home, "crew")
        await home.ask("ada", "PATCH", f"/guilds/{guild.id}/roles/{managers}", {"permissions": str(1 << 5 | 1 << 10)})
        bob = Hand(home, "bob")
        await bob.command("digmbot", "setup")
        shown = await bob.whispered(lambda text: text.startswith("**Where I act:**"))
        await home.ask("ada", "PATCH", f"/guilds/{guild.id}/roles/{managers}", {"permissions": str(1 << 10)})
        await bob.choose(shown, "Where I act", "not")
        await bob.whispered(lambda text: text.startswith("You may not manage this server any more"))
        _, now = await panel(home)

    assert now.content.startswith("**Where I act:** in every channel")


@pytest.mark.parametrize("tool", ["schedule_reminder", "schedule_task"])
async def test_what_was_scheduled_before_is_not_said_where_the_bot_may_not_act_any_more(home: House, tool: str) -> None:
    words = {"text": "drink"} if tool == "schedule_reminder" else {"instruction": "drink"}
    home.model.on("schedule it", call(tool, delay_seconds=60, **words), say("I will."))
    async with home.bot():
        asked = await home.mention("mia", "general", "schedule it: drink")
        await home.answer(asked, "I will.")
        await only_in(home, "ops")
    async with home.bot(clock=later(minutes=2)):
        direct = await home.direct("mia")
        told = await home.spoken(direct, lambda text: "drink" in text)

    assert "managers" in told.content
    assert [m.content for m in home.said("general") if m.ephemeral_to is None] == ["I will."]


async def test_it_holds_for_mcp_clients_too(home: House) -> None:
    wish = some_port()
    async with home.bot(mcp=serving(wish)):
        secret = await minted(home, "mia", scope="write")
        await only_in(home, "ops")
        async with client(wish, secret) as mine:
            refused = await mine.call_tool("post_message", {"channel": "general", "text": "psst"})
            done = await mine.call_tool("post_message", {"channel": "ops", "text": "deployed"})
        await home.spoken("ops", lambda text: text == "deployed")

    assert refused.is_error
    assert "I do not act" in text_of(refused)
    assert not done.is_error
    assert "psst" not in home.texts("general")


async def test_a_server_left_while_away_leaves_nothing_behind_though_nothing_was_archived(home: House) -> None:
    rooms = [f"room-{number}" for number in range(MANY)]
    nothing = {"never_archive": [home.channel(name) for name in ("general", "ops", "crew-only", "board", *rooms)]}
    async with home.bot(memory=nothing):
        await only_in(home, "ops")
        asked = await home.mention("mia", "ops", "hello")
        await home.reply(asked, lambda text: "hello" in text)
    assert await kept_of_servers(home) == {"server_policies": 1, "traces": 1}
    home.box.leave("Workshop", BOT)

    async with home.bot(memory=nothing):

        async def gone() -> bool:
            return not any((await kept_of_servers(home)).values())

        await eventually(gone)


async def kept_of_servers(home: House) -> dict[str, int]:
    def count() -> dict[str, int]:
        with sqlite3.connect(f"file:{home.folder / 'data/digmbot.db'}?mode=ro", uri=True) as database:
            return {
                table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("server_policies", "traces")
            }

    return await asyncio.to_thread(count)
