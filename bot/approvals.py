"""Asks for a click before an act that nobody literally asked for: `tools.approval.Approver` with Discord's buttons.

A question is a row and a message. Either may be found again: the row by the call's key, when a run is repeated after
a restart; the message by what its buttons carry, whenever they are pressed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta

import discord
from sqlalchemy.exc import DBAPIError

from bot.approval_buttons import buttons_of
from bot.approval_store import Question, QuestionStore, new_token
from bot.approval_wording import closed, question
from bot.outside_journal import OutsideJournal
from bot.places import REST_FAILURES, Places, TextPlace
from bot.surface import why
from chat.clock import Clock
from chat.ids import MessageId
from tools.approval import ApprovalRequest, Decision
from tools.context import ToolContext
from tools.surface import SurfaceError

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0


class DiscordApprover:
    """Asks in the channel of the request. Not as a reply: the one reply to a request is its answer."""

    def __init__(self, places: Places, *, store: QuestionStore, journal: OutsideJournal, clock: Clock) -> None:
        self._places = places
        self.store = self._store = store
        self.journal = journal
        self._clock = clock
        self._decided: dict[str, asyncio.Event] = {}

    async def approve(self, request: ApprovalRequest, context: ToolContext) -> Decision:
        try:
            asked = await self._asked_before(request)
            if asked is not None and asked.decision is not None:
                return asked.decision
            asked = asked or await self._ask(request, context)
            if asked.message_id is None:
                await self._show(asked, request)
            return await self._wait(asked, context)
        except DBAPIError as error:
            logger.error("a question cannot be kept: %s", error.orig)  # noqa: TRY400
            raise SurfaceError("I cannot keep it, because my storage fails") from error

    def decided(self, token: str) -> None:
        """Somebody has pressed a button of this question."""
        if (waiting := self._decided.get(token)) is not None:
            waiting.set()

    async def run_ended(self, context: ToolContext) -> None:
        """What the run still asks is asked in vain."""
        await self._withdraw(self._store.open_of(context.root))

    async def withdraw_from(self, message_id: MessageId, *, but_not: str = "") -> None:
        """The message was deleted, or reads otherwise now: `but_not` is the version that holds."""
        await self._withdraw(self._store.open_from(message_id, but_not=but_not))

    async def run(self) -> None:
        """At the start and once an hour: questions whose time ran out with nobody waiting are closed, old ones
        forgotten. Ends by cancellation only."""
        while True:
            try:
                await self.tidy_up()
            except Exception:  # boundary: what could not be closed now is tried again
                logger.exception("old questions could not be closed yet")
            await asyncio.sleep(EVERY_SECONDS)

    async def tidy_up(self) -> None:
        for each in await self._store.overdue(self._clock()):
            if each.token not in self._decided:
                await self._close(each, Decision.EXPIRED)
                await self._store.remove(each.token)
        await self._store.forget_old(self._clock())

    async def _asked_before(self, request: ApprovalRequest) -> Question | None:
        """The question of an earlier attempt, if it asks the same and stands."""
        asked = await self._store.find(request.key)
        if asked is None:
            return None
        if asked.identity == request.identity and (asked.decision or self._left(asked) > 0):
            return asked
        await self._remove(asked)
        await self._store.remove(asked.token)
        return None

    async def _ask(self, request: ApprovalRequest, context: ToolContext) -> Question:
        asked = Question(
            key=request.key,
            token=new_token(),
            root=context.root,
            identity=request.identity,
            channel_id=context.channel.id,
            guild_id=context.channel.guild_id,
            asker_id=context.asker.id,
            expires_at=self._clock() + timedelta(seconds=request.seconds),
        )
        await self._store.add(asked)
        return asked

    async def _show(self, asked: Question, request: ApprovalRequest) -> None:
        """Once it has begun it is done, or a question would stand that nobody knows of; after a kill in the middle
        Discord takes the same message for the same token once.
        """
        showing = asyncio.create_task(self._send(asked, request), name="question")
        try:
            await asyncio.shield(showing)
        except asyncio.CancelledError:
            await asyncio.wait([showing])
            raise

    async def _send(self, asked: Question, request: ApprovalRequest) -> None:
        place = await self._place(asked)
        if place is None:
            await self._store.remove(asked.token)
            raise SurfaceError("the channel of the request is gone")
        worded = question(request, asked.asker_id, asked.expires_at)
        try:
            sent = await place.send(
                worded.content,
                view=buttons_of(asked.token),
                files=list(worded.files),
                nonce=asked.token,
                allowed_mentions=discord.AllowedMentions.none(),
                suppress_embeds=True,
            )
        except REST_FAILURES as error:
            await self._store.remove(asked.token)
            raise SurfaceError(why(error, "ask for a confirmation here")) from error
        await self._store.shown(asked.token, MessageId(sent.id))

    async def _wait(self, asked: Question, context: ToolContext) -> Decision:
        decided = self._decided[asked.token] = asyncio.Event()
        try:
            asked = await self._store.by_token(asked.token) or asked  # pressed before anybody waited
            if asked.decision is None:
                async with asyncio.timeout(max(0.0, self._left(asked))):
                    await decided.wait()
        except TimeoutError:
            logger.info("nobody decided about %s for message %s", asked.key, context.request.id)
        finally:
            del self._decided[asked.token]
        decision = await self._store.decide(asked.token, Decision.EXPIRED, self._expired(asked))
        if decision in {None, Decision.EXPIRED}:
            await self._close(asked, Decision.EXPIRED)
        return decision or Decision.EXPIRED

    def _expired(self, asked: Question) -> datetime:
        return max(asked.expires_at, self._clock())

    def _left(self, asked: Question) -> float:
        return (asked.expires_at - self._clock()).total_seconds()

    async def _place(self, asked: Question) -> TextPlace | discord.DMChannel | None:
        place = await self._places.find(asked.channel_id)
        return None if isinstance(place, discord.ForumChannel) else place

    async def _withdraw(self, found: Awaitable[Sequence[Question]]) -> None:
        try:
            for each in await found:
                await self._remove(each)
                await self._store.remove(each.token)
        except DBAPIError as error:
            logger.error("questions could not be withdrawn: %s", error.orig)  # noqa: TRY400

    async def _remove(self, asked: Question) -> None:
        message = await self._message(asked)
        try:
            if message is not None:
                await message.delete()
        except REST_FAILURES as error:
            logger.info("a withdrawn question still stands as message %s: %s", asked.message_id, error)

    async def _close(self, asked: Question, decision: Decision) -> None:
        message = await self._message(asked)
        try:
            if message is not None:
                standing = await message.fetch()
                await standing.edit(content=closed(standing.content, decision, ""), view=None)
        except REST_FAILURES as error:
            logger.info("a decided question still stands as message %s: %s", asked.message_id, error)

    async def _message(self, asked: Question) -> discord.PartialMessage | None:
        if asked.message_id is None:
            kept = await self._store.by_token(asked.token)
            if kept is None or kept.message_id is None:
                return None
            asked = kept
        place = await self._place(asked)
        return place.get_partial_message(asked.message_id or 0) if place else None
