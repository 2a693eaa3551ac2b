"""Random servers as Discord tells of them: the JSON of guilds, roles, channels, threads and members."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tests.fuzz.oracle import (
    ADMINISTRATOR,
    CONNECT,
    MANAGE_THREADS,
    PRIVATE_THREAD,
    READ_MESSAGE_HISTORY,
    VIEW_CHANNEL,
    Json,
)

TEXT, VOICE, CATEGORY, NEWS, STAGE, FORUM = 0, 2, 4, 5, 13, 15
NEWS_THREAD, PUBLIC_THREAD = 10, 11
SEND_MESSAGES = 1 << 11
TELLING = (VIEW_CHANNEL, READ_MESSAGE_HISTORY, CONNECT, MANAGE_THREADS, SEND_MESSAGES)
"""The permissions that make a difference here."""


@dataclass
class Shapes:
    """Makes things up."""

    rng: Random
    now: datetime
    next_id: int

    def new_id(self) -> str:
        self.next_id += self.rng.randint(1, 9)
        return str(self.next_id)

    def likely(self, chance: float) -> bool:
        return self.rng.random() < chance

    def bits(self, *chances: float) -> int:
        return sum(bit for bit, chance in zip(TELLING, chances, strict=True) if self.likely(chance))

    def everyone(self, guild: str) -> Json:
        return role_json(guild, self.bits(0.8, 0.85, 0.8, 0.05, 0.9))

    def role(self) -> Json:
        bits = self.bits(0.35, 0.3, 0.3, 0.15, 0.3)
        return role_json(self.new_id(), bits | (ADMINISTRATOR if self.likely(0.07) else 0))

    def overwrite(self, target: str, *, member: bool) -> Json:
        allow = self.bits(0.3, 0.25, 0.25, 0.12, 0.2)
        deny = self.bits(0.35, 0.2, 0.2, 0.1, 0.2) & ~allow
        return {"id": target, "type": int(member), "allow": str(allow), "deny": str(deny)}

    def overwrites(self, guild: Json) -> list[Json]:
        roles = [role["id"] for role in guild["roles"] if self.likely(0.4 if role["id"] == guild["id"] else 0.25)]
        people = [member["user"]["id"] for member in guild["members"] if self.likely(0.1)]
        made = [self.overwrite(role, member=False) for role in roles]
        made += [self.overwrite(person, member=True) for person in people]
        self.rng.shuffle(made)
        return made

    def member(self, guild: Json, person: str | None = None, *, bot: bool = False) -> Json:
        roles = [role["id"] for role in guild["roles"] if role["id"] != guild["id"] and self.likely(0.3)]
        made = member_json(person or self.new_id(), roles, bot=bot)
        if self.likely(0.1):
            made["communication_disabled_until"] = (self.now + timedelta(hours=1000)).isoformat()
        return made

    def channel(self, guild: Json, kind: int, category: Json | None = None) -> Json:
        synced = category is not None and self.likely(0.5)
        overwrites = copies(category["permission_overwrites"]) if synced and category else self.overwrites(guild)
        made = channel_json(guild["id"], self.new_id(), kind, overwrites)
        made["parent_id"] = category["id"] if category else None
        return made

    def thread(self, guild: Json, parent: Json) -> Json:
        kind = {NEWS: NEWS_THREAD, FORUM: PUBLIC_THREAD}.get(parent["type"])
        kind = kind or self.rng.choice([PUBLIC_THREAD, PRIVATE_THREAD, PRIVATE_THREAD])
        owner = self.rng.choice(guild["members"])["user"]["id"]
        return thread_json(guild["id"], self.new_id(), kind, parent["id"], owner)


def copies(overwrites: list[Json]) -> list[Json]:
    return [dict(each) for each in overwrites]


def role_json(role: str, permissions: int) -> Json:
    plain = {"color": 0, "hoist": False, "position": 1, "managed": False, "mentionable": True, "flags": 0}
    return {"id": role, "name": f"role {role}", "permissions": str(permissions), **plain}


def user_json(person: str, *, bot: bool = False) -> Json:
    about = {"discriminator": "0", "avatar": None, "public_flags": 0, "global_name": None}
    return {"id": person, "username": f"user{person}", "bot": bot, **about}


def member_json(person: str, roles: list[str], *, bot: bool = False) -> Json:
    about = {"nick": None, "joined_at": "2024-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0}
    return {"user": user_json(person, bot=bot), "roles": roles, "communication_disabled_until": None, **about}


def channel_json(guild: str, channel: str, kind: int, overwrites: list[Json]) -> Json:
    about: Json = {"name": f"channel-{channel}", "position": 0, "topic": None, "nsfw": False, "rate_limit_per_user": 0}
    more: Json = {"bitrate": 64000, "user_limit": 0} if kind in (VOICE, STAGE) else {}
    more |= {"available_tags": [], "default_reaction_emoji": None} if kind == FORUM else {}
    ids = {"id": channel, "guild_id": guild, "type": kind, "parent_id": None}
    return {**ids, "permission_overwrites": overwrites, **about, **more}


def thread_json(guild: str, thread: str, kind: int, parent: str, owner: str) -> Json:
    state = {"archived": False, "auto_archive_duration": 60, "locked": False}
    state |= {"archive_timestamp": "2024-01-01T00:00:00+00:00"}
    ids = {"id": thread, "guild_id": guild, "type": kind, "parent_id": parent, "owner_id": owner}
    return {**ids, "name": f"thread-{thread}", "message_count": 1, "member_count": 1, "thread_metadata": state}


def guild_json(guild: str, owner: str) -> Json:
    empty: Json = {"emojis": [], "features": [], "presences": [], "voice_states": [], "stage_instances": []}
    filled: Json = {"roles": [], "channels": [], "threads": [], "members": [], "member_count": 0}
    return {"id": guild, "name": f"guild {guild}", "owner_id": owner, "large": False, **filled, **empty}
