"""Who calls over MCP, as Discord knows them now: a direct message with the person, in which nothing was said."""

import secrets
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

import discord

from bot.places import REST_FAILURES
from bot.render import to_channel, to_person
from chat.channels import Channel
from chat.clock import Clock
from chat.ids import MessageId, UserId, snowflake_at
from chat.messages import Message
from chat.people import Person
from mcp_servers.offered.callers import CallerRefusedError
from tools.context import ToolContext
from tools.surface import Surface

STARTING = "The bot is not connected to Discord right now; try again soon."
STRANGER = "You share no server with the bot any more, so this token opens nothing."


class DiscordCallers:
    """`mcp_servers.offered.callers.Callers` over discord.py.

    The answers go to the person alone, so they are the audience, and every server they share with the bot is in
    reach. The request has no words: nothing that a client sends counts as literally asked for by its person.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        surface: Surface,
        zone_of: Callable[[UserId], Awaitable[ZoneInfo | None]],
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        """`zone`: of people who have set none."""
        self._client = client
        self._surface = surface
        self._zone_of = zone_of
        self._zone = zone
        self._clock = clock

    async def context_for(self, user_id: UserId, *, root_key: str) -> ToolContext:
        me = self._client.user
        if me is None or not self._client.is_ready():
            raise CallerRefusedError(STARTING)
        if not await self._surface.guilds_of(user_id):
            raise CallerRefusedError(STRANGER)
        asker, channel = await self._direct(user_id)
        now = self._clock()
        request = Message(MessageId(snowflake_at(now)), channel.id, None, asker, "", now, typed="")
        return ToolContext(
            asker=asker,
            bot=to_person(me),
            guild=None,
            channel=channel,
            request=request,
            run_id=secrets.token_hex(4),
            zone=await self._zone_of(user_id) or self._zone,
            root_key=root_key,
        )

    async def _direct(self, user_id: UserId) -> tuple[Person, Channel]:
        try:
            user = self._client.get_user(user_id) or await self._client.fetch_user(user_id)
            return to_person(user), to_channel(user.dm_channel or await user.create_dm())
        except REST_FAILURES as error:
            raise CallerRefusedError(STARTING) from error
