"""Discord's markup for people, roles, channels, emoji and times, as the words a reader would see."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

import discord

_MARKUP = re.compile(
    r"<(?:@!?(?P<user>\d{1,20})|@&(?P<role>\d{1,20})|#(?P<channel>\d{1,20})"
    r"|a?:(?P<emoji>\w{1,64}):\d{1,20}|/(?P<command>[^:<>\n]{1,100}):\d{1,20}"
    r"|t:(?P<time>-?\d{1,14})(?::[a-zA-Z])?|id:(?P<page>\w+))>"
)


class Names:
    """Knows the names around one message: what came with it first, then what the cache holds."""

    def __init__(
        self,
        guild: discord.Guild | None,
        *,
        people: Sequence[discord.User | discord.Member] = (),
    ) -> None:
        self._guild = guild
        self._people = {person.id: person.display_name for person in people}

    def readable(self, text: str) -> str:
        """`text` with its markup as words; nothing in it is unknown enough to fail."""
        return _MARKUP.sub(self._word, text) if "<" in text else text

    def person(self, user_id: int) -> str:
        member = self._guild.get_member(user_id) if self._guild else None
        name = self._people.get(user_id) or (member.display_name if member else None)
        return f"@{name or f'unknown person {user_id}'}"

    def role(self, role_id: int) -> str:
        role = self._guild.get_role(role_id) if self._guild else None
        return f"@{role.name.removeprefix('@') if role else 'deleted role'}"

    def channel(self, channel_id: int) -> str:
        channel = self._guild.get_channel_or_thread(channel_id) if self._guild else None
        return f"#{channel.name if channel else f'unknown channel {channel_id}'}"

    def _word(self, found: re.Match[str]) -> str:
        kind, value = found.lastgroup or "", found[found.lastgroup or 0]
        words: dict[str, Callable[[str], str]] = {
            "user": lambda number: self.person(int(number)),
            "role": lambda number: self.role(int(number)),
            "channel": lambda number: self.channel(int(number)),
            "emoji": lambda name: f":{name}:",
            "command": lambda name: f"/{name}",
            "time": _moment,
            "page": lambda page: f"#{page}",
        }
        return words[kind](value)


def strip_leading_mention(content: str, addressed: Collection[int]) -> str:
    """The request without the name it is addressed to: the bot's id and those of its roles, in raw markup."""
    rest = content.lstrip()
    while (found := re.match(r"<@[!&]?(\d{1,20})>[\s,:]*", rest)) and int(found[1]) in addressed:
        rest = rest[found.end() :]
    return rest


def _moment(seconds: str) -> str:
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError, OSError):
        return f"<t:{seconds}>"
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
