"""Reactions as verbs: who asked puts ⏹, 🔁 or 🗑 below the answer, and it is stopped, given anew, or deleted.

Stopped, it stays as far as it has come. Given anew, it is the same request once more, as it reads now, and its answer
takes the place of the old one: a mention has one answer. Deleted, only the text goes: what it did or scheduled stays,
because who no longer wants to see an answer may still want to be reminded.
"""

import asyncio
import logging
from enum import StrEnum

import discord

from bot.gateway import Gateway
from bot.inbox import Inbox
from bot.incoming import to_incoming
from bot.ledger import Answered, Ledger, Outcome
from bot.places import REST_FAILURES, TextPlace
from bot.turns import Turns
from chat.ids import ChannelId, MessageId

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = (0.2, 0.5, 1.0)
VARIATION = "\ufe0f"
"""Some clients add it to an emoji, others do not."""


class Verb(StrEnum):
    """What the emoji mean."""

    STOP = "⏹"
    AGAIN = "🔁"
    DELETE = "🗑"


def verb_of(emoji: str) -> Verb | None:
    plain = emoji.replace(VARIATION, "")
    return Verb(plain) if plain in set(Verb) else None


class Verbs:
    """Anybody else's reaction is just a reaction."""

    def __init__(self, client: Gateway, *, ledger: Ledger, turns: Turns, inbox: Inbox, enabled: bool) -> None:
        self._client = client
        self._places = client.places
        self._ledger = ledger
        self._turns = turns
        self._inbox = inbox
        self._enabled = enabled

    def means(self, emoji: str, person: int) -> bool:
        me = self._client.user
        return self._enabled and verb_of(emoji) is not None and me is not None and person != me.id

    async def reacted(self, channel_id: ChannelId, message_id: MessageId, person: int, emoji: str) -> None:
        """Never raises for Discord's failures."""
        answered = await self._answered(channel_id, message_id)
        place = await self._places.find(channel_id)
        if answered is None or answered.author_id != person or place is None or isinstance(place, discord.ForumChannel):
            return
        match verb_of(emoji):
            case Verb.STOP:
                self._turns.stop(answered.message_id, unseen=False)
            case Verb.DELETE:
                if not self._turns.stop(answered.message_id, unseen=True):
                    await self._delete(answered, place)
            case Verb.AGAIN:
                await self._again(answered, place)
            case None:
                pass

    async def _answered(self, channel_id: ChannelId, message_id: MessageId) -> Answered | None:
        """An answer can be seen a moment before it stands in the ledger."""
        for pause in (*LOOK_AGAIN_SECONDS, None):
            answered = await self._ledger.answered_in(channel_id, message_id)
            if answered is not None or pause is None or not self._inbox.is_busy(channel_id):
                return answered
            await asyncio.sleep(pause)
        return None

    async def _delete(self, answered: Answered, place: TextPlace | discord.DMChannel) -> None:
        if self._inbox.holds(ChannelId(place.id), answered.message_id):
            return  # it waits to be answered once more
        for each in answered.reply_ids:
            try:
                await place.get_partial_message(each).delete()
            except discord.NotFound as error:
                logger.debug("message %s was deleted already: %s", each, error)
            except REST_FAILURES as error:
                logger.warning("the answer to message %s could not be deleted: %s", answered.message_id, error)
                return
        await self._ledger.settle(answered.message_id, Outcome.ANSWERED, [])

    async def _again(self, answered: Answered, place: TextPlace | discord.DMChannel) -> None:
        channel_id = ChannelId(place.id)
        me = self._client.user if isinstance(place, discord.DMChannel) else place.guild.me
        if me is None or self._inbox.closed or self._turns.is_running(answered.message_id):
            return
        try:
            message = await place.fetch_message(answered.message_id)
        except REST_FAILURES as error:
            logger.info("message %s cannot be answered once more: %s", answered.message_id, error)
            return
        if self._inbox.holds(channel_id, answered.message_id):
            return  # somebody was quicker
        self._turns.anew(answered.message_id, answered.reply_ids)
        if self._inbox.put(to_incoming(message, me, late_by=None)):
            await self._ledger.reopen(answered.message_id)
