"""What the tests of the tools about reminders share."""

from zoneinfo import ZoneInfo

from pydantic import JsonValue

from reminders.service import Reminders
from tests.tools.calling import ask
from tests.tools.world import Town
from tools.native import NativeTools

BERLIN = ZoneInfo("Europe/Berlin")


async def daily(town: Town, promises: NativeTools, **changes: object) -> dict[str, JsonValue]:
    arguments = {"text": "stand-up", "recurrence": "0 9 * * *", **changes}
    return await ask(promises, town.ask(town.mia), "schedule_reminder", **arguments)


async def waiting(store: Reminders, town: Town) -> int:
    return len(await store.pending(town.mia.id))
