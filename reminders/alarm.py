"""The alarm clock: rings when a reminder is due, claims it, and has it said. The only user of APScheduler.

The truth is in the database, so the scheduler holds a single alarm, for the moment the store says is next; it is set
anew after each look. That makes 100,000 waiting reminders as cheap as one, and leaves nothing to fall out of step.
APScheduler does not wait for running jobs when it is shut down, so its job only rings; deliveries are tasks of ours.
"""

import asyncio
import logging
import secrets
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy.exc import SQLAlchemyError

from chat.clock import Clock, utc_now
from reminders.claims import Claims
from reminders.delivery import Courier, Pace
from reminders.occasions import Deliver, RunTask
from reminders.retiming import retime
from reminders.store import ReminderStore, cause, closed_before
from reminders.values import Reminder
from storage.database import Database

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)  # closed reminders: long enough for a repeated request to find what it made
TIDY_EVERY = 86_400.0
STORAGE_PAUSE = 1.0
THROTTLE_PAUSE = 0.1
JUMP = timedelta(seconds=1)


class AlarmClock:
    """Keeps every promise in the database while `run` runs. Several may run on one database, in several processes.

    "Now" is what `clock` says; timers run on the event loop, and on the machine's wall clock inside APScheduler.
    Where these disagree the reminder waits for `clock`, looked at every `Pace.sweep`.
    """

    def __init__(
        self,
        *,
        database: Database,
        deliver: Deliver,
        clock: Clock,
        run_task: RunTask | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Without `run_task` every task is refused, which its owner is told."""
        self._clock = clock
        self._database = database
        self._pace = pace or Pace()
        self._claims = Claims(database, by=secrets.token_hex(8))
        self._store = ReminderStore(database)
        self._courier = Courier(self._claims, deliver, run_task, clock, self._pace)
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._rung = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._alarm_at: datetime | None = None
        self._last_look: tuple[datetime, float] | None = None
        self._allowed_late = self._pace.catch_up_per_second
        self._tidy_at = self._renewed_at = 0.0

    def notice(self, reminder: Reminder) -> None:
        """A reminder was just stored: look whether the alarm has to be set earlier."""
        if self._alarm_at is None or reminder.due_at < self._alarm_at:
            self._rung.set()

    async def run(self) -> None:
        """Ring until cancelled. Then running deliveries get `Pace.grace` to end; what is still open is given back, to
        be said at the next start. Cancelled a second time, it waits no longer.
        """
        self._scheduler.start()
        try:
            async with asyncio.TaskGroup() as deliveries:
                retiming = deliveries.create_task(self._retime(), name="retime")
                try:
                    while True:
                        self._rung.clear()
                        await self._rest(await self._look(deliveries))
                except asyncio.CancelledError:
                    retiming.cancel()
                    await self._drain()
                    raise
        finally:
            self._scheduler.shutdown(wait=False)
            await self._let_go()

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            pass

    async def _ring(self) -> None:
        self._rung.set()

    async def _look(self, deliveries: asyncio.TaskGroup) -> float:
        """Start saying what is due; answers after how many seconds to look again if nothing rings before."""
        try:
            return await self._look_into_store(deliveries)
        except SQLAlchemyError as error:
            logger.error("the reminders cannot be read or claimed, trying again: %s", cause(error))  # noqa: TRY400
            return STORAGE_PAUSE

    async def _look_into_store(self, deliveries: asyncio.TaskGroup) -> float:
        self._alarm_at = None  # so that whatever is noticed during this look causes another
        await self._mind_the_clock()
        pause = min(self._pace.sweep, self._pace.lease / 3).total_seconds()
        await self._renew(pause)
        if len(self._running) >= self._pace.at_once:
            return pause  # a delivery that ends rings
        next_at = await self._claims.next_wake(but_not=self._running)
        if next_at is None or next_at > self._clock():
            self._set_alarm(next_at)
            return pause
        return 0 if await self._claim(deliveries) else THROTTLE_PAUSE

    async def _renew(self, interval: float) -> None:
        ticks = asyncio.get_running_loop().time()
        if self._running and ticks - self._renewed_at >= interval:
            await self._claims.renew(self._running, self._clock() + self._pace.lease)
            self._renewed_at = ticks

    async def _claim(self, deliveries: asyncio.TaskGroup) -> int:
        now = self._clock()
        late_before = now - self._pace.late_after
        claimed = await self._claims.claim(
            now=now,
            until=now + self._pace.lease,
            late_before=late_before,
            fresh=self._pace.at_once - len(self._running),
            late=int(self._allowed_late),
            but_not=self._running,
        )
        for reminder in claimed:
            if reminder.due_at <= late_before:
                self._allowed_late = max(0.0, self._allowed_late - 1)
            self._running[reminder.id] = deliveries.create_task(self._say(reminder), name=f"reminder {reminder.id}")
        return len(claimed)

    async def _say(self, reminder: Reminder) -> None:
        try:
            await self._courier.carry(reminder)
        finally:
            del self._running[reminder.id]
            self._rung.set()

    async def _mind_the_clock(self) -> None:
        """Notice when the wall clock was moved, and let the allowance for overdue reminders grow with real time."""
        now, ticks = self._clock(), asyncio.get_running_loop().time()
        moved = None
        if self._last_look is not None:
            elapsed = ticks - self._last_look[1]
            moved = now - self._last_look[0] - timedelta(seconds=elapsed)
            rate = self._pace.catch_up_per_second
            self._allowed_late = min(max(rate, 1), self._allowed_late + elapsed * rate)
        if moved is not None and abs(moved) > JUMP:
            logger.warning("the clock was moved by %.1f s", moved.total_seconds())
        if moved is None or moved < -JUMP:
            await self._claims.rein_in(now, lease_end=now + self._pace.lease, last_try=now + self._pace.longest_wait)
        if ticks >= self._tidy_at:
            await self._store.delete(closed_before(now - KEPT))
            self._tidy_at = ticks + TIDY_EVERY
        self._last_look = now, ticks

    async def _retime(self) -> None:
        try:
            if changed := await retime(self._database):
                logger.warning("%d reminders come at another moment: the zone data have changed", changed)
                self._rung.set()
        except SQLAlchemyError as error:
            logger.warning("whether zone data have changed was not looked at: %s", cause(error))

    def _set_alarm(self, next_at: datetime | None) -> None:
        self._alarm_at = next_at
        if next_at is None:
            self._scheduler.remove_all_jobs()
            return
        wait = next_at - self._clock()  # read before the wall clock: the alarm must not ring too early
        self._scheduler.add_job(
            self._ring, DateTrigger(utc_now() + wait), id="next", replace_existing=True, misfire_grace_time=None
        )

    async def _drain(self) -> None:
        if self._running:
            logger.info("waiting for %d running reminders", len(self._running))
            await asyncio.wait(self._running.values(), timeout=self._pace.grace.total_seconds())

    async def _let_go(self) -> None:
        try:
            await self._claims.let_go(self._clock())
        except SQLAlchemyError as error:
            logger.warning("claimed reminders could not be given back, their leases must end: %s", cause(error))
