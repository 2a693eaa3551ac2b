"""One turn: from a mention to its one outcome."""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from bot.office import NotRun
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
from tools.reading import Reading

logger = logging.getLogger(__name__)

BROKEN = "Something went wrong on my side, so there is no answer. The operator finds it in the log under run {run}."
NOT_SHOWN = "I could not show my answer: {reason}."
STOPPED = "-# ⏹ Stopped, as you wished."


class _Stopped(Exception):  # noqa: N818 - a wish, not a mistake
    """Somebody wanted no more of this answer."""

    def __init__(self, *, unseen: bool) -> None:
        super().__init__()
        self.unseen = unseen


@dataclass(slots=True)
class _Running:
    """An answer under way."""

    scope: asyncio.Timeout
    unseen: bool = False
    """It shall not be seen at all."""
    is_written: bool = False
    """The model is done: there is nothing to stop any more, only something to see."""


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
        self._running: dict[MessageId, _Running] = {}
        self._times: Counter[MessageId] = Counter()

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

    def stop(self, message_id: MessageId, *, unseen: bool) -> bool:
        """End the answer to this mention as it is, or take it away if `unseen`. False when none is under way."""
        running = self._running.get(message_id)
        if running is None or (running.is_written and not unseen):
            return False
        running.unseen = running.unseen or unseen
        running.scope.reschedule(asyncio.get_running_loop().time())
        return True

    def is_running(self, message_id: MessageId) -> bool:
        """Whether the model is still at work for this mention."""
        running = self._running.get(message_id)
        return running is not None and not running.is_written

    def anew(self, message_id: MessageId, shown: Sequence[MessageId]) -> None:
        """The next answer to this mention is one more run, and goes into these messages."""
        self._left[message_id] = shown
        self._times[message_id] += 1

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
        left = self._left.pop(message.id, None)
        if message.edited_at is not None:
            await self._leftovers.edited(message)
        elif mention.late_by is None and left is None:
            return []
        return await earlier_replies(place, message.id, self._ledger, mention.bot.id) if left is None else left

    async def _answer(self, mention: IncomingMessage, context: ToolContext, reply: StreamedReply) -> None:
        reading = Reading()
        try:
            async with self._stoppable(mention.message.id) as running:
                outcome, text = await self._worded(mention, context, reply, reading)
                running.is_written = True
                shown = await (reply.finish(text) if outcome is Outcome.ANSWERED else reply.fail(text))
        except _Stopped as stopped:
            if stopped.unseen:
                await reply.withdraw()
                await self._ledger.settle(mention.message.id, Outcome.WITHDRAWN, [])
                return
            outcome, shown = Outcome.FAILED, await reply.fail(STOPPED)
        if isinstance(shown, NotShown):
            logger.warning("the answer to message %s is not shown: %s", mention.message.id, shown.reason)
            if shown.again:
                return  # owed: the next start shows it, or apologises
            if not shown.message_ids:
                await self._desk.explain(mention.message, NOT_SHOWN.format(reason=shown.reason))
                return
        self._runs.answered(reading, shown.message_ids)
        await self._ledger.settle(mention.message.id, outcome, shown.message_ids)
        self._runs.shown(context, shown.message_ids)
        await self._private_hits.offer(context, shown.message_ids)
        await self._contact.mentioned(context)

    async def _worded(
        self, mention: IncomingMessage, context: ToolContext, reply: StreamedReply, reading: Reading
    ) -> tuple[Outcome, str]:
        try:
            return await self._run(mention, context, reply, reading)
        except Exception:  # boundary: a bug in a turn is told in a sentence, and logged with its traceback
            logger.exception("the turn for message %s failed", mention.message.id)
            return Outcome.FAILED, BROKEN.format(run=context.run_id)

    @asynccontextmanager
    async def _stoppable(self, message_id: MessageId) -> AsyncGenerator["_Running"]:
        """Raises _Stopped once `stop` was called."""
        scope = asyncio.timeout(None)
        running = self._running[message_id] = _Running(scope)
        try:
            async with scope:
                yield running
        except TimeoutError as error:
            if not scope.expired():
                raise
            raise _Stopped(unseen=running.unseen) from error
        finally:
            del self._running[message_id]

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

    async def _run(
        self, mention: IncomingMessage, context: ToolContext, reply: StreamedReply, reading: Reading
    ) -> tuple[Outcome, str]:
        links = self._links.of(context, reading)
        progress = ReplyProgress(reply, links)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ledger.take(mention.message))
            again = f"/again {self._times[mention.message.id]}" if mention.message.id in self._times else ""
            run = self._runs.run(mention, context, reading=reading, progress=progress, again=again)
            running = tasks.create_task(run)
        outcome, text = _told(running.result(), mention.late_by)
        return outcome, await links.settled(text)


def _told(result: TurnResult | TurnFailed | NotRun, late_by: timedelta | None) -> tuple[Outcome, str]:
    match result:
        case TurnResult(text=text) if late_by:
            return Outcome.ANSWERED, f"{text}\n-# {late_note(late_by)}"
        case TurnResult(text=text):
            return Outcome.ANSWERED, text
        case TurnFailed(sentence=sentence, detail=detail):
            logger.warning("the model gave no answer: %s", detail)
            return Outcome.FAILED, sentence
        case NotRun(sentence=sentence):
            return Outcome.FAILED, sentence
