"""Says reminders on Discord: in the place where they were asked for, else privately with the reason."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import discord

from bot.places import REST_FAILURES, Places, TextPlace
from bot.reminder_buttons import buttons_for
from bot.render import to_channel
from bot.surface import DiscordSurface
from chat.ids import MessageId, UserId
from chat.rights import Right
from reminders.occasions import DeliveryFailed, Occasion
from reminders.values import Kind, Reminder
from reminders.wording import announcement, is_announcement
from tools.permission import Permissions

logger = logging.getLogger(__name__)

LOOK_BACK = 500  # messages since it was due, in which an earlier try would stand; the newest first

Target = TextPlace | discord.DMChannel


class DiscordDelivery:
    """`reminders.occasions.Deliver` over discord.py."""

    def __init__(
        self, client: discord.Client, *, places: Places, surface: DiscordSurface, permissions: Permissions
    ) -> None:
        self._client = client
        self._permissions = permissions
        self._places = places
        self._surface = surface

    async def deliver(self, occasion: Occasion) -> MessageId:
        place, reason = await self._place(occasion.reminder)
        try:
            return await self._send(occasion, place, reason)
        except discord.Forbidden as error:
            if isinstance(place, discord.DMChannel):
                raise _unheard(error) from error
            logger.info("reminder %s goes to its owner: %s", occasion.reminder.id, error)
        try:
            direct = await self._privately(occasion.reminder)
            return await self._send(
                occasion, direct, "said here because I can no longer write in the channel you asked in"
            )
        except discord.Forbidden as error:
            raise _unheard(error) from error

    async def _send(self, occasion: Occasion, place: Target, reason: str) -> MessageId:
        """Raises `discord.Forbidden` and DeliveryFailed."""
        reminder = occasion.reminder
        text = announcement(occasion) + (f"\n-# {reason}" if reason else "")
        view = buttons_for(occasion) or discord.utils.MISSING
        allowed = discord.AllowedMentions(users=[discord.Object(reminder.owner.id)], everyone=False, roles=False)
        try:
            sent = await place.send(
                text, nonce=reminder.nonce, allowed_mentions=allowed, suppress_embeds=True, view=view
            )
        except discord.Forbidden:
            raise
        except REST_FAILURES as error:
            raise DeliveryFailed(f"Discord could not be reached: {type(error).__name__}", retry=True) from error
        return MessageId(sent.id)

    async def already_said(self, reminder: Reminder) -> MessageId | None:
        """Looks at both places where an earlier try may have said it: rights may have changed since."""
        me = self._client.user
        since = discord.Object(discord.utils.time_snowflake(reminder.due_at - timedelta(minutes=1)))
        try:
            async for place in self._targets(reminder):
                async for message in place.history(limit=LOOK_BACK, after=since, oldest_first=False):
                    if me and message.author.id == me.id and is_announcement(message.content, reminder):
                        return MessageId(message.id)
        except discord.Forbidden as error:
            logger.info("whether reminder %s was said before cannot be read: %s", reminder.id, error)
        except REST_FAILURES as error:
            raise DeliveryFailed(f"the channel could not be looked at: {type(error).__name__}", retry=True) from error
        return None

    async def _targets(self, reminder: Reminder) -> AsyncIterator[Target]:
        place = await self._places.find(reminder.channel_id)
        if place is not None and not isinstance(place, discord.ForumChannel):
            yield place
        target, _ = await self._place(reminder)
        if place is None or target.id != place.id:
            yield target

    async def _place(self, reminder: Reminder) -> tuple[Target, str]:
        """Where to say it, and why not where it was asked for (empty when it is there)."""
        place = await self._places.find(reminder.channel_id)
        if isinstance(place, discord.DMChannel):
            return place, ""
        if place is None or isinstance(place, discord.ForumChannel):
            return await self._privately(reminder), "said here because the channel you asked in is gone"
        if lost := await self._lost(reminder, place):
            return await self._privately(reminder), f"said here because {lost}"
        return place, ""

    async def _lost(self, reminder: Reminder, place: TextPlace) -> str:
        """Why it cannot be said in its channel, of those who are left there. A task's owner must be able to write."""
        theirs = await self._surface.rights(reminder.owner.id, reminder.channel_id)
        in_thread = isinstance(place, discord.Thread)
        if Right.VIEW_CHANNEL not in theirs:
            await be_sure_of(reminder.owner.id, place.guild)
            return "you can no longer see the channel you asked in"
        if reminder.kind is Kind.TASK and (Right.SEND_IN_THREADS if in_thread else Right.SEND_MESSAGES) not in theirs:
            return "you can no longer write in the channel you asked in"
        if await self._permissions.unwelcome(reminder.owner, to_channel(place)):
            return "the managers of that server do not let me act for you in the channel you asked in any more"
        mine = place.permissions_for(place.guild.me)
        may = mine.send_messages_in_threads if in_thread else mine.send_messages
        return "" if may else "I can no longer write in the channel you asked in"

    async def _privately(self, reminder: Reminder) -> discord.DMChannel:
        try:
            user = self._client.get_user(reminder.owner.id) or await self._client.fetch_user(reminder.owner.id)
            return user.dm_channel or await user.create_dm()
        except discord.NotFound as error:
            raise DeliveryFailed("its owner's account is gone", retry=False) from error
        except REST_FAILURES as error:
            raise DeliveryFailed(f"no direct message could be opened: {type(error).__name__}", retry=True) from error


async def be_sure_of(person: UserId, guild: discord.Guild) -> None:
    """That somebody has no rights may only mean that Discord did not answer. Raises DeliveryFailed then."""
    try:
        await guild.fetch_member(person)
    except discord.NotFound:
        return
    except REST_FAILURES as error:
        raise DeliveryFailed(f"Discord could not be reached: {type(error).__name__}", retry=True) from error


def _unheard(error: discord.Forbidden) -> DeliveryFailed:
    return DeliveryFailed(f"its owner takes no direct messages: {error.text}", retry=False, unheard=True)
