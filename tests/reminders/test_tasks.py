"""Tasks: carried out at their time; and when not, their owner is told why, once."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from chat.ids import MessageId
from reminders.occasions import Failed, Occasion, Ran, Refused, TaskOutcome
from reminders.schedule import Every
from reminders.turns import MOST_FAILED_TURNS
from reminders.values import TASK_GRACE, Kind, Status
from reminders.wording import announcement
from tests.reminders.parts import Channel, MovableClock, house, refused, unreachable

HOUR = timedelta(hours=1)


class Agent:
    """Answers with what it is given, in turn; then with messages of its own."""

    def __init__(self, outcomes: Sequence[TaskOutcome | Exception] = ()) -> None:
        self.ran: list[Occasion] = []
        self._outcomes = list(outcomes)

    async def __call__(self, occasion: Occasion) -> TaskOutcome:
        self.ran.append(occasion)
        outcome = self._outcomes.pop(0) if self._outcomes else Ran(MessageId(500 + len(self.ran)))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def test_a_task_is_carried_out_at_its_time_and_not_said(tmp_path: Path) -> None:
    channel, clock, agent = Channel(), MovableClock(), Agent()
    async with house(tmp_path, clock) as here, here.ringing(channel, run_task=agent):
        made = await here.plan("sum up #ops", Every(HOUR, clock()), kind=Kind.TASK)
        clock.moved += HOUR
        await here.in_turn(made, 2)
        clock.moved += HOUR
        now = await here.in_turn(made, 3)

    assert [occasion.key for occasion in agent.ran] == [f"{made.id}/1", f"{made.id}/2"]
    assert (now.delivered_message_id, channel.occasions) == (502, [])


async def test_a_task_that_is_older_than_its_grace_is_skipped_and_its_owner_told(tmp_path: Path) -> None:
    channel, clock, agent = Channel(), MovableClock(), Agent()
    async with house(tmp_path, clock) as here:
        late = await here.plan("post the news", clock() + HOUR, kind=Kind.TASK)
        soon = await here.plan("in time", clock() + HOUR + timedelta(minutes=5), kind=Kind.TASK)
        clock.moved = HOUR + TASK_GRACE + timedelta(minutes=1)
        async with here.ringing(channel, run_task=agent):
            skipped, done = await here.settled(late), await here.settled(soon)

    assert [occasion.reminder.text for occasion in agent.ran] == ["in time"]
    assert agent.ran[0].late_by is not None
    assert (skipped.status, done.status) == (Status.FAILED, Status.DELIVERED)
    assert "“post the news” was not done. It could not be done at its time, and 1 h" in announcement(
        channel.occasions[0]
    )


async def test_a_refusal_and_a_failure_are_told_and_the_series_goes_on(tmp_path: Path) -> None:
    reasons = [Refused("You may no longer write there."), Failed("The model gave no answer."), RuntimeError("a bug")]
    channel, clock, agent = Channel(), MovableClock(), Agent(reasons)
    async with house(tmp_path, clock) as here, here.ringing(channel, run_task=agent):
        made = await here.plan("x", Every(HOUR, clock()), kind=Kind.TASK)
        for turn in range(2, 6):
            clock.moved += HOUR
            await here.in_turn(made, turn)
        now = await here.now_of(made)

    told = [occasion.reason for occasion in channel.occasions]
    assert told == ["You may no longer write there.", "The model gave no answer.", "It ended with a fault of mine."]
    assert (len(agent.ran), now.failed_turns, now.failure) == (4, 0, "")


async def test_a_series_of_refusals_ends_with_a_word_about_it(tmp_path: Path) -> None:
    channel, clock = Channel(), MovableClock()
    async with house(tmp_path, clock) as here, here.ringing(channel):
        made = await here.plan("x", Every(HOUR, clock()), kind=Kind.TASK)
        for turn in range(2, MOST_FAILED_TURNS + 1):
            clock.moved += HOUR
            await here.in_turn(made, turn)
        clock.moved += HOUR
        ended = await here.settled(made)

    assert ended.status is Status.FAILED
    assert channel.occasions[0].reason == "I cannot carry out tasks here."
    assert channel.occasions[-1].reason.endswith("That was 5 times in a row, so it will not come again.")
    assert channel.occasions[-1].next_at is None


async def test_a_passing_trouble_is_tried_again(tmp_path: Path) -> None:
    channel, clock, agent = Channel(), MovableClock(), Agent([unreachable()])
    async with house(tmp_path, clock) as here, here.ringing(channel, run_task=agent):
        made = await here.plan("x", clock() + HOUR, kind=Kind.TASK)
        clock.moved += HOUR
        done = await here.settled(made)

    assert (done.status, len(agent.ran), channel.looked) == (Status.DELIVERED, 2, 1)


async def test_a_task_that_failed_is_not_run_again_because_that_could_not_be_told_at_once(tmp_path: Path) -> None:
    channel, clock, agent = Channel(), MovableClock(), Agent([Failed("The model gave no answer.")])
    channel.troubles = [unreachable()]
    async with house(tmp_path, clock) as here, here.ringing(channel, run_task=agent):
        made = await here.plan("x", clock() + HOUR, kind=Kind.TASK)
        clock.moved += HOUR
        done = await here.settled(made)

    assert (done.status, done.failure, len(agent.ran), channel.calls) == (
        Status.FAILED,
        "The model gave no answer.",
        1,
        2,
    )


async def test_a_failure_that_can_be_told_to_nobody_is_kept(tmp_path: Path) -> None:
    channel, clock, agent = Channel(), MovableClock(), Agent([Failed("The model gave no answer.")])
    channel.troubles = [refused()]
    async with house(tmp_path, clock) as here, here.ringing(channel, run_task=agent):
        made = await here.plan("x", clock() + HOUR, kind=Kind.TASK)
        clock.moved += HOUR
        done = await here.settled(made)

    assert (done.status, done.failure, done.delivered_message_id) == (Status.FAILED, "The model gave no answer.", None)


async def test_a_task_that_takes_too_long_is_stopped_and_not_run_again(tmp_path: Path) -> None:
    channel, clock, agent = Channel(), MovableClock(), Agent([TimeoutError()])
    async with house(tmp_path, clock) as here, here.ringing(channel, run_task=agent):
        made = await here.plan("x", clock() + HOUR, kind=Kind.TASK)
        clock.moved += HOUR
        done = await here.settled(made)

    assert (done.status, done.failure, len(agent.ran)) == (
        Status.FAILED,
        "It took longer than 15 min and was stopped.",
        1,
    )
