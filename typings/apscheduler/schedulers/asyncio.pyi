# The part of APScheduler 3 that reminders/alarm.py uses; the package has no types of its own.
from collections.abc import Callable, Coroutine
from datetime import tzinfo

from apscheduler.triggers.date import DateTrigger

class AsyncIOScheduler:
    def __init__(self, *, timezone: tzinfo) -> None: ...
    def start(self, paused: bool = False) -> None: ...
    def shutdown(self, wait: bool = True) -> None: ...
    def remove_all_jobs(self) -> None: ...
    def add_job(
        self,
        func: Callable[[], Coroutine[None, None, None]],
        trigger: DateTrigger,
        *,
        id: str,  # noqa: A002
        replace_existing: bool,
        misfire_grace_time: int | None,
    ) -> object: ...
