"""Discord's published permission rules, member by member, over the JSON of a server. Plain and slow on purpose.

From docs.discord.com: topics/permissions (base, overwrites, implicit, timed out members), topics/threads (inheriting;
private: those invited and who manages threads), and Get Channel Messages ("VIEW_CHANNEL and READ_MESSAGE_HISTORY; if
the channel is a voice channel, they must also have CONNECT").

Two things are for us to say:
- Readers are all members but the bot itself; other bots count, since what a bot reads it may pass on.
- What is written stays when a timeout ends. So a line is withheld from a channel that somebody who is timed out can
  see, if they may not read the line now, or may not read it when their timeout is over but see the channel then.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

ADMINISTRATOR = 1 << 3
VIEW_CHANNEL = 1 << 10
READ_MESSAGE_HISTORY = 1 << 16
CONNECT = 1 << 20
MANAGE_THREADS = 1 << 34
ALL = (1 << 53) - 1

VOICE_TYPES = (2, 13)
THREAD_TYPES = (10, 11, 12)
PRIVATE_THREAD = 12

Json = dict[str, Any]


class Oracle:
    """What is true of a server: `guild` is as GUILD_CREATE tells it, `inside` says who is in each thread."""

    def __init__(self, guild: Json, inside: Mapping[str, Collection[str]], now: datetime, bot: str) -> None:
        self.guild = guild
        self.inside = inside
        self.now = now
        self.bot = bot
        self.members = {member["user"]["id"]: member for member in guild["members"]}
        self.roles = {role["id"]: int(role["permissions"]) for role in guild["roles"]}
        self.places = {place["id"]: place for place in [*guild["channels"], *guild["threads"]]}

    def base_permissions(self, member: Json) -> int:
        if member["user"]["id"] == self.guild["owner_id"]:
            return ALL
        permissions = self.roles[self.guild["id"]]
        for role in member["roles"]:
            permissions |= self.roles[role]
        return ALL if permissions & ADMINISTRATOR else permissions

    def overwritten(self, base: int, member: Json, channel: Json) -> int:
        if base & ADMINISTRATOR:
            return ALL
        permissions = base
        overwrites = {overwrite["id"]: overwrite for overwrite in channel["permission_overwrites"]}
        if everyone := overwrites.get(self.guild["id"]):
            permissions &= ~int(everyone["deny"])
            permissions |= int(everyone["allow"])
        allow = deny = 0
        for role in member["roles"]:
            if overwrite := overwrites.get(role):
                allow |= int(overwrite["allow"])
                deny |= int(overwrite["deny"])
        permissions &= ~deny
        permissions |= allow
        if own := overwrites.get(member["user"]["id"]):
            permissions &= ~int(own["deny"])
            permissions |= int(own["allow"])
        return permissions

    def is_timed_out(self, member: Json) -> bool:
        until = member.get("communication_disabled_until")
        return until is not None and datetime.fromisoformat(until) > self.now

    def permissions(self, user: str, channel: Json, *, timed_out: bool) -> int:
        member = self.members.get(user)
        if member is None:
            return 0
        base = self.base_permissions(member)
        permissions = self.overwritten(base, member, channel)
        if timed_out and not base & ADMINISTRATOR:
            permissions &= VIEW_CHANNEL | READ_MESSAGE_HISTORY
        return permissions

    def may(self, user: str, place_id: str, *, history: bool, timed_out: bool) -> bool:
        """Whether somebody sees what is said in a place; with `history` also what was said there before."""
        place = self.places[place_id]
        is_thread = place["type"] in THREAD_TYPES
        channel = self.places[place["parent_id"]] if is_thread else place
        permissions = self.permissions(user, channel, timed_out=timed_out)
        if not permissions & VIEW_CHANNEL:
            return False
        if channel["type"] in VOICE_TYPES and not permissions & CONNECT:
            return False
        if place["type"] == PRIVATE_THREAD:
            invited = user in self.inside[place_id]
            if not invited and not permissions & MANAGE_THREADS:
                return False
        return not history or bool(permissions & READ_MESSAGE_HISTORY)

    def reads_now(self, user: str, place_id: str) -> bool:
        member = self.members.get(user)
        return member is not None and self.may(user, place_id, history=True, timed_out=self.is_timed_out(member))

    def is_overheard(self, into: str, source: str) -> bool:
        """Whether somebody who sees `into` may not read what was said in `source`."""
        for user, member in self.members.items():
            if user == self.bot:
                continue
            for timed_out in {False, self.is_timed_out(member)}:
                sees = self.may(user, into, history=False, timed_out=timed_out)
                if sees and not self.may(user, source, history=True, timed_out=timed_out):
                    return True
        return False

    def showable(self, asker: str, into: str, source: str) -> bool:
        """Whether the bot may quote the past of `source` to `asker` in the channel `into`."""
        own = self.reads_now(asker, source) and self.reads_now(self.bot, source)
        return own and not self.is_overheard(into, source)

    def showable_privately(self, asker: str, source: str) -> bool:
        """The same in a direct message."""
        return self.reads_now(asker, source) and self.reads_now(self.bot, source)
