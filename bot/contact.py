"""Who could not be reached at the time of a reminder is told when they are next in touch, once.

A command is answered for them alone, so there they hear all of it. Below the answer to a mention they hear what
everybody there may know; of the rest only that there is some.
"""

import logging
from collections.abc import Sequence

import discord

from bot.commands.tree import whisper
from bot.memory_view import fitting
from bot.places import REST_FAILURES, Places
from bot.surface import nonce
from chat.channels import ChannelKind
from chat.ids import UserId
from reminders.service import Reminders
from reminders.values import Reminder, ReminderError
from reminders.wording import unheard
from tools.context import ToolContext
from tools.permission import Permissions

logger = logging.getLogger(__name__)

HEAD = "While I could not reach you:"
MORE = "While I could not reach you, reminders of yours came that I tell you in private: use any of my commands."


class Contact:
    """Tells what is kept for a person. Never raises for what Discord or the database does."""

    def __init__(self, *, reminders: Reminders, permissions: Permissions, places: Places) -> None:
        self._reminders = reminders
        self._permissions = permissions
        self._places = places
        self._hinted: set[UserId] = set()

    async def commanded(self, interaction: discord.Interaction) -> None:
        """They have given a command, and it is answered."""
        try:
            waiting = await self._reminders.unheard_of(UserId(interaction.user.id))
            if (told := _fitting(waiting)) and await whisper(interaction, _text(told)):
                await self._reminders.heard(told)
        except ReminderError as error:
            logger.warning("what person %s did not hear of is told later: %s", interaction.user.id, error)

    async def mentioned(self, context: ToolContext) -> None:
        """They have asked something, and it is answered."""
        try:
            waiting = await self._reminders.unheard_of(context.asker.id)
            if not waiting:
                return
            told = _fitting(await self._tellable(context, waiting))
            if told and await self._say(context, _text(told)):
                await self._reminders.heard(told)
            elif not told and context.asker.id not in self._hinted and await self._say(context, MORE):
                self._hinted.add(context.asker.id)
        except ReminderError as error:
            logger.warning("what person %s did not hear of is told later: %s", context.asker.id, error)

    async def _tellable(self, context: ToolContext, waiting: Sequence[Reminder]) -> Sequence[Reminder]:
        if context.channel.kind is ChannelKind.DM:
            return waiting
        known = await self._permissions.showable(context, {each.channel_id for each in waiting})
        return [each for each in waiting if each.channel_id in known or each.channel_id == context.channel.id]

    async def _say(self, context: ToolContext, text: str) -> bool:
        place = await self._places.find(context.channel.id)
        if place is None or isinstance(place, discord.ForumChannel):
            return False
        try:
            key = nonce(f"{context.request.id}/unheard")
            await place.send(f"<@{context.asker.id}> {text}", nonce=key, suppress_embeds=True)
        except REST_FAILURES as error:
            logger.info("what person %s did not hear of is told later: %s", context.asker.id, error)
            return False
        return True


def _fitting(waiting: Sequence[Reminder]) -> Sequence[Reminder]:
    """As many as one message holds; the others are told the next time."""
    return waiting[: _text(waiting).count("\n")]


def _text(waiting: Sequence[Reminder]) -> str:
    return fitting([HEAD, *map(unheard, waiting)])
