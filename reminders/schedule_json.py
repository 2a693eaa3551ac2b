"""Recurring schedules as the text that the database keeps, and back."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from reminders.schedule import Cron, Every, Recurring, Rule

Fields = Mapping[str, str | float | None]


def to_json(schedule: Recurring) -> str:
    return json.dumps({name: value for name, value in _fields(schedule).items() if value is not None})


def from_json(text: str) -> Recurring:
    found: dict[str, str] = json.loads(text)
    until = datetime.fromisoformat(found["until"]) if "until" in found else None
    count = int(found["count"]) if "count" in found else None
    match found["kind"]:
        case "every":
            interval = timedelta(seconds=float(found["seconds"]))
            return Every(interval, datetime.fromisoformat(found["start"]), until, count)
        case "cron":
            return Cron(found["expression"], found["zone"], until, count)
        case "rule":
            return Rule(found["rule"], datetime.fromisoformat(found["start"]), found["zone"], until, count)
        case kind:
            raise ValueError(f"the database has a schedule of the unknown kind {kind!r}")


def _fields(schedule: Recurring) -> Fields:
    match schedule:
        case Every(interval=interval, start=start, until=until, count=count):
            begun, seconds = start.isoformat(), interval.total_seconds()
            return {"kind": "every", "seconds": seconds, "start": begun, "until": _iso(until), "count": count}
        case Cron(expression=expression, zone=zone, until=until, count=count):
            return {"kind": "cron", "expression": expression, "zone": zone, "until": _iso(until), "count": count}
        case Rule(rule=rule, start=start, zone=zone, until=until, count=count):
            begun = start.isoformat()
            return {
                "kind": "rule",
                "rule": rule,
                "start": begun,
                "zone": zone,
                "until": _iso(until),
                "count": count,
            }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
