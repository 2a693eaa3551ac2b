"""From a claimed reminder to the one outcome of its turn: said, to be tried again, or failed with the reason kept."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from chat.clock import Clock
from chat.ids import MessageId
from reminders.claims import Claims
from reminders.occasions import Deliver, DeliveryFailed, Failed, Occasion, Ran, Refused, RunTask
from reminders.store import cause
from reminders.turns import caught_up, ends_with, too_late
from reminders.values import Kind, Reminder
from reminders.wording import duration

logger = logging.getLogger(__name__)

TELL_WAITS = (0.2, 1, 2, 5, 5, 10, 10)  # seconds between tries to tell why a task has failed
RECORD_WAITS = (0.2, 1, 2, 5, 5, 10, 10, 30, 30, 60)  # seconds between tries to write down an outcome


@dataclass(frozen=True, slots=True)
class Pace:
    """How an alarm clock goes about it."""

    lease: timedelta = timedelta(seconds=30)
    """How long a claim outlives the process that made it; a living process renews it."""
    delivery_limit: timedelta = timedelta(seconds=60)
    task_limit: timedelta = timedelta(minutes=15)
    """For carrying out a task."""
    at_once: int = 50
    """Deliveries side by side."""
    catch_up_per_second: float = 20
    """Overdue ones started per second, so that an absence does not end in a burst that Discord refuses."""
    late_after: timedelta = timedelta(seconds=5)
    """From when on a delivery is called late."""
    tries: int = 12
    first_wait: timedelta = timedelta(seconds=2)
    """Before the second try; each further wait is twice as long, up to `longest_wait`. Together about an hour."""
    longest_wait: timedelta = timedelta(minutes=15)
    sweep: timedelta = timedelta(seconds=10)
    """How often to look without being rung: bounds how long a changed clock or another process goes unnoticed."""
    grace: timedelta = timedelta(seconds=10)
    """How long running deliveries may take when the clock is stopped."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A turn that is over, for the time it was said for."""

    reminder: Reminder
    message_id: MessageId | None
    failure: str = ""
    unheard: bool = False


def _with_reason(occasion: Occasion, reason: str) -> Occasion:
    reminder = occasion.reminder
    last = ends_with(reminder, failed=True)
    if last and reminder.next_at is not None:
        reason = f"{reason} That was {reminder.failed_turns + 1} times in a row, so it will not come again."
    return replace(occasion, reason=reason, next_at=None if last else occasion.next_at)


class Courier:
    """Carries one claimed turn at a time to its outcome; side by side as often as it is called."""

    def __init__(self, claims: Claims, deliver: Deliver, run_task: RunTask | None, clock: Clock, pace: Pace) -> None:
        self._claims = claims
        self._deliver = deliver
        self._run_task = run_task
        self._clock = clock
        self._pace = pace

    async def carry(self, reminder: Reminder) -> None:
        """Never raises but when it is cancelled: then the reminder is still claimed."""
        limit = self._pace.delivery_limit + (self._pace.task_limit if reminder.kind is Kind.TASK else timedelta())
        try:
            async with asyncio.timeout(limit.total_seconds()):
                said = await self._keep(reminder)
        except DeliveryFailed as failed:
            await self._not_said(reminder, failed.reason, retry=failed.retry, unheard=failed.unheard)
        except TimeoutError:
            await self._not_said(reminder, "it took too long", retry=reminder.kind is Kind.TEXT)
        except SQLAlchemyError as error:
            await self._not_said(reminder, cause(error), retry=True)
        except Exception:  # boundary: one bad delivery must not silence the others
            logger.exception("delivering reminder %s failed", reminder.id)
            await self._not_said(reminder, "an unexpected error", retry=True)
        else:
            await self._settle(said)

    async def _keep(self, reminder: Reminder) -> _Kept:
        if reminder.attempts > 1:
            earlier = await self._deliver.already_said(reminder)
            if earlier is not None:
                logger.info("reminder %s was said before, as message %s", reminder.id, earlier)
                return _Kept(reminder, earlier)
        now = self._clock()
        current = caught_up(reminder, now)
        # Written down before it is said: after a crash nobody could tell which time it was said for.
        if current != reminder and not await self._claims.catch_up(current):
            raise DeliveryFailed("it is not ours any more", retry=True)
        late_by = now - current.due_at
        late = late_by if late_by > self._pace.late_after else None
        occasion = Occasion(current, late, current.next_at)
        if current.kind is Kind.TEXT and not too_late(current, now):
            return _Kept(current, await self._deliver.deliver(occasion))
        return await self._run(occasion, skip=too_late(current, now))

    async def _run(self, occasion: Occasion, *, skip: bool) -> _Kept:
        """Carry out a task; or tell its owner why not, as this turn's message."""
        reminder = occasion.reminder
        match await self._outcome(occasion, skip=skip):
            case Ran(message_id):
                return _Kept(reminder, message_id)
            case Refused(reason):  # nothing was done, so that it may be tried again as a whole
                told = _with_reason(occasion, reason)
                try:
                    return _Kept(reminder, await self._deliver.deliver(told), failure=told.reason)
                except DeliveryFailed as failed:
                    if not failed.unheard:
                        raise
                    return _Kept(reminder, None, failure=told.reason, unheard=True)
            case Failed(reason):
                told = _with_reason(occasion, reason)
                return await self._told(told)

    async def _told(self, occasion: Occasion) -> _Kept:
        """Say why a task has failed, with patience: put back, it would run again."""
        reminder, unheard = occasion.reminder, False
        for wait in TELL_WAITS:
            try:
                return _Kept(reminder, await self._deliver.deliver(occasion), failure=occasion.reason)
            except DeliveryFailed as failed:
                logger.warning("that task %s failed cannot be told: %s", occasion.key, failed.reason)
                unheard = failed.unheard
                if not failed.retry:
                    break
                await asyncio.sleep(wait)
        return _Kept(reminder, None, failure=occasion.reason, unheard=unheard)

    async def _outcome(self, occasion: Occasion, *, skip: bool) -> Ran | Refused | Failed:
        if skip:
            late = duration(occasion.late_by or timedelta())
            return Refused(f"It could not be done at its time, and {late} later is too late for it.")
        if self._run_task is None:
            return Refused("I cannot carry out tasks here.")
        limit = self._pace.task_limit
        try:
            async with asyncio.timeout(limit.total_seconds()):
                return await self._run_task(occasion)
        except TimeoutError:
            return Failed(f"It took longer than {duration(limit)} and was stopped.")
        except DeliveryFailed:
            raise
        except Exception:  # boundary: carried out again it might do twice what it did already
            logger.exception("task %s failed", occasion.key)
            return Failed("It ended with a fault of mine.")

    async def _settle(self, kept: _Kept) -> None:
        reminder = kept.reminder
        ours = await self._record(
            reminder,
            lambda: self._claims.settle(
                reminder,
                message_id=kept.message_id,
                failure=kept.failure,
                now=self._clock(),
                unheard=kept.unheard,
            ),
        )
        if ours:
            logger.info("turn %d of reminder %s is over with message %s", reminder.turn, reminder.id, kept.message_id)

    async def _not_said(self, reminder: Reminder, reason: str, *, retry: bool, unheard: bool = False) -> None:
        if not retry or reminder.attempts >= self._pace.tries:
            logger.warning("turn %d of reminder %s failed for good: %s", reminder.turn, reminder.id, reason)
            now = self._clock()
            over = caught_up(reminder, now)
            await self._record(
                reminder,
                lambda: self._claims.settle(over, message_id=None, failure=reason, now=now, unheard=unheard),
            )
            return
        wait = self.wait_after(reminder.attempts)
        logger.warning("reminder %s not delivered, next try in %s: %s", reminder.id, wait, reason)
        await self._record(reminder, lambda: self._claims.put_back(reminder.id, reason, self._clock() + wait))

    def wait_after(self, attempts: int) -> timedelta:
        doublings = min(attempts - 1, 30)  # an exponent without a bound overflows long before it matters
        return min(self._pace.first_wait * 2**doublings, self._pace.longest_wait)

    async def _record(self, reminder: Reminder, write: Callable[[], Awaitable[bool]]) -> bool:
        """Write the outcome down, through a busy database too; the lease is renewed meanwhile. True if it was ours."""
        for wait in RECORD_WAITS:
            try:
                ours = await write()
            except SQLAlchemyError as error:
                logger.warning("the outcome of reminder %s cannot be written yet: %s", reminder.id, cause(error))
                await asyncio.sleep(wait)
                continue
            if not ours:
                logger.info("reminder %s was cancelled, forgotten or taken over meanwhile", reminder.id)
            return ours
        logger.error(
            "the outcome of reminder %s could not be written; it will be looked for and said again", reminder.id
        )
        return False
