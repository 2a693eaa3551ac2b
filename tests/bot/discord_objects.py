"""discord.py's own objects, parsed from the JSON that Discord sends, without a connection."""

import json
from typing import Any

import discord

GUILD, GENERAL, NEWS, THREAD, SECRET, FORUM, VOICE = 100, 200, 201, 202, 203, 204, 205
BOT, MIA, TOM, ROLE = 300, 301, 302, 400


class Wire(discord.Client):
    """A client that is fed by hand."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.all(), max_messages=None)
        self._me = discord.ClientUser(state=self._connection, data=as_wire(user(BOT, "digmbot", bot=True)))
        self._connection.user = self._me
        self._connection.parse_guild_create(as_wire(guild_json()))

    def message(self, channel_id: int = GENERAL, **fields: object) -> discord.Message:
        channel = self.get_channel(channel_id)
        assert isinstance(channel, discord.TextChannel | discord.Thread | discord.VoiceChannel)
        return self._connection.create_message(channel=channel, data=as_wire(message_json(channel_id, fields)))

    def direct_message(self, **fields: object) -> discord.Message:
        channel = discord.DMChannel(
            me=self._me,
            state=self._connection,
            data=as_wire({"id": "900", "type": 1, "recipients": [user(MIA, "mia", "Mia")], "last_message_id": None}),
        )
        fields = {"guild_id": None, **fields}
        return self._connection.create_message(channel=channel, data=as_wire(message_json(900, fields)))


def as_wire(value: object) -> Any:  # noqa: ANN401 - the wire edge: what JSON holds
    return json.loads(json.dumps(value))


def user(user_id: int, name: str, shown: str | None = None, *, bot: bool = False) -> dict[str, object]:
    about = {"discriminator": "0", "avatar": None, "public_flags": 0}
    return {"id": str(user_id), "username": name, "global_name": shown, "bot": bot, **about}


def member(of: dict[str, object], nick: str | None = None) -> dict[str, object]:
    since = "2024-01-01T00:00:00+00:00"
    return {"user": of, "nick": nick, "roles": [], "joined_at": since, "deaf": False, "mute": False, "flags": 0}


def channel(channel_id: int, kind: int, name: str, **more: object) -> dict[str, object]:
    return {"id": str(channel_id), "type": kind, "name": name, "position": 0, "permission_overwrites": [], **more}


def role(role_id: int, name: str) -> dict[str, object]:
    plain = {"color": 0, "hoist": False, "position": 0, "permissions": "0", "managed": False, "mentionable": True}
    return {"id": str(role_id), "name": name, "flags": 0, **plain}


def guild_json() -> dict[str, object]:
    thread = {
        "parent_id": str(GENERAL),
        "owner_id": str(MIA),
        "guild_id": str(GUILD),
        "message_count": 1,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": "2024-01-01T00:00:00+00:00",
            "locked": False,
        },
    }
    category = channel(210, 4, "Work")
    return {
        "id": str(GUILD),
        "name": "Harbour",
        "owner_id": str(MIA),
        "member_count": 3,
        "roles": [role(GUILD, "@everyone"), role(ROLE, "crew")],
        "emojis": [],
        "features": [],
        "channels": [
            category,
            channel(GENERAL, 0, "general", topic="All of it", parent_id="210"),
            channel(NEWS, 5, "news", topic=None),
            channel(VOICE, 2, "talk", bitrate=64000, user_limit=0),
            channel(FORUM, 15, "ideas", topic="Say them", available_tags=[], default_reaction_emoji=None),
        ],
        "threads": [{**channel(THREAD, 11, "plans"), **thread}, {**channel(SECRET, 12, "whispers"), **thread}],
        "members": [member(user(BOT, "digmbot", bot=True)), member(user(MIA, "mia", "Mia"), "Mia the Great")],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "large": False,
    }


def message_json(channel_id: int, fields: dict[str, object]) -> dict[str, object]:
    return {
        "id": "1234567890123456789",
        "channel_id": str(channel_id),
        "guild_id": str(GUILD),
        "author": user(MIA, "mia", "Mia"),
        "content": "",
        "type": 0,
        "timestamp": "2026-11-23T10:00:00+00:00",
        "edited_timestamp": None,
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "tts": False,
        **fields,
    }


def file_json(name: str, **more: object) -> dict[str, object]:
    return {"id": "1", "filename": name, "size": 12000, "url": f"http://cdn/{name}", "proxy_url": "", **more}
