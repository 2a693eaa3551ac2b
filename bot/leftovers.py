"""What is left of a mention that gets no answer any more: it was deleted, or a restart came and it is too old now."""

import logging
from collections.abc import Sequence
from functools import partial

import discord

from bot.approvals import DiscordApprover
from bot.desk import Desk
from bot.earlier import earlier_replies
from bot.ledger import Ledger, Outcome, Owed
from bot.outlet import ChannelOutlet
from bot.places import REST_FAILURES, Places, TextPlace
from bot.reply import NotShown, StreamedReply
from chat.ids import ChannelId, MessageId, UserId
from chat.messages import Message
from reminders.service import Reminders

logger = logging.getLogger(__name__)

UNFINISHED = "I was restarted while I worked on this and did not finish; please ask again if you still need it."


class Leftovers:
    """Removes a begun answer, or turns it into an apology; the mention is settled by that."""

    def __init__(
        self,
        client: discord.Client,
        *,
        places: Places,
        ledger: Ledger,
        desk: Desk,
        reminders: Reminders,
        approver: DiscordApprover,
    ) -> None:
        self._client = client
        self._places = places
        self._ledger = ledger
        self._desk = desk
        self._reminders = reminders
        self._approver = approver

    async def withdraw(self, message_id: MessageId, channel_id: ChannelId) -> None:
        """The mention was deleted: remove what was shown for it and what it scheduled."""
        await self._remove(message_id, channel_id, await self._ledger.replies(message_id))

    async def edited(self, message: Message) -> None:
        """The mention reads otherwise now: what it scheduled and asked goes, the edited request makes its own."""
        await self._reminders.cancel_from(message.id, but_not=message.version)
        await self._approver.withdraw_from(message.id, but_not=message.version)

    async def apologise(self, owed: Owed) -> None:
        """For a mention that an earlier process took and that is too old to answer now."""
        place = await self._places.find(owed.channel_id)
        me = self._client.user
        if place is None or isinstance(place, discord.ForumChannel) or me is None:
            await self._ledger.settle(owed.message_id, Outcome.WITHDRAWN, owed.reply_ids)
            return
        shown = await earlier_replies(place, owed.message_id, self._ledger, me.id)
        try:
            await place.fetch_message(owed.message_id)
        except discord.NotFound:
            await self._remove(owed.message_id, owed.channel_id, shown)
        except discord.Forbidden:
            await self._say_sorry(owed.message_id, owed.author_id, place, shown)
        except REST_FAILURES as error:
            logger.warning("message %s is owed an apology until the next start: %s", owed.message_id, error)
        else:
            await self._say_sorry(owed.message_id, owed.author_id, place, shown)

    async def _remove(self, message_id: MessageId, channel_id: ChannelId, shown: Sequence[MessageId]) -> None:
        await self._reminders.cancel_from(message_id)
        await self._approver.withdraw_from(message_id)
        place = await self._places.find(channel_id)
        if shown and place is not None and not isinstance(place, discord.ForumChannel):
            await self._reply(message_id, place, shown).withdraw()
        await self._ledger.settle(message_id, Outcome.WITHDRAWN, [])

    async def _say_sorry(
        self, message_id: MessageId, asker: UserId, place: TextPlace | discord.DMChannel, shown: Sequence[MessageId]
    ) -> None:
        ended = await self._reply(message_id, place, shown).finish(UNFINISHED)
        ids = ended.message_ids
        if isinstance(ended, NotShown):
            logger.warning("no apology for message %s: %s", message_id, ended.reason)
            ids = ids or await self._desk.say_privately(asker, message_id, UNFINISHED)
        await self._ledger.settle(message_id, Outcome.FAILED if ids else Outcome.WITHDRAWN, ids)

    def _reply(
        self, message_id: MessageId, place: TextPlace | discord.DMChannel, shown: Sequence[MessageId]
    ) -> StreamedReply:
        note = partial(self._ledger.shown, message_id)
        reply = StreamedReply(ChannelOutlet(place, message_id), mention_id=message_id, note=note, stream=False)
        reply.adopt(shown)
        return reply
