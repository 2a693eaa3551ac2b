"""Who reads what, live from the gateway: the ground of audience-safe recall.

Every payload that can change the answer is heard the moment it comes, before anything else runs (discord.py's own
events come later, and for some changes not at all). So there is nothing to be stale: an answer is worked out from the
server as Discord last told it. Who is in a private thread is not told with the server; it is looked up once, followed
from then on, and forgotten as soon as the bot could miss a change.

Readers are all members but the bot itself, other bots included: a bot is somebody's program, and may pass on what it
reads. A timeout leaves somebody the right to read (without the rights to connect and to manage threads, which reading
takes in some places); so it must be safe for who is timed out both now and when that is over.
"""

import logging
from dataclasses import dataclass
from typing import Any

import discord

from bot.places import REST_FAILURES, Place, TextPlace
from bot.rights.server import MANAGE_THREADS, VIEW, Person, Server, Spot
from bot.rights.wire import ThreadMembersJson
from chat.clock import Clock, utc_now
from chat.ids import RoleId

logger = logging.getLogger(__name__)

TRIES = 3
HEARD = (
    "READY",
    "GUILD_CREATE",
    "GUILD_UPDATE",
    "GUILD_DELETE",
    "GUILD_ROLE_CREATE",
    "GUILD_ROLE_UPDATE",
    "GUILD_ROLE_DELETE",
    "GUILD_MEMBERS_CHUNK",
    "GUILD_MEMBER_ADD",
    "GUILD_MEMBER_UPDATE",
    "GUILD_MEMBER_REMOVE",
    "CHANNEL_CREATE",
    "CHANNEL_UPDATE",
    "CHANNEL_DELETE",
    "THREAD_DELETE",
    "THREAD_MEMBERS_UPDATE",
)
"""The gateway's events that change who reads what."""

Payload = Any  # what the gateway sent, JSON


@dataclass(frozen=True, slots=True)
class _Inside:
    """Who is in a private thread."""

    spot: Spot
    members: frozenset[int]


class _Known:
    """A server, and who is in its private threads as far as that has been looked up."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.inside: dict[int, _Inside] = {}
        self.changes = 0
        """Of threads: what is looked up meanwhile may be old already."""

    def insiders(self, spot: Spot) -> frozenset[int] | None:
        """None when not known."""
        if spot.private is None:
            return frozenset()
        inside = self.inside.get(spot.private)
        return inside.members if inside else None

    def forget(self, thread: int) -> None:
        self.changes += 1
        self.inside.pop(thread, None)

    def thread_members(self, data: ThreadMembersJson) -> None:
        self.changes += 1
        thread = int(data["id"])
        if (inside := self.inside.get(thread)) is not None:
            added = {int(each["user_id"]) for each in data.get("added_members", [])}
            removed = set(map(int, data.get("removed_member_ids", [])))
            self.inside[thread] = _Inside(inside.spot, (inside.members | added) - removed)

    def follow_only(self, me: Person) -> None:
        """Discord tells a bot of the members of those private threads that it sees: the others are forgotten."""
        unseen = [
            thread
            for thread, inside in self.inside.items()
            if not self.server.permissions(me, inside.spot, inside.members) & VIEW
        ]
        for thread in unseen:
            self.forget(thread)


class Audience:
    """Answers whether everybody who can read one channel may read another one's past, too."""

    def __init__(self, *, hears_members: bool, clock: Clock = utc_now) -> None:
        """`hears_members`: the Server Members intent is granted. Without it nobody's coming and going is told."""
        self._hears_members = hears_members
        self._clock = clock
        self._known: dict[int, _Known] = {}
        self._me = 0

    def heard(self, event: str, data: Payload) -> bool:
        """Take in one payload, in the order of the gateway; answers whether the bot may see more or less by it."""
        match event:
            case "READY":
                self._me = int(data["user"]["id"])
                number, count = data.get("shard") or (0, 1)
                self._known = {id_: known for id_, known in self._known.items() if (id_ >> 22) % count != number}
            case "GUILD_CREATE":
                self._known.pop(int(data["id"]), None)
                if not data.get("unavailable"):
                    self._known[int(data["id"])] = _Known(Server(data))
            case "GUILD_DELETE":
                self._known.pop(int(data["id"]), None)
            case _:
                guild = data.get("id" if event == "GUILD_UPDATE" else "guild_id")
                known = self._known.get(int(guild)) if guild is not None else None
                return known is not None and self._changed(known, event, data)
        return True

    def _changed(self, known: _Known, event: str, data: Payload) -> bool:
        server = known.server
        match event:
            case "GUILD_UPDATE":
                server.owned_by(int(data["owner_id"]))
                for role in data["roles"]:
                    server.role(role)
            case "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE":
                server.role(data["role"])
            case "GUILD_ROLE_DELETE":
                server.role_gone(int(data["role_id"]))
            case "CHANNEL_CREATE" | "CHANNEL_UPDATE":
                server.channel(data)
            case "CHANNEL_DELETE":
                server.channel_gone(int(data["id"]))
            case "THREAD_DELETE":
                known.forget(int(data["id"]))
            case "THREAD_MEMBERS_UPDATE":
                known.thread_members(data)
            case _:
                self._member_changed(known, event, data)
        if event == "GUILD_MEMBERS_CHUNK" or (event.startswith("GUILD_MEMBER_") and not self._is_me(data)):
            return False
        known.follow_only(self._myself(server))
        return True

    def _member_changed(self, known: _Known, event: str, data: Payload) -> None:
        server = known.server
        match event:
            case "GUILD_MEMBERS_CHUNK":
                server.members(data["members"])
            case "GUILD_MEMBER_ADD":
                server.joined(data)
                for thread in list(known.inside):
                    known.forget(thread)  # who comes back may still be in it: Discord does not say
            case "GUILD_MEMBER_UPDATE":
                server.members([data])
            case "GUILD_MEMBER_REMOVE":
                person = int(data["user"]["id"])
                server.member_gone(person)
                for thread in [id_ for id_, inside in known.inside.items() if person in inside.members]:
                    known.forget(thread)
            case _:
                pass

    def _is_me(self, data: Payload) -> bool:
        return int(data["user"]["id"]) == self._me

    def _myself(self, server: Server) -> Person:
        until = server.timeouts.get(self._me)
        return Person(self._me, server.crowd.roles_of(self._me) or (), bool(until and until > self._clock()))

    # Questions

    def is_complete(self, guild_id: int) -> bool:
        """Whether everybody on the server is known, so that a missing right is missing for certain."""
        known = self._known.get(guild_id)
        return known is not None and self._is_complete(known.server)

    def _is_complete(self, server: Server) -> bool:
        return self._hears_members and server.complete

    async def shareable(self, into: TextPlace, source: Place) -> bool:
        """Whether every reader of `into` may read the history of `source`; False when it cannot be known."""
        if into.guild.id != source.guild.id:
            return False
        await self._look_inside(into)
        await self._look_inside(source)
        return self._shareable(into.guild.id, spot_of(into), spot_of(source))

    def _shareable(self, guild_id: int, into: Spot, source: Spot) -> bool:
        if (known := self._known.get(guild_id)) is None:
            return False
        server = known.server
        if not self._is_complete(server):
            return server.surely_readable(into, source)
        hearing, allowed = known.insiders(into), known.insiders(source)
        others = server.crowd.everybody & ~server.crowd.only(self._me)
        out = server.seeing(into, hearing) & ~server.reading(source, allowed or ())
        if silenced := server.timed_out(self._clock()):
            now = server.seeing(into, hearing, timed_out=True) & ~server.reading(source, allowed or (), timed_out=True)
            out |= now & silenced
        return not out & others

    async def is_member(self, user_id: int, guild: discord.Guild) -> bool:
        """False also when it cannot be known."""
        return await self._person(user_id, guild) is not None

    async def roles(self, user_id: int, guild: discord.Guild) -> frozenset[int]:
        """The roles that somebody holds there; none when it cannot be known."""
        person = await self._person(user_id, guild)
        return frozenset(person.roles) if person else frozenset()

    async def permissions(self, user_id: int, place: Place) -> int:
        """What somebody may do there, as Discord's bits; 0 for a stranger, and when it cannot be known."""
        await self._look_inside(place)
        person = await self._person(user_id, place.guild)
        spot = spot_of(place)
        known = self._known.get(place.guild.id)
        if known is None or person is None:
            return 0
        insiders = known.insiders(spot)
        if insiders is None:
            if known.server.permissions(person, Spot(spot.room, is_thread=True), ()) & (VIEW | MANAGE_THREADS) == VIEW:
                return await self._as_insider(person, place)
            insiders = frozenset[int]()
        return known.server.permissions(person, spot, insiders)

    async def _as_insider(self, person: Person, thread: Place) -> int:
        """For a bot that is not told who is in a thread: Discord is asked about the one person, every time."""
        if not isinstance(thread, discord.Thread):
            return 0
        try:
            await thread.fetch_member(person.id)
        except REST_FAILURES:
            return 0
        known = self._known.get(thread.guild.id)
        return known.server.permissions(person, spot_of(thread), [person.id]) if known else 0

    async def _person(self, user_id: int, guild: discord.Guild) -> Person | None:
        if (known := self._known.get(guild.id)) is None:
            return None
        server = known.server
        roles = server.crowd.roles_of(user_id) if self._hears_members or user_id == self._me else None
        if roles is not None:
            until = server.timeouts.get(user_id)
            return Person(user_id, roles, bool(until and until > self._clock()))
        if self._is_complete(server):
            return None
        try:
            member = await guild.fetch_member(user_id)
        except REST_FAILURES:
            return None  # not there, or not known for sure: no rights either way
        return Person(user_id, [role.id for role in member.roles], member.is_timed_out())

    async def roles_of(self, user_id: int, guild: discord.Guild) -> frozenset[RoleId]:
        """Of a member, as they are now; none of a stranger, and when it cannot be known."""
        person = await self._person(user_id, guild)
        return frozenset(map(RoleId, person.roles)) if person else frozenset()

    async def _look_inside(self, place: Place) -> None:
        """Learn who is in a private thread, unless that is known, or could not be kept up to date."""
        if not isinstance(place, discord.Thread) or not place.is_private() or not self._hears_members:
            return
        for _ in range(TRIES):
            known = self._known.get(place.guild.id)
            if known is None or place.id in known.inside:
                return
            changes, spot = known.changes, spot_of(place)
            try:
                members = frozenset([member.id for member in await place.fetch_members()])
            except REST_FAILURES as error:
                logger.debug("who is in thread %s could not be looked up: %s", place.id, error)
                return
            if self._known.get(place.guild.id) is known and known.changes == changes:
                known.inside[place.id] = _Inside(spot, members)
                known.follow_only(self._myself(known.server))
                return


def spot_of(place: Place) -> Spot:
    if isinstance(place, discord.Thread):
        return Spot(place.parent_id, is_thread=True, private=place.id if place.is_private() else None)
    return Spot(place.id)
