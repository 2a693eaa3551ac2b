"""The promise of the ledger: whenever the bot is killed, each mention has exactly one answer in the end.

`DIGMBOT_KILLS=30 DIGMBOT_MENTIONS=200` is the full size.
"""

import asyncio
import contextlib
import os
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.life.child import Child, spawn
from tests.life.house import BOT, House, house
from tests.life.model import Say
from tests.life.world import MANY

KILLS = int(os.environ.get("DIGMBOT_KILLS", "6"))
MENTIONS = int(os.environ.get("DIGMBOT_MENTIONS", "40"))
SETTLED = 20.0 + 0.5 * MENTIONS  # after the last restart
ROOMS = [f"room-{number}" for number in range(MANY)]


def answer_text(words: str) -> str:
    """Some are short, some stream for a while, some take more than one message."""
    number = int(words.rpartition(" ")[2])
    return " ".join(f"{number}-{count}" for count in range((3, 60, 450)[number % 3])) + f" {number}-end."


class Talker:
    """A model that answers each request with a text of its own, in pieces."""

    def __init__(self, home: House) -> None:
        self._home = home

    def prepare(self, words: str) -> None:
        text = answer_text(words)
        size = max(1, len(text) // 12)
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        self._home.model.on(f"{words}.", Say(pieces, pause=0.08))


async def ask_all(home: House, chance: random.Random, pace: float, asked: dict[int, str]) -> None:
    talker = Talker(home)
    for number in range(MENTIONS):
        words = f"question {number}"
        talker.prepare(words)
        asked[await home.mention(chance.choice(("ada", "bob", "mia")), chance.choice(ROOMS), f"{words}.")] = words
        await moment(chance.uniform(0, 2 * pace))


async def moment(seconds: float) -> None:
    """Let the world go on, not a wait for anything in it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()


async def live_and_die(home: House, chance: random.Random) -> Child:
    """A life that ends at any moment: while it starts, while it catches up, in the middle of answers."""
    child = await spawn(home)
    if chance.random() < 0.2:
        await moment(chance.uniform(0.5, 2.5))
    else:
        await child.line("ready as")
        await moment(chance.uniform(0, 2.0))
    await child.kill()
    return child


@pytest.fixture
async def survivors(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


@pytest.mark.timeout(60 + 12 * KILLS + 3 * MENTIONS)
async def test_each_mention_has_exactly_one_answer_however_often_the_bot_is_killed(survivors: House) -> None:
    home, chance = survivors, random.Random(KILLS * 1000 + MENTIONS)
    asked: dict[int, str] = {}
    asking = asyncio.create_task(ask_all(home, chance, KILLS * 3.0 / MENTIONS, asked))
    lives = [await live_and_die(home, chance) for _ in range(KILLS)]
    await asking
    child = await spawn(home)
    await child.line("ready as")
    await all_answered(home, asked, child)

    child.terminate()
    assert await child.ended() == 0, "".join(child.lines)
    wrong = {words: found for message_id, words in asked.items() if (found := fault(home, message_id, words))}
    assert wrong == {}, report(home, wrong, [*lives, child])
    assert strangers(home) == []


async def all_answered(home: House, asked: dict[int, str], child: Child) -> None:
    reading = asyncio.create_task(child.line("this line never comes"))
    try:
        async with asyncio.timeout(SETTLED):
            while any(fault(home, message_id, words) for message_id, words in asked.items()):
                await moment(0.1)
    except TimeoutError:
        pass  # told below, one by one
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def fault(home: House, message_id: int, words: str) -> str | None:
    """What is wrong with the answer to this mention: there must be one reply, and all words once and in order."""
    channel, number = home.box.state.contents.messages[message_id].channel_id, words.rpartition(" ")[2]
    answers, wanted = home.answers(message_id), answer_text(words).split()
    said = [word for text in home.texts(channel) for word in text.split() if word.startswith(f"{number}-")]
    if len(answers) != 1:
        return f"{len(answers)} answers: {[each.content[:40] for each in answers]}"
    if said != wanted:
        return f"{len(said)} words instead of {len(wanted)} in {answers[0].content[:80]!r}"
    return None


def strangers(home: House) -> list[str]:
    """What the bot has said that is part of no answer."""
    return [message.content for message in home.said() if not re.match(r"\d+-", message.content)]


def report(home: House, wrong: dict[str, str], lives: list[Child]) -> str:
    sends = sum(1 for each in home.box.log if each.who == BOT and each.method == "POST")
    errors = [line for child in lives for line in "".join(child.lines).splitlines() if '"level": "error"' in line]
    return "\n".join([f"{sends} posts", *(f"{words}: {found}" for words, found in wrong.items()), *errors[:5]])
