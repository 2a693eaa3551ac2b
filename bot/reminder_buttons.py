"""The buttons below a reminder that was said: done, later, no more. They work after any restart, for its owner alone.

A button's custom id holds all there is to know of what it stands under, so that nothing has to be kept for it here.
"""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import discord

from bot.commands.tree import BROKEN, whisper
from bot.components import OURS
from bot.places import REST_FAILURES
from chat.clock import Clock
from chat.ids import UserId
from reminders.occasions import Occasion
from reminders.service import Reminders
from reminders.values import Kind, Reminder, ReminderError, Status
from reminders.wall import to_utc, to_wall
from reminders.wording import full_time, relative_time, with_note

logger = logging.getLogger(__name__)

Interaction = discord.Interaction
Button = discord.ui.Button[discord.ui.View]

TEMPLATE = re.compile(
    rf"{OURS}reminder:(?P<answer>\w+):(?P<id>[a-z0-9-]+):(?P<turn>\d+):(?P<due>\d+):(?P<owner>\d+)", re.ASCII
)
UNKNOWN = "I do not know this reminder any more: it was deleted."


class Answer(StrEnum):
    """What its owner can say to a reminder."""

    DONE = "done"
    TEN_MINUTES = "10min"
    HOUR = "1h"
    TOMORROW = "tomorrow"
    NO_MORE = "nomore"


LABELS = {
    Answer.DONE: "Done",
    Answer.TEN_MINUTES: "Snooze 10 min",
    Answer.HOUR: "1 h",
    Answer.TOMORROW: "Tomorrow",
    Answer.NO_MORE: "Cancel series",
}
STYLES = {Answer.DONE: discord.ButtonStyle.success, Answer.NO_MORE: discord.ButtonStyle.danger}


@dataclass(frozen=True, slots=True)
class Press:
    """A press, read from its custom id."""

    answer: Answer
    reminder_id: str
    turn: int
    due_at: datetime
    owner: UserId


def buttons_for(occasion: Occasion) -> discord.ui.View | None:
    """What stands below this turn; None for a task that comes once. The view is never listened to."""
    reminder = occasion.reminder
    answers: list[Answer] = []
    if reminder.kind is Kind.TEXT:
        answers += [Answer.DONE, Answer.TEN_MINUTES, Answer.HOUR, Answer.TOMORROW]
    if occasion.next_at is not None:
        answers.append(Answer.NO_MORE)
    if not answers:
        return None
    view = discord.ui.View(timeout=None)
    for answer in answers:
        style = STYLES.get(answer, discord.ButtonStyle.secondary)
        view.add_item(discord.ui.Button(label=LABELS[answer], style=style, custom_id=_custom_id(answer, reminder)))
    view.stop()  # else discord.py would keep it for each message; a press is known by its custom id
    return view


class ReminderAnswers:
    """Carries out what is pressed, with the rights looked at then."""

    def __init__(self, *, reminders: Reminders, zone: ZoneInfo, clock: Clock) -> None:
        """`zone`: of people who have set none."""
        self._reminders = reminders
        self._zone = zone
        self._clock = clock

    async def pressed(self, interaction: Interaction, press: Press) -> None:
        if interaction.user.id != press.owner:
            await whisper(interaction, f"These buttons are for <@{press.owner}> alone.")
            return
        try:
            await interaction.response.defer()
            note = await self._carry_out(press)
        except ReminderError as error:
            await whisper(interaction, str(error))
        except REST_FAILURES as error:
            logger.info("a press at reminder %s came to nothing: %s", press.reminder_id, error)
        except Exception:  # boundary: discord.py would only log it
            logger.exception("a press at reminder %s failed", press.reminder_id)
            await whisper(interaction, BROKEN)
        else:
            await (_show(interaction, press, note) if note else whisper(interaction, UNKNOWN))

    async def _carry_out(self, press: Press) -> str | None:
        """What became of it, for the small print; None where there is no such reminder any more."""
        match press.answer:
            case Answer.DONE:
                done = await self._reminders.done(press.reminder_id, press.owner, turn=press.turn)
                return done and f"✅ done{_next(done)}"
            case Answer.NO_MORE:
                return await self._cancel(press)
            case Answer.TEN_MINUTES | Answer.HOUR | Answer.TOMORROW:
                until = await self._until(press)
                again = await self._reminders.snooze(press.reminder_id, press.owner, until, turn=press.turn)
                return again and f"💤 snoozed until {_time(again.due_at)}"

    async def _cancel(self, press: Press) -> str | None:
        closed = await self._reminders.cancel(press.reminder_id, press.owner)
        match closed:
            case None:
                return None
            case Reminder(status=Status.CANCELLED):
                still = "; it was being said just now and may still appear" if closed.may_still_appear else ""
                return f"🚫 series cancelled{still}"
            case _:
                return "🏁 this was the last one already"

    async def _until(self, press: Press) -> datetime:
        now = self._clock()
        match press.answer:
            case Answer.TEN_MINUTES:
                return now + timedelta(minutes=10)
            case Answer.HOUR:
                return now + timedelta(hours=1)
            case _:
                zone = await self._reminders.zone_of(press.owner) or self._zone
                day = to_wall(now, zone).date() + timedelta(days=1)
                return to_utc(datetime.combine(day, to_wall(press.due_at, zone).time()), zone)


def reminder_button(answers: ReminderAnswers) -> type[discord.ui.DynamicItem[Button]]:
    """For `Client.add_dynamic_items`: discord.py makes one of it for each press."""

    class ReminderButton(discord.ui.DynamicItem[Button], template=TEMPLATE):
        def __init__(self, button: Button, press: Press) -> None:
            super().__init__(button)
            self._press = press

        @classmethod
        async def from_custom_id(
            cls, _: Interaction, item: discord.ui.Item[discord.ui.View], match: re.Match[str], /
        ) -> "ReminderButton":
            if not isinstance(item, discord.ui.Button):
                raise TypeError("what was pressed is no button")
            return cls(item, _read(match))

        async def callback(self, interaction: Interaction) -> None:
            await answers.pressed(interaction, self._press)

    return ReminderButton


def _custom_id(answer: Answer, reminder: Reminder) -> str:
    due = int(reminder.due_at.timestamp())
    return f"{OURS}reminder:{answer.value}:{reminder.id}:{reminder.turn}:{due}:{reminder.owner.id}"


def _read(match: re.Match[str]) -> Press:
    due = datetime.fromtimestamp(int(match["due"]), UTC)
    return Press(Answer(match["answer"]), match["id"], int(match["turn"]), due, UserId(int(match["owner"])))


async def _show(interaction: Interaction, press: Press, note: str) -> None:
    """The message without its buttons; where that is gone, privately."""
    message = interaction.message
    owner = discord.AllowedMentions(users=[discord.Object(press.owner)], everyone=False, roles=False)
    if message is None or not message.components:  # pressed twice before it was changed
        await whisper(interaction, note)
        return
    try:
        content = with_note(message.content, note)
        await interaction.edit_original_response(content=content, view=None, allowed_mentions=owner)
    except REST_FAILURES as error:
        logger.info("message with reminder %s could not be changed: %s", press.reminder_id, error)
        await whisper(interaction, note)


def _next(reminder: Reminder) -> str:
    return f" · next {_time(reminder.due_at)}" if reminder.status.is_open else ""


def _time(moment: datetime) -> str:
    return f"{full_time(moment)} ({relative_time(moment)})"
