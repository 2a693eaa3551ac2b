"""What the gateway has told of one server: roles, overwrites, members; and who may do what there, by Discord's rules.

Kept beside discord.py's cache, because that one still counts the overwrites of a deleted role, keeps members who left
during an outage, and drops who is in a thread whenever the thread is told of again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.rights.crowd import Crowd
from bot.rights.wire import ChannelJson, GuildJson, MemberJson, RoleJson

ADMINISTRATOR, VIEW, SEND, EMBED, ATTACH = 1 << 3, 1 << 10, 1 << 11, 1 << 14, 1 << 15
HISTORY, MENTION_EVERYONE, CONNECT, MANAGE_THREADS, SEND_IN_THREADS = 1 << 16, 1 << 17, 1 << 20, 1 << 34, 1 << 38
EVERYTHING = (1 << 64) - 1
VOICE, STAGE = 2, 13


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is said: a channel, or a thread by the channel it hangs from."""

    room: int
    is_thread: bool = False
    private: int | None = None
    """The thread's id, if it is a private one."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks for rights."""

    id: int
    roles: Collection[int]
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class _Room:
    voice: bool
    overwrites: dict[int, tuple[int, int]]
    """Allow and deny, by the id of a role or a member."""


class Server:
    """Live: each change is one method. What was worked out is kept until the next change."""

    def __init__(self, data: GuildJson) -> None:
        self.id = int(data["id"])
        self.owner = int(data["owner_id"])
        self.crowd = Crowd()
        self.complete = False
        """Everybody on the server has been told of."""
        self._expected = data["member_count"]
        self.timeouts: dict[int, datetime] = {}
        self._roles: dict[int, int] = {}
        self._rooms: dict[int, _Room] = {}
        self._may: dict[tuple[int, int], int] = {}
        for role in data["roles"]:
            self.role(role)
        for channel in data["channels"]:
            self.channel(channel)
        self.members(data["members"])

    # What changes

    def owned_by(self, person: int) -> None:
        self.owner = person
        self._may.clear()

    def role(self, data: RoleJson) -> None:
        self._roles[int(data["id"])] = int(data["permissions"])
        self._may.clear()

    def role_gone(self, role: int) -> None:
        """Discord does not say that its overwrites are gone, too, and that nobody holds it any more."""
        self._roles.pop(role, None)
        for room in self._rooms.values():
            room.overwrites.pop(role, None)
        self._may.clear()

    def channel(self, data: ChannelJson) -> None:
        said = data.get("permission_overwrites", [])
        overwrites = {int(each["id"]): (int(each["allow"]), int(each["deny"])) for each in said}
        self._rooms[int(data["id"])] = _Room(data["type"] in {VOICE, STAGE}, overwrites)
        self._may.clear()

    def channel_gone(self, channel: int) -> None:
        self._rooms.pop(channel, None)
        self._may.clear()

    def members(self, told: Iterable[MemberJson]) -> None:
        told = list(told)
        self.crowd.enter((int(each["user"]["id"]), frozenset(map(int, each["roles"]))) for each in told)
        for each in told:
            until = each.get("communication_disabled_until")
            person = int(each["user"]["id"])
            if until:
                self.timeouts[person] = datetime.fromisoformat(until)
            else:
                self.timeouts.pop(person, None)
        self.complete = self.complete or len(self.crowd) >= self._expected
        self._may.clear()

    def joined(self, told: MemberJson) -> None:
        self._expected += int(told["user"]["id"]) not in self.crowd
        self.members([told])

    def member_gone(self, person: int) -> None:
        self._expected -= 1
        self.crowd.leave(person)
        self.timeouts.pop(person, None)
        self._may.clear()

    # Everybody at once

    def timed_out(self, now: datetime) -> int:
        return self.crowd.those(person for person, until in self.timeouts.items() if until > now)

    def seeing(self, spot: Spot, insiders: Collection[int] | None, *, timed_out: bool = False) -> int:
        """Who sees what is said there, `insiders` being who is in the private thread (None: it could be anybody).

        With `timed_out` as if everybody were: that leaves the rights to view and to read history, and admins theirs.
        """
        seeing = self._holders(VIEW, spot.room)
        lost = self._all_powerful() if timed_out else self.crowd.everybody
        if (room := self._rooms.get(spot.room)) is not None and room.voice:
            seeing &= self._holders(CONNECT, spot.room) & lost
        if spot.private is not None and insiders is not None:
            seeing &= self.crowd.those(insiders) | (self._holders(MANAGE_THREADS, spot.room) & lost)
        return seeing

    def reading(self, spot: Spot, insiders: Collection[int], *, timed_out: bool = False) -> int:
        """Who may read what was said there before now."""
        return self.seeing(spot, insiders, timed_out=timed_out) & self._holders(HISTORY, spot.room)

    def _holders(self, right: int, channel: int) -> int:
        key = right, channel
        if key not in self._may:
            self._may[key] = self._who_may(right, channel)
        return self._may[key]

    def _who_may(self, right: int, channel: int) -> int:
        if (room := self._rooms.get(channel)) is None:
            return 0
        allow, deny = room.overwrites.get(self.id, (0, 0))
        may = self._granted(right)
        may = self.crowd.everybody if allow & right else 0 if deny & right else may
        by_role, by_name = [0, 0], [0, 0]
        for target, said in room.overwrites.items():
            if target == self.id:
                continue
            sums, who = (by_role, self.crowd.holding(target)) if target in self._roles else (by_name, None)
            for i, bits in enumerate(said):
                if bits & right:
                    sums[i] |= self.crowd.only(target) if who is None else who
        for allowed, denied in (by_role, by_name):
            may = may & ~denied | allowed
        return may | self._all_powerful()

    def _granted(self, right: int) -> int:
        """By roles alone."""
        if (right, 0) not in self._may:
            holding = [self.crowd.holding(role) for role, bits in self._roles.items() if bits & right]
            may = self.crowd.everybody if self._roles.get(self.id, 0) & right else 0
            for each in holding:
                may |= each
            self._may[right, 0] = may
        return self._may[right, 0]

    def _all_powerful(self) -> int:
        return self._granted(ADMINISTRATOR) | self.crowd.only(self.owner)

    # One person

    def permissions(self, person: Person, spot: Spot, insiders: Collection[int]) -> int:
        """All bits that somebody holds there."""
        room = self._rooms.get(spot.room)
        if room is None:
            return 0
        granted = self._roles.get(self.id, 0)
        for role in person.roles:
            granted |= self._roles.get(role, 0)
        if granted & ADMINISTRATOR or person.id == self.owner:
            return EVERYTHING
        granted = self._overwritten(granted, room, person)
        if person.timed_out:
            granted &= VIEW | HISTORY
        hidden = spot.private is not None and not granted & MANAGE_THREADS and person.id not in insiders
        if not granted & VIEW or hidden:
            return 0
        if room.voice and not granted & CONNECT:
            granted &= ~(SEND | HISTORY)
        if not granted & (SEND_IN_THREADS if spot.is_thread else SEND):
            granted &= ~(MENTION_EVERYONE | ATTACH | EMBED)
        return granted

    def _overwritten(self, granted: int, room: _Room, person: Person) -> int:
        allow, deny = room.overwrites.get(self.id, (0, 0))
        granted = granted & ~deny | allow
        allowed = denied = 0
        for role in person.roles:
            if role in self._roles and role != self.id:
                allow, deny = room.overwrites.get(role, (0, 0))
                allowed, denied = allowed | allow, denied | deny
        granted = granted & ~denied | allowed
        allow, deny = room.overwrites.get(person.id, (0, 0))
        return granted & ~deny | allow

    # Without the list of members

    def surely_readable(self, into: Spot, source: Spot) -> bool:
        """Whether whoever sees `into` may read `source`, whoever they are: by the roles and overwrites alone."""
        if not self._always(HISTORY, source.room):
            return False
        if into == source or (into.room == source.room and source.private is None):
            return True
        room = self._rooms.get(source.room)
        if room is None or room.voice or source.private is not None:
            return False
        return self._always(VIEW, source.room) or self._said_of(VIEW, into.room) == self._said_of(VIEW, source.room)

    def _always(self, right: int, channel: int) -> bool:
        if (room := self._rooms.get(channel)) is None:
            return False
        allow, deny = room.overwrites.get(self.id, (0, 0))
        by_default = allow & right or self._roles.get(self.id, 0) & ~deny & right
        others = (said for target, said in room.overwrites.items() if target != self.id)
        return bool(by_default) and not any(deny & right for _, deny in others)

    def _said_of(self, right: int, channel: int) -> dict[int, tuple[int, int]] | None:
        if (room := self._rooms.get(channel)) is None:
            return None
        said = {target: (allow & right, deny & right) for target, (allow, deny) in room.overwrites.items()}
        return {target: bits for target, bits in said.items() if bits != (0, 0)}
