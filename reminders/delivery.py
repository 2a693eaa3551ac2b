"""From a claimed reminder to its one outcome: said, to be tried again, or failed with the reason kept."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from chat.clock import Clock
from chat.ids import MessageId
from reminders.claims import Claims
from reminders.store import cause
from reminders.values import Reminder

logger = logging.getLogger(__name__)

RECORD_WAITS = (0.2, 1, 2, 5, 5, 10, 10, 30, 30, 60)  # seconds between tries to write down an outcome


class DeliveryFailed(Exception):  # noqa: N818, it is an outcome
    """The reminder was not said. `retry` tells whether a later try may do better."""

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


class Deliver(Protocol):
    """Says reminders where people see them. Both methods are cut off after `Pace.delivery_limit`."""

    async def deliver(self, reminder: Reminder, late_by: timedelta | None) -> MessageId:
        """Say it, once: sent with `reminder.nonce` enforced. `late_by` is None when it is on time.

        Raises DeliveryFailed.
        """
        ...

    async def already_said(self, reminder: Reminder) -> MessageId | None:
        """The message that an earlier try left, found by looking at the place itself; None when there is none.

        Asked before every try but the first. Raises DeliveryFailed when the place cannot be looked at.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How an alarm clock goes about it."""

    lease: timedelta = timedelta(seconds=30)
    """How long a claim outlives the process that made it; a living process renews it."""
    delivery_limit: timedelta = timedelta(seconds=60)
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


class Courier:
    """Carries one claimed reminder at a time to its outcome; side by side as often as it is called."""

    def __init__(self, claims: Claims, deliver: Deliver, clock: Clock, pace: Pace) -> None:
        self._claims = claims
        self._deliver = deliver
        self._clock = clock
        self._pace = pace

    async def carry(self, reminder: Reminder) -> None:
        """Never raises but when it is cancelled: then the reminder is still claimed."""
        try:
            async with asyncio.timeout(self._pace.delivery_limit.total_seconds()):
                message_id = await self._say(reminder)
        except DeliveryFailed as failed:
            await self._not_said(reminder, failed.reason, retry=failed.retry)
        except TimeoutError:
            await self._not_said(reminder, "it took too long", retry=True)
        except Exception:  # boundary: one bad delivery must not silence the others
            logger.exception("delivering reminder %s failed", reminder.id)
            await self._not_said(reminder, "an unexpected error", retry=True)
        else:
            await self._said(reminder, message_id)

    async def _say(self, reminder: Reminder) -> MessageId:
        if reminder.attempts > 1:
            earlier = await self._deliver.already_said(reminder)
            if earlier is not None:
                logger.info("reminder %s was said before, as message %s", reminder.id, earlier)
                return earlier
        late_by = self._clock() - reminder.due_at
        return await self._deliver.deliver(reminder, late_by if late_by > self._pace.late_after else None)

    async def _said(self, reminder: Reminder, message_id: MessageId) -> None:
        ours = await self._record(reminder, lambda: self._claims.delivered(reminder.id, message_id, self._clock()))
        if ours:
            logger.info("reminder %s delivered as message %s", reminder.id, message_id)

    async def _not_said(self, reminder: Reminder, reason: str, *, retry: bool) -> None:
        if not retry or reminder.attempts >= self._pace.tries:
            logger.warning("reminder %s failed for good: %s", reminder.id, reason)
            await self._record(reminder, lambda: self._claims.failed(reminder.id, reason, self._clock()))
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
