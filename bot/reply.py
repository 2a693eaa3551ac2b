"""The streamed answer to one mention: typing, a first look soon, edits at a polite pace, and the final text at once."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Self

from bot.outlet import Gone, Outlet, Refused, TextFile, Unreachable
from bot.pacing import Pace, Pacing, RealStopwatch, Stopwatch
from bot.shown import Note, ShownMessages
from bot.text.clean import clean
from bot.text.split import MAX_PARTS, Plan, pieces, plan
from chat.ids import MessageId

logger = logging.getLogger(__name__)

NO_ANSWER = "The model gave no answer. Please try again, or say it in other words."
CUT_NOTE = "*(The rest is left out: I may not attach files here.)*"
OVERFLOW_NAME = "answer.md"
WORTH_KEEPING = 200
"""A failed answer that has got this far stays, with what went wrong below it; a shorter one is replaced."""
WORTH_SHOWING = 20
"""Less text than this is not shown before the answer is done."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The text is on Discord, in these messages."""

    message_ids: tuple[MessageId, ...]


@dataclass(frozen=True, slots=True)
class NotShown:
    """The text is not, or not all, on Discord. `finish` may be called again: it goes on at the part that failed."""

    reason: str
    message_ids: tuple[MessageId, ...]
    """What is there all the same."""
    again: bool
    """Whether a later try may do better: Discord could not be reached, rather than refused."""


Outcome = Shown | NotShown


class StreamedReply:
    """Open it around the run, tell it what there is to see, and end it with exactly one of `finish` and `fail`.

    While it is open, one task of its own keeps the messages up to date with the newest text; what was superseded
    meanwhile is never sent. Closing without an end (the run was cancelled) leaves what is shown as it is:
    `withdraw` it, or hand `message_ids` to the next reply's `adopt`. `note` hears of every message at once.
    """

    def __init__(
        self,
        outlet: Outlet,
        *,
        mention_id: MessageId,
        note: Note,
        stream: bool = True,
        pacing: Pacing | None = None,
        stopwatch: Stopwatch | None = None,
    ) -> None:
        self._outlet = outlet
        self._messages = ShownMessages(outlet, mention_id, note=note)
        self._stream = stream
        self._pacing = pacing or Pacing()
        self._watch = stopwatch or RealStopwatch()
        self._started = self._watch.now()
        self._pace = Pace(self._pacing, self._started)
        self._text = self._status = ""
        self._first_text: float | None = None
        self._visible = ""
        self._unwanted = False  # somebody deleted the unfinished answer: they shall see only the finished one
        self._changed, self._closing = asyncio.Event(), False
        self._editor: asyncio.Task[None] | None = None
        self._typist: asyncio.Task[None] | None = None

    @property
    def message_ids(self) -> tuple[MessageId, ...]:
        return self._messages.ids

    def adopt(self, existing: Sequence[MessageId]) -> None:
        """Use the messages of an earlier attempt, in their order; those too many are deleted at the end."""
        self._messages.adopt(existing)

    async def __aenter__(self) -> Self:
        self._started = self._watch.now()
        self._pace = Pace(self._pacing, self._started)
        self._typist = asyncio.create_task(self._type(), name="typing")
        if self._stream:
            self._editor = asyncio.create_task(self._keep_up(), name="streamed reply")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        await _stopped(self._typist)
        await _stopped(self._editor)

    def show(self, text: str) -> None:
        """This is the whole text of the current step so far; it replaces the status and an earlier step's text."""
        self._text, self._status = text, ""
        if self._first_text is None and text.strip():
            self._first_text = self._watch.now()
        self._changed.set()

    def status(self, line: str) -> None:
        """Something else than text is going on ("🔎 searching memory…"): shown when the run is slow already."""
        self._text, self._status, self._first_text = "", line, None
        self._changed.set()

    async def finish(self, text: str) -> Outcome:
        """The answer is done: show all of it now, and nothing else."""
        return await self._end(clean(text) or NO_ANSWER)

    async def fail(self, sentence: str) -> Outcome:
        """The run failed: say so below a long partial answer, or instead of a short one."""
        partial = clean(self._text)
        return await self._end(f"{partial}\n\n{sentence}" if len(partial) >= WORTH_KEEPING else sentence)

    async def withdraw(self) -> bool:
        """Remove what was shown, because the mention is gone. False when Discord left something standing."""
        await self._quiet()
        try:
            await self._messages.trim(0)
        except (Refused, Unreachable) as error:
            logger.warning("could not withdraw messages %s: %s", self._messages.ids, error)
            return False
        return True

    async def _end(self, text: str) -> Outcome:
        await self._quiet()
        planned = plan(text)
        for pause in (*self._pacing.retries, None):
            try:
                return await self._settle(planned)
            except Gone:
                return NotShown("the answer was deleted again and again", self._messages.ids, again=False)
            except Refused as error:
                if planned.overflow_text is None:
                    return NotShown(str(error), self._messages.ids, again=False)
                planned = Plan(plan(text, note=CUT_NOTE).parts)  # the file may be all that is refused
            except Unreachable as error:
                if pause is None:
                    return NotShown(str(error), self._messages.ids, again=True)
                await self._watch.wait(asyncio.Event(), pause)
        return NotShown("Discord refused the answer", self._messages.ids, again=False)

    async def _settle(self, planned: Plan) -> Shown:
        rest = planned.overflow_text
        await self._messages.show(planned.parts, file=TextFile(OVERFLOW_NAME, rest) if rest else None)
        with contextlib.suppress(Refused):  # the answer is there; an old message too many is the lesser evil
            await self._messages.trim(len(planned.parts))
        return Shown(self._messages.ids)

    async def _quiet(self) -> None:
        """Stop typing and previews. A preview that is under way is waited for: cancelled, it might land last."""
        self._close()
        await _stopped(self._typist)
        if self._editor:
            await asyncio.wait([self._editor])

    def _close(self) -> None:
        self._closing = True
        self._changed.set()

    async def _type(self) -> None:
        try:
            async with self._outlet.typing():
                await asyncio.get_running_loop().create_future()
        except (Gone, Refused, Unreachable) as error:
            logger.debug("no typing: %s", error)

    async def _keep_up(self) -> None:
        while not self._closing:
            due = self._due()
            now = self._watch.now()
            if due is not None and due <= now:
                await self._preview()
                continue
            self._changed.clear()
            await self._watch.wait(self._changed, None if due is None else due - now)

    def _due(self) -> float | None:
        """When what there is to see should be shown; None while there is nothing new."""
        wanted = self._wanted()
        if self._unwanted or not wanted or wanted == self._visible:
            return None
        if self._visible:
            return self._pace.next
        if self._first_text is not None and len(wanted) >= WORTH_SHOWING:
            return max(self._first_text + self._pacing.first_text, self._pace.next)
        return max(self._started + self._pacing.slow, self._pace.next)

    def _wanted(self) -> str:
        return clean(self._text) or self._status

    async def _preview(self) -> None:
        wanted = self._wanted()
        parts = [piece.text for piece in islice(pieces(wanted), MAX_PARTS)]
        calls, started, well = self._messages.differing(parts), self._watch.now(), True
        try:
            await self._messages.show(parts, replace=False)
        except Gone:
            self._unwanted = True
        except (Refused, Unreachable) as error:
            well = False
            logger.debug("a preview was not shown: %s", error)
        else:
            self._visible = wanted
        self._pace.called(started, self._watch.now(), calls=calls, well=well)


async def _stopped(task: asyncio.Task[None] | None) -> None:
    if task is None:
        return
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and task.exception():
        logger.error("the %s task failed", task.get_name(), exc_info=task.exception())
