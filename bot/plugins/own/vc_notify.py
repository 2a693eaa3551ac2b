"""`vc-notify`: a direct message when somebody begins a talk in a voice channel that the follower can see."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from bot.plugins.command import Call, CannotDo, Command
from bot.plugins.events import Event, Pressed, VoiceMoved
from bot.plugins.plugin import Around, Button, Plugin
from chat.ids import ChannelId, GuildId, UserId
from chat.rights import Right

EVERYWHERE = "all"
FOLLOW, NOT_HERE = "follow", "not"
STOP = "stop"
ONCE = "You follow the voice channels of this server already."
NO_LONGER = "You get no more notifications about the voice channels of {where}."


class VcNotify(Plugin):
    """Who follows is kept per server, as `follow:<server>:<person>`. Who came over from digmbot-rs follows
    everywhere, as `follow:all:<person>`, and leaves single servers with `not:<server>:<person>`.
    """

    name = "vc-notify"

    def __init__(self, around: Around, limit: timedelta) -> None:
        super().__init__(around)
        self._limit = limit
        self._went_away: dict[tuple[GuildId, UserId], datetime] = {}

    def commands(self) -> Sequence[Command]:
        about = "Be told when somebody begins a talk in a voice channel"
        return [Command(self.vc_notify, "vc-notify", about, private=True)]

    async def vc_notify(self, call: Call, what: Annotated[Literal["follow", "unfollow"], "Whether to be told"]) -> str:
        person, guild = call.asker.id, call.guild
        if what == "unfollow":
            where = "this server" if guild else "any server"
            left = await self._unfollow(person, guild.id if guild else None)
            return NO_LONGER.format(where=where) if left else "You do not follow any voice channels here."
        if guild is None:
            raise CannotDo("Use this on the server whose voice channels you want to follow.")
        if await self._follows(person, guild.id):
            return ONCE
        await self.around.store.drop(f"{NOT_HERE}:{guild.id}:{person}")
        if not await self._follows(person, guild.id):
            await self.around.store.put(f"{FOLLOW}:{guild.id}:{person}", value=True, about=person)
        return "I will tell you by direct message when somebody begins a talk in a voice channel you can see here."

    async def handle(self, event: Event) -> bool:
        if isinstance(event, VoiceMoved) and event.after is not None and self._arrives(event):
            await self._tell_followers(event, event.after)
        return False

    async def pressed(self, press: Pressed) -> str:
        what, _, guild = press.key.partition(":")
        if what != STOP or not guild.isdecimal():
            return "I do not know this button any more."
        await self._unfollow(press.person.id, GuildId(int(guild)))
        return NO_LONGER.format(where="that server")

    def _arrives(self, event: VoiceMoved) -> bool:
        """From nowhere, or after a while from being away, into an empty channel that is not for being away."""
        who = event.guild.id, event.person.id
        now = self.around.now()
        if event.person.is_bot:
            return False
        if event.after == event.afk or event.after is None:
            if event.before is not None and event.before != event.afk:
                self._went_away[who] = now
            return False
        was_away = event.before is not None and event.before == event.afk
        since = self._went_away.pop(who, None)
        if was_away and since is not None and now - since < self._limit:
            return False
        return (event.before is None or was_away) and not event.with_them

    async def _tell_followers(self, event: VoiceMoved, channel: ChannelId) -> None:
        following = await self._followers(event.guild.id)
        told = [each for each in following if each != event.person.id and each not in event.in_voice]
        text = f"{event.person.name} is in <#{channel}> on {event.guild.name}."
        button = Button("Stop telling me", f"{STOP}:{event.guild.id}")
        for person in told:
            if await self.around.may(person, channel, Right.VIEW_CHANNEL) and await self._is_due(person):
                await self.around.tell(person, text, buttons=[button])
                await asyncio.sleep(0)

    async def _is_due(self, person: UserId) -> bool:
        """Whether it is long enough ago that this person was told something; if so, they are told now."""
        now, key = self.around.now(), f"told:{person}"
        before = await self.around.store.get(key)
        if isinstance(before, int | float) and now.timestamp() - before < self._limit.total_seconds():
            return False
        await self.around.store.put(key, now.timestamp(), about=person)
        return True

    async def _followers(self, guild: GuildId) -> Sequence[UserId]:
        store = self.around.store
        here = await store.items(f"{FOLLOW}:{guild}:")
        everywhere = await store.items(f"{FOLLOW}:{EVERYWHERE}:")
        refused = {_person(key) for key in await store.items(f"{NOT_HERE}:{guild}:")}
        return sorted({_person(key) for key in (*here, *everywhere)} - refused)

    async def _follows(self, person: UserId, guild: GuildId) -> bool:
        return person in await self._followers(guild)

    async def _unfollow(self, person: UserId, guild: GuildId | None) -> bool:
        """On this server; on all where none is given. Whether there was anything to leave."""
        store = self.around.store
        if guild is None:
            mine = [key for key in await store.items(f"{FOLLOW}:") if _person(key) == person]
            return any([await store.drop(key) for key in mine])
        if not await self._follows(person, guild):
            return False
        await store.drop(f"{FOLLOW}:{guild}:{person}")
        if await store.get(f"{FOLLOW}:{EVERYWHERE}:{person}"):
            await store.put(f"{NOT_HERE}:{guild}:{person}", value=True, about=person)
        return True


def _person(key: str) -> UserId:
    return UserId(int(key.rpartition(":")[2]))
