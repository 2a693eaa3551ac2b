"""What may be typed for a time, and what is refused with an example."""

from datetime import datetime

import pytest

from bot.commands.times import read_when
from reminders.values import ReminderError
from tools.whens import Asked

NOW = datetime(2026, 11, 27, 10, 30)  # noqa: DTZ001 - a Friday, on the wall


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("in 10 minutes", Asked(delay_seconds=600)),
        ("In 1 h 30 min", Asked(delay_seconds=5_400)),
        ("1h30m", Asked(delay_seconds=5_400)),
        ("in 10 minutes and 5 seconds", Asked(delay_seconds=605)),
        ("in an hour", Asked(delay_seconds=3_600)),
        ("2026-12-24 18:00", Asked(due_at="2026-12-24T18:00")),
        ("2026-12-24t18:00+01:00", Asked(due_at="2026-12-24T18:00+01:00")),
        ("tomorrow  9:00", Asked(due_at="2026-11-28T09:00")),
        ("today at 9pm", Asked(due_at="2026-11-27T21:00")),
        ("monday 9:00", Asked(due_at="2026-11-30T09:00")),
        ("on Friday at 11", Asked(due_at="2026-11-27T11:00")),
        ("friday 10:00", Asked(due_at="2026-12-04T10:00")),
        ("at 18:00", Asked(due_at="2026-11-27T18:00")),
        ("9am", Asked(due_at="2026-11-28T09:00")),
        ("tomorrow noon", Asked(due_at="2026-11-28T12:00")),
        ("every 2 hours", Asked(every_seconds=7_200)),
        ("every minute", Asked(every_seconds=60)),
        ("daily at 9", Asked(recurrence="0 9 * * *")),
        ("every weekday 8:30", Asked(recurrence="30 8 * * mon-fri")),
        ("every mon, wed and fri at 9", Asked(recurrence="0 9 * * mon,wed,fri")),
        ("every Mondays 9:00", Asked(recurrence="0 9 * * mon")),
        ("every month on the 15th 9:00", Asked(recurrence="0 9 15 * *")),
        ("0 9 * * mon-fri", Asked(recurrence="0 9 * * mon-fri")),
        ("FREQ=DAILY;BYHOUR=9", Asked(recurrence="FREQ=DAILY;BYHOUR=9")),
    ],
)
def test_a_time_is_read(written: str, asked: Asked) -> None:
    assert read_when(written, NOW) == asked


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "I cannot read “”"),
        ("soon", "I cannot read “soon” as a time. Write it like one of these: in 10 minutes"),
        ("9", "I cannot read “9”"),
        ("next monday 9:00", "I cannot read"),
        ("in 5 months", "I cannot read"),
        ("in 0 minutes", "I cannot read"),
        ("tomorrow", "At what time? Write it like “tomorrow 9:00”."),
        ("every monday", "At what time? Write it like “every monday 9:00”."),
        ("2026-12-24", "At what time?"),
        ("tomorrow 25:00", "25:00 is no time of day"),
        ("tomorrow 13pm", "13pm is no time of day"),
    ],
)
def test_what_is_unclear_is_refused(written: str, sentence: str) -> None:
    with pytest.raises(ReminderError) as refused:
        read_when(written, NOW)
    assert sentence in str(refused.value)
