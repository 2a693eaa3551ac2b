"""Rights as Discord computes them, pure and through the routes."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.models import Channel, ChannelType, Guild, Member, Overwrite, Role, ThreadPart
from sandbox.permissions import ALL, Permission, channel_permissions
from tests.sandbox.clients import Visit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VIEW, SEND = int(Permission.VIEW_CHANNEL), int(Permission.SEND_MESSAGES)
GUILD, ROLE, OTHER, OWNER, MEMBER = 1, 2, 3, 10, 11


def allowed(
    overwrites: list[Overwrite], *, everyone: int = VIEW | SEND, role: int = 0, who: int = MEMBER, **member: object
) -> int:
    guild = Guild(GUILD, "g", OWNER)
    guild.roles = {
        GUILD: Role(GUILD, "@everyone", everyone, 0),
        ROLE: Role(ROLE, "role", role, 1),
        OTHER: Role(OTHER, "other", 0, 2),
    }
    channel = Channel(5, ChannelType.TEXT, GUILD, "c", overwrites={one.id: one for one in overwrites})
    timed_out = member.get("timed_out")
    until = timed_out if isinstance(timed_out, datetime) else None
    person = Member(who, NOW, roles=[ROLE, OTHER], timed_out_until=until)
    return channel_permissions(guild, person, channel, None, NOW)


def over(target: int, *, allow: int = 0, deny: int = 0, member: bool = False) -> Overwrite:
    return Overwrite(target, member, allow, deny)


def test_roles_override_everyone_and_the_member_overrides_roles() -> None:
    assert allowed([over(GUILD, deny=SEND)]) == VIEW
    assert allowed([over(GUILD, deny=SEND), over(ROLE, allow=SEND)]) == VIEW | SEND
    assert allowed([over(ROLE, deny=SEND), over(OTHER, allow=SEND)]) == VIEW | SEND  # allow wins among roles
    assert allowed([over(ROLE, allow=SEND), over(MEMBER, deny=SEND, member=True)]) == VIEW


def test_who_cannot_see_can_do_nothing() -> None:
    assert allowed([over(GUILD, deny=VIEW)]) == 0


def test_owner_and_administrator_may_do_everything_everywhere() -> None:
    hidden = [over(GUILD, deny=VIEW), over(ROLE, deny=VIEW), over(OWNER, deny=VIEW, member=True)]
    assert allowed(hidden, who=OWNER) == ALL
    assert allowed(hidden, role=int(Permission.ADMINISTRATOR)) == ALL


def test_who_cannot_send_cannot_attach_or_mention_everyone() -> None:
    extras = int(Permission.ATTACH_FILES | Permission.MENTION_EVERYONE)
    assert allowed([over(GUILD, deny=SEND)], everyone=VIEW | SEND | extras) == VIEW


def test_a_time_out_leaves_only_reading() -> None:
    assert allowed([], timed_out=NOW + timedelta(minutes=1)) == VIEW
    assert allowed([], timed_out=NOW - timedelta(minutes=1)) == VIEW | SEND


def test_a_private_thread_is_seen_by_its_members_and_thread_managers() -> None:
    guild = Guild(GUILD, "g", OWNER)
    guild.roles = {GUILD: Role(GUILD, "@everyone", VIEW | SEND, 0), ROLE: Role(ROLE, "r", 1 << 34, 1)}
    parent = Channel(5, ChannelType.TEXT, GUILD, "c")
    thread = Channel(6, ChannelType.PRIVATE_THREAD, GUILD, "t", parent_id=5, thread=ThreadPart(MEMBER, NOW))
    assert thread.thread is not None
    thread.thread.members[MEMBER] = NOW
    assert channel_permissions(guild, Member(MEMBER, NOW), thread, parent, NOW) & VIEW
    assert channel_permissions(guild, Member(12, NOW), thread, parent, NOW) == 0
    assert channel_permissions(guild, Member(12, NOW, roles=[ROLE]), thread, parent, NOW) & VIEW


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/messages"),
        ("POST", "/messages"),
        ("POST", "/typing"),
        ("GET", "/messages/pins"),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/threads"),
        ("PUT", "/permissions/1"),
    ],
)
async def test_a_hidden_channel_is_closed_on_every_route(visit: Visit, method: str, path: str) -> None:
    mia = visit.rest("mia")
    body = {"content": "hi", "name": "x"} if method != "GET" else None
    answer = await mia.ask(method, f"/channels/{mia.channel('crew-only')}{path}", body)
    assert (answer.status, answer.data["code"]) == (403, 50001)


async def test_a_server_is_closed_to_who_is_not_in_it(visit: Visit) -> None:
    loner, guild = visit.rest("loner"), visit.box.state.guild_named("Workshop").id
    for path in (f"/guilds/{guild}", f"/guilds/{guild}/channels", f"/guilds/{guild}/members"):
        assert (await loner.ask("GET", path)).data["code"] == 50001
    assert (await loner.ask("GET", f"/channels/{loner.channel('general')}/messages")).data["code"] == 50001


async def test_a_changed_overwrite_shows_and_hides_a_channel_at_once(visit: Visit) -> None:
    ada, mia = visit.rest("ada"), await visit.socket("mia")
    await mia.event("GUILD_CREATE")
    channel, person = ada.channel("crew-only"), visit.box.person("mia").id
    path = f"/channels/{channel}/permissions/{person}"
    assert (await ada.ask("PUT", path, {"type": 1, "allow": str(VIEW), "deny": "0"})).status == 204
    assert (await mia.event("CHANNEL_CREATE"))["name"] == "crew-only"
    assert (await visit.rest("mia").ask("GET", f"/channels/{channel}/messages")).status == 200
    assert (await ada.ask("DELETE", path)).status == 204
    assert (await mia.event("CHANNEL_DELETE"))["id"] == str(channel)
    assert (await visit.rest("mia").ask("GET", f"/channels/{channel}/messages")).status == 403
