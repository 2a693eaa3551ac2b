"""Private threads as audience, when Discord does not tell of every change; and outages, after which people differ."""

import asyncio

from chat.clock import utc_now
from chat.ids import ChannelId
from tests.fuzz.asking import Asker, Tally
from tests.fuzz.feeding import FedGateway, WorldHttp, fed_gateway
from tests.fuzz.oracle import MANAGE_THREADS, PRIVATE_THREAD, READ_MESSAGE_HISTORY, VIEW_CHANNEL, Json
from tests.fuzz.shapes import TEXT, channel_json, guild_json, member_json, role_json, thread_json
from tests.fuzz.worlds import BOT, World, ready

GUILD, MODERATORS, ADA, MIA, TOM, GENERAL, DIARY, WHISPERS = "100", "101", "201", "202", "203", "301", "302", "401"
READ = VIEW_CHANNEL | READ_MESSAGE_HISTORY


def town() -> World:
    """Mia's diary is read by her, the owner Ada and the bot; in #general Mia whispers in a private thread."""
    world = World(0, utc_now())
    world.guild = guild_json(GUILD, ADA)
    world.guild["roles"] = [role_json(GUILD, READ), role_json(MODERATORS, MANAGE_THREADS)]
    people = [member_json(BOT, [MODERATORS], bot=True), *(member_json(each, []) for each in (ADA, MIA, TOM))]
    world.guild["members"] = people
    diary = [{"id": GUILD, "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}]
    diary += [{"id": each, "type": 1, "allow": str(READ), "deny": "0"} for each in (MIA, BOT)]
    world.guild["channels"] = [channel_json(GUILD, GENERAL, TEXT, []), channel_json(GUILD, DIARY, TEXT, diary)]
    world.guild["threads"] = [thread_json(GUILD, WHISPERS, PRIVATE_THREAD, GENERAL, MIA)]
    world.inside = {WHISPERS: {MIA}}
    return world


def member(world: World, person: str) -> Json:
    return next(each for each in world.guild["members"] if each["user"]["id"] == person)


async def told_in(client: FedGateway, into: str, source: str) -> bool:
    surface = Asker(town(), client, Tally()).surface
    return bool(await surface.shareable(ChannelId(int(into)), [ChannelId(int(source))]))


async def test_a_private_thread_hears_what_all_in_it_may_read_and_tells_only_those_who_are_in_it() -> None:
    world = town()
    async with fed_gateway() as client:
        client.live_in(world)

        assert await told_in(client, WHISPERS, DIARY)
        assert await told_in(client, WHISPERS, WHISPERS)
        assert await told_in(client, DIARY, WHISPERS), "its readers are all in the thread, or the owner"
        assert not await told_in(client, GENERAL, WHISPERS)


async def test_who_is_in_a_thread_is_asked_once_and_again_after_a_reconnect() -> None:
    world = town()
    async with fed_gateway() as client:
        client.live_in(world)
        assert isinstance(client.http, WorldHttp)
        for _ in range(5):
            assert await told_in(client, WHISPERS, DIARY)
        assert client.http.asked == ["GET /channels/{channel_id}/thread-members"]

        world.inside[WHISPERS].add(TOM)
        client.audience.heard("READY", ready())
        client.feed("GUILD_CREATE", world.told())
        assert not await told_in(client, WHISPERS, DIARY)


async def test_who_left_the_server_and_came_back_may_still_be_in_the_thread() -> None:
    world = town()
    world.inside[WHISPERS].add(TOM)
    tom = member(world, TOM)
    async with fed_gateway() as client:
        client.live_in(world)
        assert not await told_in(client, WHISPERS, DIARY)
        world.guild["members"].remove(tom)
        client.feed("GUILD_MEMBER_REMOVE", {"guild_id": GUILD, "user": tom["user"]})
        assert await told_in(client, WHISPERS, DIARY)

        world.guild["members"].append(tom)
        client.feed("GUILD_MEMBER_ADD", {"guild_id": GUILD, **tom})
        assert not await told_in(client, WHISPERS, DIARY)


async def test_what_happened_in_a_thread_while_the_bot_did_not_see_it_is_asked_anew() -> None:
    world = town()
    bot = member(world, BOT)
    async with fed_gateway() as client:
        client.live_in(world)
        assert await told_in(client, WHISPERS, DIARY)
        for roles in ([], [MODERATORS]):
            bot["roles"] = roles
            client.feed("GUILD_MEMBER_UPDATE", {"guild_id": GUILD, **bot})
            world.inside[WHISPERS].add(TOM)  # of which a bot that does not see the thread is not told

        assert not await told_in(client, WHISPERS, DIARY)


async def test_after_an_outage_nothing_is_shown_to_somebody_the_bot_has_not_heard_of() -> None:
    """As many people as before, but not the same: discord.py takes its old list for complete."""
    world = town()
    world.guild["channels"][1]["permission_overwrites"].append({"id": TOM, "type": 1, "allow": str(READ), "deny": "0"})
    async with fed_gateway() as client:
        client.live_in(world)
        assert await told_in(client, GENERAL, DIARY)
        world.guild["members"][1:] = [member_json(each, []) for each in (ADA, MIA, "299")]
        told = world.told()
        told["members"] = told["members"][:1]
        client.feed("GUILD_DELETE", {"id": GUILD, "unavailable": True})
        client.feed("GUILD_CREATE", {**told, "unavailable": False})

        assert not await told_in(client, GENERAL, DIARY)
        async with asyncio.timeout(5):
            guild = client.get_guild(int(GUILD))
            assert guild is not None
            await guild.chunk()
        assert not await told_in(client, GENERAL, DIARY)
        assert await told_in(client, DIARY, GENERAL)


async def test_a_server_that_the_bot_was_removed_from_while_it_was_away_is_closed_to_it() -> None:
    async with fed_gateway() as client:
        client.live_in(town())
        assert await told_in(client, DIARY, GENERAL)
        client.audience.heard("READY", ready())

        assert not await told_in(client, DIARY, GENERAL)


async def test_people_whom_nobody_tells_the_bot_of_are_reckoned_with() -> None:
    """Without the members intent a server that seemed known to the last member may have more by now."""
    world = town()
    world.guild["members"] = [member(world, each) for each in (BOT, ADA, MIA)]
    async with fed_gateway(members=False) as client:
        client.live_in(world)
        client.feed("GUILD_CREATE", world.told())

        assert not await told_in(client, GENERAL, DIARY)
        assert await told_in(client, DIARY, GENERAL)
