"""A random server that changes: the truth about it, and the events by which Discord tells a bot of each change."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.fuzz.oracle import PRIVATE_THREAD, Json
from tests.fuzz.shapes import CATEGORY, FORUM, NEWS, STAGE, TEXT, VOICE, copies, user_json
from tests.fuzz.truth import BOT, Truth

Event = tuple[str, Json]


class World(Truth):
    """Each change is made at once and answered with the events that the bot hears of it, in Discord's order."""

    def __init__(self, seed: int, now: datetime) -> None:
        super().__init__(seed, now)
        self._fill()

    def _fill(self) -> None:
        guild, shapes, rng = self.guild, self.shapes, self.rng
        guild["roles"] = [shapes.everyone(guild["id"]), *(shapes.role() for _ in range(rng.randint(3, 8)))]
        people = [shapes.member(guild, bot=shapes.likely(0.1)) for _ in range(rng.randint(4, 12))]
        guild["members"] = [shapes.member(guild, BOT, bot=True), *people]
        if shapes.likely(0.6):  # most bots see nearly everything
            guild["members"][0]["roles"] = [role["id"] for role in guild["roles"][1:]]
        guild["owner_id"] = rng.choice(people)["user"]["id"]
        categories = [shapes.channel(guild, CATEGORY) for _ in range(rng.randint(1, 2))]
        guild["channels"] = [*categories]
        for _ in range(rng.randint(3, 8)):
            self.add_channel()
        for _ in range(rng.randint(1, 5)):
            self.start_thread()

    # What is true

    def change(self) -> tuple[str, list[Event]]:
        """Any one change: its name, and what the bot hears."""
        while True:
            make: Callable[[], list[Event] | None] = self.rng.choice(self._changes())
            before = self.seen_threads()
            told = make()
            if told is not None:
                return make.__name__, self.as_told(told, before)

    def seen_threads(self) -> set[str]:
        """The active threads that the bot sees."""
        oracle = self.oracle()
        return {each["id"] for each in self.active() if self.bot_sees(oracle, each["id"])}

    def as_told(self, events: list[Event], before: set[str]) -> list[Event]:
        """With the threads that the bot did not see before, and as it is now, whatever changes later."""
        return copy.deepcopy([*events, *self._synced(before)])

    def _changes(self) -> list[Callable[[], list[Event] | None]]:
        rare = [self.edit_everyone, self.change_owner, self.add_channel, self.drop_channel, self.drop_thread]
        rare += [self.add_role, self.time_out, self.edit_category]
        often = [self.overwrite, self.drop_overwrite, self.edit_role, self.drop_role, self.give_role, self.take_role]
        often += [self.leave, self.join, self.enter_thread, self.leave_thread, self.move_channel]
        return [*rare, *often, *often, self.start_thread, self.archive, self.enter_thread, self.leave_thread]

    def _synced(self, before: set[str]) -> list[Event]:
        """Threads that the bot sees from now on are told, channel by channel."""
        now = self.seen_threads()
        seen = [each for each in self.active() if each["id"] in now]
        parents = {each["parent_id"] for each in seen if each["id"] not in before}
        if not parents:
            return []
        threads = [each for each in seen if each["parent_id"] in parents]
        mine = [self.thread_member(each, BOT) for each in threads if BOT in self.inside[each["id"]]]
        ids = {"guild_id": self.guild["id"], "channel_ids": sorted(parents)}
        return [("THREAD_LIST_SYNC", {**ids, "threads": threads, "members": mine})]

    def _some_channel(self, *kinds: int) -> Json | None:
        fitting = [each for each in self.guild["channels"] if not kinds or each["type"] in kinds]
        return self.rng.choice(fitting) if fitting else None

    def overwrite(self) -> list[Event] | None:
        if (channel := self._some_channel()) is None:
            return None
        member = self.shapes.likely(0.4)
        target = self.rng.choice(self.people() if member else [role["id"] for role in self.guild["roles"]])
        kept = [each for each in channel["permission_overwrites"] if each["id"] != target]
        channel["permission_overwrites"] = [*kept, self.shapes.overwrite(target, member=member)]
        return [("CHANNEL_UPDATE", channel)]

    def drop_overwrite(self) -> list[Event] | None:
        channel = self._some_channel()
        if channel is None or not channel["permission_overwrites"]:
            return None
        channel["permission_overwrites"].remove(self.rng.choice(channel["permission_overwrites"]))
        return [("CHANNEL_UPDATE", channel)]

    def edit_category(self) -> list[Event] | None:
        """Its own overwrites, and those of the channels that are in step with it."""
        if (category := self._some_channel(CATEGORY)) is None:
            return None
        old, new = category["permission_overwrites"], self.shapes.overwrites(self.guild)
        below = [each for each in self.guild["channels"] if each["parent_id"] == category["id"]]
        synced = [each for each in below if each["permission_overwrites"] == old]
        for each in [category, *synced]:
            each["permission_overwrites"] = copies(new)
        return [("CHANNEL_UPDATE", each) for each in [category, *synced]]

    def move_channel(self) -> list[Event] | None:
        channel, category = self._some_channel(TEXT, NEWS, VOICE, STAGE, FORUM), self._some_channel(CATEGORY)
        if channel is None:
            return None
        channel["parent_id"] = category["id"] if category else None
        if category and self.shapes.likely(0.6):
            channel["permission_overwrites"] = copies(category["permission_overwrites"])
        return [("CHANNEL_UPDATE", channel)]

    def add_channel(self) -> list[Event] | None:
        category = self._some_channel(CATEGORY) if self.shapes.likely(0.7) else None
        kind = self.rng.choice([TEXT, TEXT, TEXT, TEXT, NEWS, VOICE, VOICE, STAGE, FORUM])
        channel = self.shapes.channel(self.guild, kind, category)
        self.guild["channels"].append(channel)
        return [("CHANNEL_CREATE", channel)]

    def drop_channel(self) -> list[Event] | None:
        channel = self._some_channel(TEXT, NEWS, VOICE, FORUM)
        if channel is None or len(self.guild["channels"]) < 5:
            return None
        self.guild["channels"].remove(channel)
        for thread in [each for each in self.guild["threads"] if each["parent_id"] == channel["id"]]:
            self.guild["threads"].remove(thread)
            del self.inside[thread["id"]]
        return [("CHANNEL_DELETE", channel)]

    # Roles and members

    def _some_role(self) -> Json | None:
        return self.rng.choice(self.guild["roles"][1:]) if len(self.guild["roles"]) > 1 else None

    def _about(self, **more: object) -> Json:
        return {"guild_id": self.guild["id"], **more}

    def add_role(self) -> list[Event]:
        self.guild["roles"].append(self.shapes.role())
        return [("GUILD_ROLE_CREATE", self._about(role=self.guild["roles"][-1]))]

    def edit_role(self) -> list[Event] | None:
        if (role := self._some_role()) is None:
            return None
        role["permissions"] = self.shapes.role()["permissions"]
        return [("GUILD_ROLE_UPDATE", self._about(role=role))]

    def edit_everyone(self) -> list[Event]:
        role = self.guild["roles"][0]
        role["permissions"] = self.shapes.everyone(role["id"])["permissions"]
        return [("GUILD_ROLE_UPDATE", self._about(role=role))]

    def drop_role(self) -> list[Event] | None:
        """Its holders lose it and its overwrites go; of both Discord says nothing."""
        role = self._some_role()
        if role is None or len(self.guild["roles"]) < 4:
            return None
        self.guild["roles"].remove(role)
        for member in self.guild["members"]:
            member["roles"] = [each for each in member["roles"] if each != role["id"]]
        for channel in self.guild["channels"]:
            kept = [each for each in channel["permission_overwrites"] if each["id"] != role["id"]]
            channel["permission_overwrites"] = kept
        return [("GUILD_ROLE_DELETE", self._about(role_id=role["id"]))]

    def _member_event(self, member: Json) -> list[Event]:
        return [("GUILD_MEMBER_UPDATE", self._about(**member))]

    def give_role(self) -> list[Event] | None:
        member, role = self.rng.choice(self.guild["members"]), self._some_role()
        if role is None or role["id"] in member["roles"]:
            return None
        member["roles"].append(role["id"])
        return self._member_event(member)

    def take_role(self) -> list[Event] | None:
        member = self.rng.choice(self.guild["members"])
        if not member["roles"]:
            return None
        member["roles"].remove(self.rng.choice(member["roles"]))
        return self._member_event(member)

    def time_out(self) -> list[Event]:
        """Begins, was long ago, or is lifted."""
        member = self.rng.choice(self.guild["members"])
        hours = self.rng.choice([1000, 1000, -1, None])
        until = None if hours is None else (self.now + timedelta(hours=hours)).isoformat()
        member["communication_disabled_until"] = until
        return self._member_event(member)

    def leave(self) -> list[Event] | None:
        """Perhaps Discord keeps them in their threads until they return: it does not say."""
        member = self.rng.choice(self.guild["members"])
        person = member["user"]["id"]
        if person in (BOT, self.guild["owner_id"]) or len(self.guild["members"]) < 4:
            return None
        self.guild["members"].remove(member)
        self.left.append(member)
        if self.shapes.likely(0.5):
            for people in self.inside.values():
                people.discard(person)
        return [("GUILD_MEMBER_REMOVE", self._about(user=member["user"]))]

    def join(self) -> list[Event]:
        back = self.left.pop(self.rng.randrange(len(self.left)))["user"]["id"] if self.left else None
        member = self.shapes.member(self.guild, back if self.shapes.likely(0.7) else None)
        if self.shapes.likely(0.7):
            member["roles"] = []
        self.guild["members"].append(member)
        return [("GUILD_MEMBER_ADD", self._about(**member))]

    def change_owner(self) -> list[Event]:
        people = [person for person in self.people() if person != BOT]
        self.guild["owner_id"] = self.rng.choice(people)
        told = {name: self.guild[name] for name in ("id", "name", "owner_id", "roles", "emojis", "features")}
        return [("GUILD_UPDATE", told)]

    # Threads

    def start_thread(self) -> list[Event] | None:
        if (parent := self._some_channel(TEXT, TEXT, NEWS, FORUM)) is None:
            return None
        thread = self.shapes.thread(self.guild, parent)
        people = {person for person in self.people() if self.shapes.likely(0.35)}
        self.guild["threads"].append(thread)
        self.inside[thread["id"]] = people | {thread["owner_id"]}
        if not self.bot_sees(self.oracle(), thread["id"]):
            return []
        return [("THREAD_CREATE", {**self._thread(thread), "newly_created": True})]

    def _some_thread(self, *, active: bool = False) -> Json | None:
        threads = self.active() if active else self.guild["threads"]
        private = [each for each in threads if each["type"] == PRIVATE_THREAD]
        return self.rng.choice([*threads, *private]) if threads else None

    def _members_event(self, thread: Json, added: list[str], removed: list[str]) -> Event:
        told = {"id": thread["id"], "member_count": len(self.inside[thread["id"]])}
        told["added_members"] = [self.thread_member(thread, person) for person in added]
        return "THREAD_MEMBERS_UPDATE", self._about(**told, removed_member_ids=removed)

    def enter_thread(self) -> list[Event] | None:
        thread = self._some_thread(active=True)
        outside = [] if thread is None else [each for each in self.people() if each not in self.inside[thread["id"]]]
        if thread is None or not outside:
            return None
        person = self.rng.choice(outside)
        self.inside[thread["id"]].add(person)
        if not self.bot_sees(self.oracle(), thread["id"]) and person != BOT:
            return []
        created = [("THREAD_CREATE", self._thread(thread))] if person == BOT else []
        return [*created, self._members_event(thread, [person], [])]

    def leave_thread(self) -> list[Event] | None:
        thread = self._some_thread(active=True)
        people = [] if thread is None else [each for each in self.people() if each in self.inside[thread["id"]]]
        if thread is None or not people:
            return None
        person = self.rng.choice(people)
        seen = self.bot_sees(self.oracle(), thread["id"])
        self.inside[thread["id"]].discard(person)
        return [self._members_event(thread, [], [person])] if seen or person == BOT else []

    def archive(self) -> list[Event] | None:
        """Or open it again."""
        if (thread := self._some_thread()) is None:
            return None
        state = thread["thread_metadata"]
        state["archived"] = not state["archived"]
        return [("THREAD_UPDATE", thread)] if self.bot_sees(self.oracle(), thread["id"]) else []

    def drop_thread(self) -> list[Event] | None:
        if (thread := self._some_thread()) is None:
            return None
        seen = self.bot_sees(self.oracle(), thread["id"])
        self.guild["threads"].remove(thread)
        del self.inside[thread["id"]]
        gone = {name: thread[name] for name in ("id", "guild_id", "parent_id", "type")}
        return [("THREAD_DELETE", gone)] if seen else []


def ready() -> Json:
    return {"user": user_json(BOT, bot=True), "shard": [0, 1], "guilds": []}
