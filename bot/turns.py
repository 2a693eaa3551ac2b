"""One turn: from a mention to its one outcome."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import discord

from agent.turn import TurnFailed, TurnResult
from bot.contact import Contact
from bot.desk import Desk
from bot.earlier import earlier_replies
from bot.ledger import Ledger, Outcome
from bot.leftovers import Leftovers
from bot.links import Links
from bot.logs import run_id
from bot.outlet import ChannelOutlet
from bot.places import Places, TextPlace
from bot.private_hits import PrivateHits
from bot.progress import ReplyProgress
from bot.reply import NotShown, StreamedReply
from bot.runs import Manner, Runs
from chat.ids import MessageId
from chat.messages import IncomingMessage
from reminders.wording import late_note
from tools.context import ToolContext

logger = logging.getLogger(__name__)

BROKEN = "Something went wrong on my side, so there is no answer. The operator finds it in the log under run {run}."
NOT_SHOWN = "I could not show my answer: {reason}."


class Turns:
    """Answers mentions, one call each. Whatever happens, the mention is settled once, unless the call is cancelled."""

    def __init__(
        self,
        *,
        places: Places,
        runs: Runs,
        links: Links,
        private_hits: PrivateHits,
        contact: Contact,
        ledger: Ledger,
        desk: Desk,
        leftovers: Leftovers,
        manner: Manner,
    ) -> None:
        self._places = places
        self._runs = runs
        self._links = links
        self._private_hits = private_hits
        self._contact = contact
        self._ledger = ledger
        self._desk = desk
        self._leftovers = leftovers
        self._manner = manner
        self._left: dict[MessageId, Sequence[MessageId]] = {}

    async def answer(self, mention: IncomingMessage) -> None:
        """The turn itself. Cancelled (the mention was edited or deleted), it leaves what is shown for the next call."""
        run = secrets.token_hex(4)
        with run_id(run):
            place = await self._places.find(mention.channel.id)
            if place is None or isinstance(place, discord.ForumChannel):
                await self._nowhere(mention)
                return
            reply = self._reply(mention, place)
            reply.adopt(await self._already_shown(mention, place))
            try:
                async with reply:
                    await self._answer(mention, self._context(mention, run), reply)
            except asyncio.CancelledError:
                self._left[mention.message.id] = reply.message_ids
                raise

    async def _nowhere(self, mention: IncomingMessage) -> None:
        """The channel is gone; or Discord does not answer, and the mention is left for the next start."""
        await self._ledger.take(mention.message)
        if self._places.is_gone(mention.channel.id):
            await self._ledger.settle(mention.message.id, Outcome.WITHDRAWN, [])
        else:
            logger.warning("message %s is left for the next start: Discord does not answer", mention.message.id)

    async def withdraw(self, mention: IncomingMessage) -> None:
        """The mention was deleted: remove what was shown for it and what it scheduled."""
        self._left.pop(mention.message.id, None)
        await self._leftovers.withdraw(mention.message.id, mention.channel.id)

    def _reply(self, mention: IncomingMessage, place: TextPlace | discord.DMChannel) -> StreamedReply:
        return StreamedReply(
            ChannelOutlet(place, mention.message.id),
            mention_id=mention.message.id,
            note=partial(self._ledger.shown, mention.message.id),
            stream=self._manner.stream,
        )

    async def _already_shown(
        self, mention: IncomingMessage, place: TextPlace | discord.DMChannel
    ) -> Sequence[MessageId]:
        """From a run that an edit stopped, or from before a restart."""
        message = mention.message
        if message.edited_at is not None:
            await self._leftovers.edited(message)
        elif mention.late_by is None:
            return []
        left = self._left.pop(message.id, None)
        return await earlier_replies(place, message.id, self._ledger, mention.bot.id) if left is None else left

    async def _answer(self, mention: IncomingMessage, context: ToolContext, reply: StreamedReply) -> None:
        try:
            outcome, text = await self._run(mention, context, reply)
        except Exception:  # boundary: a bug in a turn is told in a sentence, and logged with its traceback
            logger.exception("the turn for message %s failed", mention.message.id)
            outcome, text = Outcome.FAILED, BROKEN.format(run=context.run_id)
        shown = await (reply.finish(text) if outcome is Outcome.ANSWERED else reply.fail(text))
        if isinstance(shown, NotShown):
            logger.warning("the answer to message %s is not shown: %s", mention.message.id, shown.reason)
            if shown.again:
                return  # owed: the next start shows it, or apologises
            if not shown.message_ids:
                await self._desk.explain(mention.message, NOT_SHOWN.format(reason=shown.reason))
                return
        await self._ledger.settle(mention.message.id, outcome, shown.message_ids)
        await self._private_hits.offer(context, shown.message_ids)
        await self._contact.mentioned(context)

    def _context(self, mention: IncomingMessage, run: str) -> ToolContext:
        return ToolContext(
            asker=mention.asker,
            bot=mention.bot,
            guild=mention.guild,
            channel=mention.channel,
            request=mention.message,
            run_id=run,
            zone=self._manner.zone,
        )

    async def _run(self, mention: IncomingMessage, context: ToolContext, reply: StreamedReply) -> tuple[Outcome, str]:
        links = self._links.of(context)
        progress = ReplyProgress(reply, links)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ledger.take(mention.message))
            running = tasks.create_task(self._runs.run(mention, context, progress=progress))
        outcome, text = _told(running.result(), mention.late_by)
        return outcome, await links.settled(text)


def _told(result: TurnResult | TurnFailed, late_by: timedelta | None) -> tuple[Outcome, str]:
    match result:
        case TurnResult(text=text) if late_by:
            return Outcome.ANSWERED, f"{text}\n-# {late_note(late_by)}"
        case TurnResult(text=text):
            return Outcome.ANSWERED, text
        case TurnFailed(sentence=sentence, detail=detail):
            logger.warning("the model gave no answer: %s", detail)
            return Outcome.FAILED, sentence
