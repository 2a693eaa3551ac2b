"""The tool about tasks: have the agent do something later."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from reminders.values import TASK_GRACE, Kind
from tools.calls import Effect, Wording
from tools.context import ToolContext
from tools.native import tool
from tools.permission import Permissions
from tools.promises import Promises, promise
from tools.reminder_views import ReminderView
from tools.whens import Asked, Count, Delay, DueAt, Interval, Recurrence, Until, Zone

MAX_GRACE_SECONDS = 7 * 86_400


class TaskTools:
    """What the agent can promise to do."""

    def __init__(self, *, reminders: Promises, permissions: Permissions) -> None:
        self._reminders = reminders
        self._permissions = permissions

    @tool(title="Schedule a task", effect=Effect.WRITE, wording=Wording(text="instruction"))
    async def schedule_task(
        self,
        *,
        instruction: Annotated[str, Field(description="What you are to do then, complete in itself.", min_length=1)],
        delay_seconds: Delay = None,
        due_at: DueAt = None,
        every_seconds: Interval = None,
        recurrence: Recurrence = None,
        zone: Zone = None,
        until: Until = None,
        count: Count = None,
        grace_seconds: Annotated[
            int,
            Field(
                description="How late it is still done if I was offline at its time; later than that it is skipped.",
                ge=0,
                le=MAX_GRACE_SECONDS,
            ),
        ] = int(TASK_GRACE.total_seconds()),
        context: ToolContext,
    ) -> ReminderView:
        """Do something later in this channel, once or again and again, with the rights the person has then. For words
        that are only to be said later, use schedule_reminder."""
        asked = Asked(delay_seconds, due_at, every_seconds, recurrence, zone, until, count)
        return await promise(
            self._reminders,
            self._permissions,
            context,
            text=instruction,
            asked=asked,
            kind=Kind.TASK,
            grace=timedelta(seconds=grace_seconds),
        )
