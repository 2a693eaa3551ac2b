"""The alarm clock with all that it rings for: reminders said and tasks done on Discord."""

from zoneinfo import ZoneInfo

from bot.delivery import DiscordDelivery
from bot.gateway import Gateway
from bot.links import Links
from bot.runs import Runs
from bot.surface import DiscordSurface
from bot.tasks import TaskRuns
from chat.clock import Clock
from reminders.alarm import AlarmClock
from storage.database import Database
from tools.permission import Permissions


def new_alarm(
    client: Gateway,
    *,
    database: Database,
    surface: DiscordSurface,
    permissions: Permissions,
    runs: Runs,
    links: Links,
    zone: ZoneInfo,
    clock: Clock,
) -> AlarmClock:
    """`zone`: of people who have set none."""
    places = client.places
    tasks = TaskRuns(client, places=places, permissions=permissions, runs=runs, links=links, zone=zone, clock=clock)
    delivery = DiscordDelivery(client, places=places, surface=surface, permissions=permissions)
    return AlarmClock(database=database, deliver=delivery, run_task=tasks.run, clock=clock)
