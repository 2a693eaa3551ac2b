"""Replies that need no run: a glance, a plain sentence why not, an apology for what a restart cut off."""

import logging

import discord

from bot.ledger import Ledger, Outcome, Owed
from bot.places import REST_FAILURES, Places
from bot.surface import nonce
from chat.ids import ChannelId, MessageId, UserId
from chat.messages import IncomingMessage, Message

logger = logging.getLogger(__name__)

GLANCE = "👀"
UNFINISHED = "I was restarted while I worked on this and did not finish; please ask again if you still need it."


class Desk:
    """Says one sentence where it can be said: as a reply, else by direct message."""

    def __init__(self, client: discord.Client, *, places: Places, ledger: Ledger) -> None:
        self._client = client
        self._places = places
        self._ledger = ledger

    async def glance(self, message: Message) -> None:
        place = await self._places.find(message.channel_id)
        if place is None or isinstance(place, discord.ForumChannel):
            return
        try:
            await place.get_partial_message(message.id).add_reaction(GLANCE)
        except REST_FAILURES as error:
            logger.debug("no glance at message %s: %s", message.id, error)

    async def turn_away(self, mention: IncomingMessage, sentence: str) -> None:
        await self._ledger.take(mention.message)
        await self.explain(mention.message, sentence)

    async def explain(self, request: Message, sentence: str) -> None:
        """The one outcome of a request that gets no answer: say why, and settle it."""
        shown = await self._say(request.channel_id, request.id, request.author.id, sentence)
        await self._ledger.settle(request.id, Outcome.FAILED if shown else Outcome.WITHDRAWN, shown)

    async def apologise(self, owed: Owed) -> None:
        """For a mention that an earlier process took and that is too old to answer now."""
        shown: list[MessageId] = list(owed.reply_ids)
        if await self._exists(owed):
            shown = await self._say(owed.channel_id, owed.message_id, owed.author_id, UNFINISHED)
        await self._ledger.settle(owed.message_id, Outcome.FAILED if shown else Outcome.WITHDRAWN, shown)

    async def _exists(self, owed: Owed) -> bool:
        place = await self._places.find(owed.channel_id)
        if place is None or isinstance(place, discord.ForumChannel):
            return False
        try:
            await place.fetch_message(owed.message_id)
        except REST_FAILURES:
            return False
        return True

    async def _say(self, channel_id: ChannelId, message_id: MessageId, asker: UserId, sentence: str) -> list[MessageId]:
        place = await self._places.find(channel_id)
        if place is not None and not isinstance(place, discord.ForumChannel):
            reference = place.get_partial_message(message_id).to_reference(fail_if_not_exists=False)
            try:
                sent = await place.send(
                    sentence, reference=reference, mention_author=False, nonce=nonce(f"{message_id}/plain")
                )
            except REST_FAILURES as error:
                logger.warning("could not reply to message %s: %s", message_id, error)
            else:
                return [MessageId(sent.id)]
        return await self._say_privately(asker, message_id, sentence)

    async def _say_privately(self, asker: UserId, message_id: MessageId, sentence: str) -> list[MessageId]:
        try:
            user = self._client.get_user(asker) or await self._client.fetch_user(asker)
            sent = await user.send(sentence, nonce=nonce(f"{message_id}/private"))
        except REST_FAILURES as error:
            logger.warning("message %s gets no answer, neither here nor privately: %s", message_id, error)
            return []
        return [MessageId(sent.id)]
