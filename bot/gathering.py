"""What a turn is read in the light of, gathered side by side: recent lines, memory, attached files, the time zone."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agent.prompt_input import LoadedFile
from bot.attachments import AttachmentLoader, files_of
from bot.history import History
from chat.ids import ChannelId, UserId
from chat.messages import IncomingMessage, Message
from memory.facts import Fact, Facts
from reminders.values import ReminderError
from tools.context import ToolContext
from tools.facts import heard
from tools.permission import Permissions
from tools.searching import SPARE, Recall, answers_first, meant_time
from tools.verifying import Verifier

logger = logging.getLogger(__name__)


ZoneOf = Callable[[UserId], Awaitable[ZoneInfo | None]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of it is data about a request, none of it is the request."""

    recent: Sequence[Message]
    """Said in the channel before, oldest first."""
    recalled: Sequence[Message]
    """Said earlier elsewhere or long ago; everybody who reads the answer may read it. Best first."""
    files: Sequence[LoadedFile]
    """Of the request and of what it replies to; then pictures of recent lines, newest first."""
    facts: Sequence[Fact] = ()
    """Kept on purpose about the asker and the server; every reader may hear them."""
    zone: ZoneInfo | None = None
    """The time zone that the asker has set."""


class Gatherer:
    """Collects what there is within its limits; whatever fails or is too slow is left out and logged."""

    def __init__(
        self,
        *,
        history: History,
        memory: Recall,
        permissions: Permissions,
        attachments: AttachmentLoader,
        facts: Facts,
        verifier: Verifier,
        zone_of: ZoneOf,
        recall_messages: int,
        recall_seconds: float,
    ) -> None:
        self._history = history
        self._memory = memory
        self._permissions = permissions
        self._attachments = attachments
        self._facts = facts
        self._verifier = verifier
        self._zone_of = zone_of
        self._recall_messages = recall_messages
        self._recall_seconds = recall_seconds

    async def gather(self, mention: IncomingMessage, context: ToolContext) -> Gathered:
        async with asyncio.TaskGroup() as tasks:
            recent = tasks.create_task(self._history.before(mention.channel.id, mention.message.id))
            recalled = tasks.create_task(self._recall(mention, context, recent))
            loaded = tasks.create_task(self._attachments.load(files_of(mention.message), mention.replied_to))
            seen = tasks.create_task(self._seen(mention, recent))
            facts = tasks.create_task(self._heard(context))
            zone = tasks.create_task(self._zone(context.asker.id))
        files = [*loaded.result(), *seen.result()]
        return Gathered(recent.result(), recalled.result(), files, facts.result(), zone.result())

    async def _seen(self, mention: IncomingMessage, recent: asyncio.Task[Sequence[Message]]) -> Sequence[LoadedFile]:
        """What can be seen in the lines before; the bot's own stay out, their words are told as its own."""
        replied_to = [mention.replied_to] if mention.replied_to else []
        told = {message.id for message in (mention.message, *replied_to)}
        lines = [line for line in await recent if line.id not in told and line.author.id != mention.bot.id]
        beside = [file for message in (mention.message, *replied_to) for file in files_of(message)]
        return await self._attachments.seen(lines, beside=beside)

    async def _zone(self, asker: UserId) -> ZoneInfo | None:
        try:
            return await self._zone_of(asker)
        except ReminderError as error:  # times are then shown in everybody's zone
            logger.warning("the time zone of person %s could not be read: %s", asker, error)
            return None

    async def _heard(self, context: ToolContext) -> Sequence[Fact]:
        try:
            async with asyncio.timeout(self._recall_seconds):
                return await heard(self._facts, self._permissions, context)
        except Exception:  # boundary: an answer without facts is better than none
            logger.exception("facts could not be read; answering without them")
            return []

    async def _recall(
        self, mention: IncomingMessage, context: ToolContext, recent: asyncio.Task[Sequence[Message]]
    ) -> Sequence[Message]:
        if not self._recall_messages or not (question := _question(mention)):
            return []
        try:
            async with asyncio.timeout(self._recall_seconds):
                found = await self._found(question, mention, context)
                await asyncio.wait([recent])
                shown = {mention.message.id, *([mention.replied_to.id] if mention.replied_to else [])}
                shown |= set() if recent.exception() else {message.id for message in recent.result()}
                new = [message for message in found if message.id not in shown]
                return await self._verifier.verify(new[: self._recall_messages])
        except TimeoutError:
            logger.warning("recall took longer than %g s; answering without it", self._recall_seconds)
        except Exception:  # boundary: an answer without memory is better than none
            logger.exception("recall failed; answering without it")
        return []

    async def _found(self, question: str, mention: IncomingMessage, context: ToolContext) -> Sequence[Message]:
        """More than is wanted: the best of it often stands among the recent lines."""

        async def may_show(sources: Collection[ChannelId]) -> frozenset[ChannelId]:
            return await self._permissions.showable(context, sources)

        await self._verifier.caught_up()
        hits = await self._memory.recall(
            question,
            guild_id=mention.message.guild_id,
            channel=None if mention.guild else mention.channel.id,
            may_show=may_show,
            limit=2 * self._recall_messages + SPARE,
            prefer=meant_time(context),
        )
        return answers_first([hit.message for hit in hits], context.bot)


def _question(mention: IncomingMessage) -> str:
    """That the bot is addressed says nothing of what is asked."""
    return re.sub(rf"<@!?{mention.bot.id}>", " ", mention.message.own_words).strip()
