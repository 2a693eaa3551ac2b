"""A bot that may be killed at any moment: an alarm clock whose channel is a file that outlives it.

Run as a program it forks one such bot for each line it reads, and says its process id; the imports are paid once.
"""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from chat.clock import utc_now
from chat.ids import MessageId
from reminders.alarm import AlarmClock
from reminders.delivery import Pace
from reminders.occasions import Occasion
from reminders.values import Reminder
from storage.database import Database

PACE = Pace(lease=timedelta(seconds=0.3), sweep=timedelta(seconds=0.1), catch_up_per_second=500)


class FileChannel:
    """One line a message, kept by the kernel when the process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def deliver(self, occasion: Occasion) -> MessageId:
        await asyncio.sleep(0.02)  # the way to Discord
        with self._path.open("a") as file:
            file.write(f"{occasion.reminder.nonce} {occasion.reminder.due_at.isoformat()} {utc_now().isoformat()}\n")
        await asyncio.sleep(0.02)  # and back
        return MessageId(1)

    async def already_said(self, reminder: Reminder) -> MessageId | None:
        await asyncio.sleep(0.002)
        return MessageId(1) if reminder.nonce in self._path.read_text() else None


async def live(folder: Path) -> None:
    channel = FileChannel(folder / "channel.txt")
    async with Database(f"sqlite:///{folder}/digmbot.db") as database:
        await AlarmClock(database=database, deliver=channel, clock=utc_now, pace=PACE).run()


def main() -> None:
    folder = Path(sys.argv[1])
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(live(folder))
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    main()
