"""From what was asked for to what is stored: the first time, what recurs, whose wall time it is. Pure."""

from dataclasses import dataclass
from datetime import datetime

from reminders.checks import checked_time, first_time
from reminders.schedule import Cron, Every, Once, Recurring, Rule, Schedule, limited, zone_name
from reminders.values import Limits

When = datetime | Schedule
"""A moment, or a schedule."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked `When`."""

    first: datetime
    recurring: Recurring | None
    zone: str | None


def plan(when: When, *, now: datetime, limits: Limits) -> Plan:
    """Raises ReminderError. May take seconds over a rule that never comes: not for the event loop, but for a moment."""
    match when:
        case datetime():
            return Plan(checked_time(when, now=now, limits=limits), None, None)
        case Once(zone=zone):
            return Plan(first_time(when, now=now, limits=limits), None, zone)
        case Every() | Cron() | Rule():
            first = first_time(when, now=now, limits=limits)
            kept = when if when.count is None else limited(when, when.count, now)
            return Plan(first, kept, zone_name(when))
