"""A server as it is: the truth, and what Discord would answer about it."""

import copy
from datetime import datetime
from random import Random

from tests.fuzz.oracle import Json, Oracle
from tests.fuzz.shapes import CATEGORY, FORUM, Shapes, guild_json

BOT = "9000"


class Truth:
    """Everybody and everything on a server, and who is in which thread."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.rng = Random(seed)
        self.now = now
        self.shapes = Shapes(self.rng, now, 10**17 + seed * 10**6)
        self.inside: dict[str, set[str]] = {}
        self.left: list[Json] = []
        self.guild = guild_json(self.shapes.new_id(), "")

    def oracle(self) -> Oracle:
        return Oracle(self.guild, {thread: frozenset(people) for thread, people in self.inside.items()}, self.now, BOT)

    def people(self) -> list[str]:
        return [member["user"]["id"] for member in self.guild["members"]]

    def places(self) -> list[str]:
        """Where messages are."""
        channels = [each["id"] for each in self.guild["channels"] if each["type"] not in (CATEGORY, FORUM)]
        return channels + [thread["id"] for thread in self.guild["threads"]]

    def open_places(self) -> list[str]:
        """Where somebody can ask the bot something now."""
        archived = {each["id"] for each in self.guild["threads"] if each["thread_metadata"]["archived"]}
        oracle = self.oracle()
        return [each for each in self.places() if each not in archived and self.bot_sees(oracle, each)]

    def told(self) -> Json:
        """GUILD_CREATE, with all members."""
        oracle = self.oracle()
        seen = [thread for thread in self.active() if self.bot_sees(oracle, thread["id"])]
        count = len(self.guild["members"])
        return copy.deepcopy({**self.guild, "threads": [self._thread(each) for each in seen], "member_count": count})

    def _thread(self, thread: Json) -> Json:
        mine = {"member": self.thread_member(thread, BOT)} if BOT in self.inside[thread["id"]] else {}
        return {**thread, **mine}

    def active(self) -> list[Json]:
        return [each for each in self.guild["threads"] if not each["thread_metadata"]["archived"]]

    def bot_sees(self, oracle: Oracle, place: str) -> bool:
        member = oracle.members.get(BOT)
        return member is not None and oracle.may(BOT, place, history=False, timed_out=oracle.is_timed_out(member))

    def thread_members(self, thread: str) -> list[Json] | None:
        """List Thread Members; None when the bot may not."""
        if thread not in self.inside or not self.bot_sees(self.oracle(), thread):
            return None
        present = set(self.people())
        place = next(each for each in self.guild["threads"] if each["id"] == thread)
        return [self.thread_member(place, person) for person in self.inside[thread] if person in present]

    def channel(self, channel: str) -> Json | None:
        """Get Channel; None when the bot may not."""
        found = [each for each in [*self.guild["channels"], *self.guild["threads"]] if each["id"] == channel]
        if not found or not self.bot_sees(self.oracle(), channel):
            return None
        return copy.deepcopy(self._thread(found[0]) if channel in self.inside else found[0])

    def thread_member(self, thread: Json, person: str) -> Json:
        return {"id": thread["id"], "user_id": person, "join_timestamp": "2024-01-01T00:00:00+00:00", "flags": 0}
