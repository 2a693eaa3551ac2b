"""A real discord.py client lives in the sandbox as it does on Discord."""

import asyncio
import io

import discord
import pytest

from sandbox import Sandbox
from tests.sandbox.clients import Visit
from tests.sandbox.discord_client import Answerer, running
from tests.sandbox.world import little_world


class Go(discord.ui.View):
    @discord.ui.button(label="Go", custom_id="go")
    async def go(self, click: discord.Interaction[discord.Client], _: discord.ui.Button["Go"]) -> None:
        await click.response.edit_message(content="clicked", view=None)


def mention(visit: Visit) -> str:
    return f"<@{visit.box.person('digm').id}>"


async def answered(visit: Visit, name: str) -> None:
    await visit.box.wait_for_message(lambda message: message.content == f"answer to {name}")


async def test_a_wrong_token_is_a_login_failure() -> None:
    async with Visit(Sandbox(little_world(token="another-token"))) as other:
        with pytest.raises(discord.LoginFailure):
            async with running(other.box, Answerer()):
                pass


async def test_a_mention_is_answered_by_a_reply_that_is_edited(visit: Visit) -> None:
    async with running(visit.box, Answerer()) as client:
        (guild,) = client.guilds
        assert guild.chunked
        assert {member.name for member in guild.members} == {"ada", "bob", "mia", "digm"}
        crew_only = discord.utils.get(guild.text_channels, name="crew-only")
        mia = discord.utils.get(guild.members, name="mia")
        assert crew_only is not None
        assert mia is not None
        assert not crew_only.permissions_for(mia).view_channel
        asked = await visit.rest("mia").say("general", f"{mention(visit)} what time is it?")
        reply = await visit.box.wait_for_message(lambda message: message.content == "answer to Mia")
        assert reply.reference is not None
        assert reply.reference.message_id == int(asked["id"])
        assert [one.path for one in visit.box.log if "typing" in one.path]


async def test_a_429_and_a_500_are_survived_without_a_second_answer(visit: Visit) -> None:
    async with running(visit.box, Answerer()):
        faults = visit.box.faults
        faults.answer(429, method="POST", path="/messages$", who="digm", retry_after=0.05)
        faults.answer(500, method="POST", path="/messages$", who="digm", after_effect=True)
        await visit.rest("mia").say("general", f"{mention(visit)} hello")
        await answered(visit, "Mia")
        tried = [one.status for one in visit.box.log if one.who == "digm" and one.path.endswith("/messages")]
        assert tried == [429, 500, 200]
        texts = [message.content for message in visit.box.state.contents.messages.values()]
        assert texts.count("answer to Mia") == 1


@pytest.mark.parametrize("trouble", ["drop", "reconnect", "invalid"])
async def test_a_mention_during_a_lost_connection_is_answered_after_it(visit: Visit, trouble: str) -> None:
    async with running(visit.box, Answerer()) as client:
        if trouble == "invalid":
            client.ready.clear()
            visit.box.faults.invalidate_sessions()
            async with asyncio.timeout(5):
                await client.ready.wait()
        elif trouble == "drop":
            visit.box.faults.drop_sockets(4000)
        else:
            visit.box.faults.ask_to_reconnect()
        await visit.rest("mia").say("general", f"{mention(visit)} still there?")
        await answered(visit, "Mia")
        if trouble != "invalid":
            async with asyncio.timeout(5):
                await client.resumed.wait()


async def test_history_files_direct_messages_and_threads_work(visit: Visit) -> None:
    async with running(visit.box, Answerer()) as client:
        channel = discord.utils.get(client.guilds[0].text_channels, name="general")
        assert channel is not None
        history = [message.content async for message in channel.history(oldest_first=True)]
        assert history[:2] == ["hello there", "hi mia"]
        sent = await channel.send("a file", file=discord.File(io.BytesIO(b"bytes"), "data.bin"))
        assert await sent.attachments[0].read() == b"bytes"
        thread = await sent.create_thread(name="about the file")
        await thread.send("in here")
        await sent.add_reaction("👍")
        assert (await channel.fetch_message(sent.id)).reactions[0].me
        await visit.rest("ada").ask("PUT", f"/channels/{channel.id}/messages/pins/{sent.id}")
        assert [message.id async for message in channel.pins()] == [sent.id]
        await sent.delete()
        bob = await client.fetch_user(visit.box.person("bob").id)
        await bob.send("psst")
        direct = await visit.rest("bob").ask("GET", "/users/@me/channels")
        await visit.rest("bob").ask("POST", f"/channels/{direct.data[0]['id']}/messages", {"content": "yes?"})
        await answered(visit, "Bob")


async def test_a_slash_command_and_a_button_work(visit: Visit) -> None:
    client = Answerer()

    @client.tree.command(description="Add one")
    async def next_number(interaction: discord.Interaction[discord.Client], number: int) -> None:
        await interaction.response.send_message(f"it is {number + 1}", view=Go())

    async with running(visit.box, client):
        (command,) = await client.tree.sync()
        mia, guild = visit.rest("mia"), client.guilds[0].id
        base = {
            "application_id": str(visit.box.person("digm").id),
            "guild_id": str(guild),
            "channel_id": str(mia.channel("general")),
        }
        options = [{"type": 4, "name": "number", "value": 41}]
        data = {"id": str(command.id), "name": "next_number", "type": 1, "options": options}
        assert (await mia.ask("POST", "/interactions", {**base, "type": 2, "data": data})).status == 204
        shown = await visit.box.wait_for_message(lambda message: message.content == "it is 42")
        await visit.box.wait_for(lambda one: "/callback" in one.path)
        press = {"component_type": 2, "custom_id": "go"}
        click = {**base, "type": 3, "message_id": str(shown.id), "data": press}
        assert (await mia.ask("POST", "/interactions", click)).status == 204
        await visit.box.wait_for_message(lambda message: message.content == "clicked")


async def test_two_shards_share_the_work(visit: Visit) -> None:
    async with running(visit.box, Answerer(shards=2)) as client:
        assert len(client.shards) == 2
        await visit.rest("mia").say("general", f"{mention(visit)} on which shard?")
        await answered(visit, "Mia")
        assert [one.content for one in client.seen].count(f"{mention(visit)} on which shard?") == 1
