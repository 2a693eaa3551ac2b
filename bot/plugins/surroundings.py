"""`Around`, for one plugin: the bot's own services, reached from whichever thread the plugin lives in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

import discord
from pydantic import BaseModel, JsonValue, ValidationError

from bot.owners import Owners
from bot.places import REST_FAILURES, Places
from bot.plugins.apart import Hop
from bot.plugins.buttons import view_of
from bot.plugins.plugin import Button, PluginError, Store
from bot.plugins.store import DatabaseStore
from bot.surface import DiscordSurface, nonce
from bot.text.split import LIMIT, plan
from chat.clock import Clock
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from chat.rights import Right
from storage.database import Database

M = TypeVar("M", bound=BaseModel)

NOTHING = "…"
CUT = "*(The rest is left out: it is too long for one message.)*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What all plugins share."""

    client: discord.Client
    places: Places
    surface: DiscordSurface
    database: Database
    owners: Owners
    prefix: str
    clock: Clock
    hop: Hop


class Surroundings:
    """See `Around`."""

    def __init__(self, services: Services, name: str, table: Mapping[str, JsonValue]) -> None:
        self._services = services
        self._name = name
        self._table = table
        self._hop = services.hop
        self._store = HoppingStore(services.hop, DatabaseStore(services.database, name))
        self.asked_settings = False

    @property
    def store(self) -> Store:
        return self._store

    @property
    def prefix(self) -> str:
        return self._services.prefix

    def settings(self, model: type[M]) -> M:
        self.asked_settings = True
        try:
            return model.model_validate(self._table)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join([f"plugins.{self._name}", *map(str, first["loc"])])
            raise PluginError(f"{where}: {first['msg']}") from None

    def now(self) -> datetime:
        return self._services.clock()

    def is_owner(self, person: UserId) -> bool:
        return self._services.owners.include(person)

    async def may(self, person: UserId, channel: ChannelId, right: Right) -> bool:
        return right in await self._hop(self._services.surface.rights(person, channel))

    async def guilds_of(self, person: UserId) -> Sequence[GuildId]:
        return [guild.id for guild in await self._hop(self._services.surface.guilds_of(person))]

    async def reply(self, to: Message, text: str) -> MessageId:
        return await self._hop(self._reply(to, text))

    async def send(self, channel: ChannelId, text: str, *, key: str = "") -> MessageId:
        return await self._hop(self._send(channel, text, key))

    async def tell(self, person: UserId, text: str, *, buttons: Sequence[Button] = ()) -> bool:
        return await self._hop(self._tell(person, text, buttons))

    async def react(self, to: Message, emoji: str) -> None:
        await self._hop(self._react(to, emoji))

    async def _reply(self, to: Message, text: str) -> MessageId:
        place = await self._place(to.channel_id)
        reference = place.get_partial_message(to.id).to_reference(fail_if_not_exists=False)
        key = nonce(f"{to.id}/{self._name}")
        try:
            sent = await place.send(
                fitting(text), reference=reference, mention_author=False, nonce=key, suppress_embeds=True
            )
        except REST_FAILURES as error:
            raise PluginError(f"Discord did not take the reply: {error}") from error
        return MessageId(sent.id)

    async def _send(self, channel: ChannelId, text: str, key: str) -> MessageId:
        place = await self._place(channel)
        unique = nonce(f"{self._name}/{key}" if key else uuid4().hex)
        try:
            sent = await place.send(fitting(text), suppress_embeds=True, nonce=unique)
        except REST_FAILURES as error:
            raise PluginError(f"Discord did not take the message: {error}") from error
        return MessageId(sent.id)

    async def _tell(self, person: UserId, text: str, buttons: Sequence[Button]) -> bool:
        view = view_of(self._name, buttons) if buttons else discord.utils.MISSING
        client = self._services.client
        try:
            user = client.get_user(person) or await client.fetch_user(person)
            await user.send(fitting(text), view=view, suppress_embeds=True)
        except REST_FAILURES:
            return False
        return True

    async def _react(self, to: Message, emoji: str) -> None:
        place = await self._place(to.channel_id)
        try:
            await place.get_partial_message(to.id).add_reaction(emoji)
        except (*REST_FAILURES, TypeError) as error:
            raise PluginError(f"Discord did not take the reaction: {error}") from error

    async def _place(
        self, channel: ChannelId
    ) -> discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread | discord.DMChannel:
        place = await self._services.places.find(channel)
        if place is None or isinstance(place, discord.ForumChannel):
            raise PluginError("there is no such channel that the bot can write in")
        return place


class HoppingStore:
    """The storage, from whichever thread."""

    def __init__(self, hop: Hop, store: DatabaseStore) -> None:
        self._hop = hop
        self._inner = store

    async def get(self, key: str) -> JsonValue:
        return await self._hop(self._inner.get(key))

    async def put(self, key: str, value: JsonValue, *, about: UserId | None = None) -> None:
        await self._hop(self._inner.put(key, value, about=about))

    async def drop(self, key: str) -> bool:
        return await self._hop(self._inner.drop(key))

    async def items(self, prefix: str = "") -> Mapping[str, JsonValue]:
        return await self._hop(self._inner.items(prefix))


def fitting(text: str) -> str:
    """One message's worth of it."""
    return plan(text.strip() or NOTHING, LIMIT, max_parts=1, note=CUT).parts[0]
