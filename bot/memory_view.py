"""Remembered messages as one person reads them who alone sees the list."""

from collections.abc import Iterable, Sequence

import discord

from chat.messages import Message
from tools.quoting import aside

MAX_ANSWER = 1900


def told_hits(messages: Sequence[Message]) -> str:
    """A line for each, with its time, author and link; as many as one Discord message holds."""
    return fitting(
        f"- {discord.utils.format_dt(message.created_at, 'd')} "
        f"{discord.utils.escape_markdown(aside(message))} {message.link}"
        for message in messages
    )


def fitting(lines: Iterable[str]) -> str:
    """As many whole lines as one message holds."""
    told = ""
    for line in lines:
        if len(told) + len(line) > MAX_ANSWER:
            break
        told += f"{line}\n"
    return told.strip()
