"""Discord's gateway: what it tells us, handed on as plain calls in the order it came."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypedDict

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.audience import HEARD, Audience, Payload
from bot.places import Places

logger = logging.getLogger(__name__)

Parser = Callable[[Payload], None]

API = "/api/v10"
READY_AFTER_SECONDS = 1.0  # of silence after the last server of the start-up burst; discord.py's default is 2


def _bounded(event: str, parse: Parser) -> Parser:
    def bounded(data: Payload) -> None:
        try:
            parse(data)
        except Exception:  # boundary: what discord.py cannot read would end the connection, and the bot with it
            logger.exception("an event %s from Discord could not be read", event)

    return bounded


class Listener(Protocol):
    """What the rest of the bot wants to know. Called on the event loop, in order: these must not wait."""

    def returned(self) -> None:
        """The gateway is ready, at first or with a new session: events may have been missed before this."""
        ...

    def message(self, message: discord.Message) -> None: ...

    def edited(self, message: discord.Message) -> None: ...

    def deleted(self, channel_id: int, message_ids: Sequence[int]) -> None: ...

    def reacted(self, channel_id: int, message_id: int, person: int, emoji: str) -> None:
        """Somebody has put this emoji below a message."""
        ...

    def channel_gone(self, channel_id: int) -> None: ...

    def guild_gone(self, guild_id: int) -> None: ...

    def guild_joined(self, guild_id: int) -> None: ...


def point_at(*, api_url: str | None, gateway_url: str | None, cdn_url: str | None) -> None:
    """Use another Discord-compatible server. Process-wide: discord.py keeps these addresses on its classes.

    `api_url` may end in `/api/v10` or leave that to us.
    """
    if api_url:
        base = api_url.rstrip("/")
        Route.BASE = base if base.endswith(API) else base + API
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    if cdn_url:
        type.__setattr__(discord.Asset, "BASE", cdn_url.rstrip("/"))  # annotated as a literal


def be_silent_about_voice() -> None:
    """The library warns who has not installed what voice channels need, and this bot does not speak."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def wanted_intents(granted: discord.ApplicationFlags) -> discord.Intents:
    """What we ask the gateway for: of the privileged intents only those that the developer portal grants."""
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.dm_messages = True
    intents.guild_reactions = intents.dm_reactions = intents.voice_states = True
    intents.members = granted.gateway_guild_members or granted.gateway_guild_members_limited
    intents.message_content = granted.gateway_message_content or granted.gateway_message_content_limited
    return intents


async def granted_intents(token: str) -> discord.ApplicationFlags:
    """Ask Discord who we are and what we may have. Raises `discord.LoginFailure` for a wrong token."""
    be_silent_about_voice()
    # Without `guilds` the library warns, though nothing is connected here.
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        await client.login(token)
        application = client.application
        return application.flags if application else discord.ApplicationFlags()


class Sharding(TypedDict, total=False):
    """Which part of a big bot this process is; empty means all of it."""

    shard_ids: list[int]
    shard_count: int


class Gateway(discord.AutoShardedClient):
    """The connection. Nobody is pinged unless a send says so."""

    def __init__(self, intents: discord.Intents, sharding: Sharding) -> None:
        super().__init__(
            intents=intents,
            **sharding,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=READY_AFTER_SECONDS,
            max_messages=None,
        )
        self.places = Places(self)
        self.audience = Audience(hears_members=intents.members)
        parsers = self._connection.parsers
        for event in parsers.keys() - {"READY"}:
            parsers[event] = _bounded(event, parsers[event])
        for event in HEARD:  # discord.py's own events come later, and not for everything
            parsers[event] = self._hearing(event, parsers[event])
        self.listener: Listener | None = None
        self.commanded: Callable[[discord.Interaction], Awaitable[None]] | None = None
        """Called once a command is answered."""
        self.overhear: Callable[[str, tuple[object, ...]], None] | None = None
        """Told of every event of discord.py, by its name and what comes with it; must not wait."""

    def dispatch(self, event: str, /, *args: object, **kwargs: object) -> None:
        super().dispatch(event, *args, **kwargs)
        if self.overhear:
            self.overhear(event, args)

    def _hearing(self, event: str, parse: Parser) -> Parser:
        def hear(data: Payload) -> None:
            if self.audience.heard(event, data):
                self.places.forget_missing()
            parse(data)

        return hear

    async def on_ready(self) -> None:
        logger.info("ready as %s on %d servers", self.user, len(self.guilds))
        if self.listener:
            self.listener.returned()

    async def on_message(self, message: discord.Message) -> None:
        if self.listener:
            self.listener.message(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        if self.listener:
            self.listener.edited(payload.message)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        if self.listener:
            self.listener.deleted(payload.channel_id, [payload.message_id])

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        if self.listener:
            self.listener.deleted(payload.channel_id, sorted(payload.message_ids))

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        if self.listener:
            self.listener.reacted(payload.channel_id, payload.message_id, payload.user_id, str(payload.emoji))

    async def on_app_command_completion(self, interaction: discord.Interaction, _: object) -> None:
        if self.commanded:
            await self.commanded(interaction)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self.places.forget(channel.id)
        if self.listener:
            self.listener.channel_gone(channel.id)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        self.places.forget(payload.thread_id)
        if self.listener:
            self.listener.channel_gone(payload.thread_id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        if self.listener:
            self.listener.guild_gone(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        if self.listener:
            self.listener.guild_joined(guild.id)

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        self.places.forget(channel.id)

    async def on_guild_channel_update(self, _: discord.abc.GuildChannel, channel: discord.abc.GuildChannel) -> None:
        self.places.forget(channel.id)

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        self.places.forget(payload.thread_id)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """After an outage discord.py asks for the members only when their number differs from before."""
        if self.intents.members and not self.audience.is_complete(guild.id):
            await guild.chunk()
