"""Replies that need no run: a glance, a plain sentence why not."""

import logging

import discord

from bot.ledger import Ledger, Outcome
from bot.places import REST_FAILURES, Places
from bot.surface import nonce
from chat.ids import ChannelId, MessageId, UserId
from chat.messages import IncomingMessage, Message

logger = logging.getLogger(__name__)

GLANCE = "👀"


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
        return await self.say_privately(asker, message_id, sentence)

    async def say_privately(self, asker: UserId, message_id: MessageId, sentence: str) -> list[MessageId]:
        """The message in which it is said; none when this person takes no direct messages."""
        try:
            user = self._client.get_user(asker) or await self._client.fetch_user(asker)
            sent = await user.send(sentence, nonce=nonce(f"{message_id}/private"))
        except REST_FAILURES as error:
            logger.warning("message %s gets no answer, neither here nor privately: %s", message_id, error)
            return []
        return [MessageId(sent.id)]
