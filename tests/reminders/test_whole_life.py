"""The whole service over its store and its alarm clock, through random lives, against a model that knows no code of it.

Whatever the schedule, the absences, the crashes and the jumps of the clock: each turn is said once, or covered by one
catch-up for the newest of those missed.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reminders.plans import When
from reminders.schedule import Cron, Every, Once, Rule
from reminders.tables import metadata
from reminders.turns import MOST_FAILED_TURNS
from reminders.values import TASK_GRACE, Kind
from reminders.wall import to_wall
from storage.database import Database
from tests.reminders.calendar_model import MINUTE, Matches, cron_matches, first_after, utc
from tests.reminders.life import PACE, FakeClock, Life, Step
from tests.reminders.test_schedule import field

DAYS = 5
STARTS = [utc(2026, 3, 28, 6), utc(2026, 10, 24, 6), utc(2026, 10, 31, 12), utc(2026, 6, 1)]
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
BACK = timedelta(hours=1)
HOURS = st.sampled_from([1, 2, 2, 3]) | st.integers(0, 23)  # the nights are what is delicate


class Wish:
    """A schedule, and the model's view of it."""

    kind = Kind.TEXT

    def __init__(self, when: When, times: Sequence[datetime], *, recurs: bool) -> None:
        self.when = when
        self.times = times
        self.recurs = recurs

    def __repr__(self) -> str:
        return f"{self.kind} {self.when!r}"


def times_of(matches: Matches, zone: str, start: datetime) -> list[datetime]:
    found: list[datetime] = []
    end, at = start + timedelta(days=DAYS), start
    while at < end:
        following = first_after(matches, ZoneInfo(zone), at, round((end - at) / MINUTE))
        if following is None:
            break
        found.append(following)
        at = following
    return found


@st.composite
def wishes(draw: st.DrawFn, start: datetime) -> Wish:
    zone = draw(st.sampled_from(ZONES))
    local = to_wall(start, ZoneInfo(zone))
    match draw(st.sampled_from(["once", "wall", "every", "cron", "rule"])):
        case "once":
            due = start + draw(st.timedeltas(MINUTE, timedelta(days=2)))
            return Wish(due, [due], recurs=False)
        case "wall":
            wall = (local + draw(st.timedeltas(timedelta(hours=2), timedelta(days=2)))).replace(second=0, microsecond=0)
            return Wish(Once(wall, zone), times_of(lambda shown: shown == wall, zone, start), recurs=False)
        case "every":
            every = timedelta(minutes=draw(st.integers(7, 2000)))
            count = round(timedelta(days=DAYS) / every)
            return Wish(Every(every, start), [start + n * every for n in range(1, count + 2)], recurs=True)
        case "cron":
            hours = draw(st.sets(HOURS, min_size=1, max_size=4))
            minutes = draw(st.sets(st.sampled_from([0, 15, 30]), min_size=1, max_size=2))
            matches = cron_matches(minutes, hours, set(), set())
            return Wish(
                Cron(f"{field(minutes)} {field(hours)} * * *", zone), times_of(matches, zone, start), recurs=True
            )
        case _:
            every_days, hour = draw(st.integers(1, 3)), draw(HOURS)
            since = (local - timedelta(days=draw(st.integers(0, 99)))).replace(hour=hour, minute=30)

            def on_its_days(wall: datetime) -> bool:
                on_day = (wall.date() - since.date()).days % every_days == 0
                return on_day and wall.time() == since.time()

            when = Rule(f"FREQ=DAILY;INTERVAL={every_days}", since, zone)
            return Wish(when, times_of(on_its_days, zone, start), recurs=True)


HOPS = [timedelta(seconds=3), timedelta(minutes=20), timedelta(hours=3), timedelta(hours=9), timedelta(hours=20)]
ahead = st.sampled_from(HOPS) | st.timedeltas(timedelta(seconds=1), timedelta(hours=20))
crashes = ahead.map(lambda moved: Step(moved, running=True, crashing=True))
steps = st.builds(Step, ahead | st.just(-BACK), st.booleans()) | crashes


@given(
    st.sampled_from(STARTS).flatmap(
        lambda at: st.tuples(st.just(at), st.lists(wishes_of_both_kinds(at), min_size=2, max_size=5))
    ),
    st.lists(steps, min_size=3, max_size=9),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_each_turn_is_said_once_or_covered_by_one_catch_up(
    asked: tuple[datetime, list[Wish]], life: list[Step]
) -> None:
    start, wanted = asked
    said = asyncio.run(_live(start, wanted, life))
    assert said == [_model(start, wish, life) for wish in wanted]


@st.composite
def wishes_of_both_kinds(draw: st.DrawFn, start: datetime) -> Wish:
    wish = draw(wishes(start))
    wish.kind = draw(st.sampled_from(Kind))
    return wish


Said = list[tuple[datetime, datetime, str]]


def _model(start: datetime, wish: Wish, life: Sequence[Step]) -> Said:
    """For which time it is said, when, and how."""
    now, said, failed = start, Said(), 0
    for step in [*life, _last(life)]:
        now += step.moved
        last = said[-1][0] if said else start
        due = [at for at in wish.times if last < at <= now]
        if step.running and due and (wish.recurs or not said) and failed < MOST_FAILED_TURNS:
            how = _how(wish, now - due[-1])
            said.append((due[-1], now, how))
            # Whoever finds the message after a crash sees that the turn is over, and not that it was no good one.
            failed = failed + 1 if how == "skipped" and not step.crashing else 0
    return said


def _how(wish: Wish, late: timedelta) -> str:
    match wish.kind:
        case Kind.TEXT:
            return "late" if late > PACE.late_after else "said"
        case Kind.TASK:
            return "skipped" if late > TASK_GRACE else "ran"


def _last(life: Sequence[Step]) -> Step:
    """The bot comes back once more, after the hour that its clock may have been set back."""
    return Step(BACK * sum(step.moved < timedelta() for step in life) + MINUTE, running=True)


async def _live(start: datetime, wanted: Sequence[Wish], steps: Sequence[Step]) -> list[Said]:
    clock = FakeClock(start)
    with tempfile.TemporaryDirectory() as folder:
        async with Database(f"sqlite:///{folder}/digmbot.db") as database:
            await database.write(metadata.create_all)
            life = Life(database, clock)
            for number, wish in enumerate(wanted):
                await life.here.plan(f"wish {number}", wish.when, kind=wish.kind)
            for step in [*steps, _last(steps)]:
                await life.go(step)
            await life.stop()
    found = [Said() for _ in wanted]
    for text, nonce in life.heard.order:
        found[int(text.split()[1])].append(life.heard.said[nonce])
    return found
