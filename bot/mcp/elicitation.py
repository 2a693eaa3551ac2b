"""Questions of outside servers to whoever asked for the call: `mcp_servers.outside.people.Elicitor` on Discord."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from urllib.parse import urlsplit

import discord

from bot.mcp.fields import CannotAskError, read_fields
from bot.mcp.forms import Question, QuestionView
from bot.mcp.quoting import inert, quoted, short
from bot.places import REST_FAILURES, Places
from mcp_servers.outside.people import Action, Answered, Elicitation
from tools.context import ToolContext

logger = logging.getLogger(__name__)

CANCELLED = Answered(Action.CANCEL, {})
WARNING = "-# The question is the server's, not mine. Never type passwords, keys or card numbers here."
OPEN_WARNING = "-# I have not looked at that page. Check where it leads before you type anything there."
ENDS = {
    Action.ACCEPT: "✅ answered",
    Action.DECLINE: "🚫 declined",
    Action.CANCEL: "⌛ not answered",
}
LONGEST_URL = 512  # what Discord takes behind a button


class DiscordElicitor:
    """Asks in the channel of the request. Everybody there may see the question, only the asker may answer it."""

    def __init__(self, places: Places) -> None:
        self._places = places

    async def elicit(self, question: Elicitation, context: ToolContext) -> Answered:
        try:
            fields = read_fields(question.schema) if question.url is None else ()
        except CannotAskError as error:
            logger.warning("a question of %s cannot be asked: %s", question.server, error)
            return Answered(Action.DECLINE, {})
        if question.url is not None and not _is_showable(question.url):
            logger.warning("a question of %s leads to no https address, and is not shown", question.server)
            return Answered(Action.DECLINE, {})
        place = await self._places.find(context.channel.id)
        if place is None or isinstance(place, discord.ForumChannel):
            return CANCELLED
        asked = Question(question.server, context.asker, fields)
        view = QuestionView(asked, url=question.url)
        try:
            message = await _send(place.send(_text(question, context), view=view, suppress_embeds=True))
        except REST_FAILURES as error:
            logger.info("a question of %s could not be asked: %s", question.server, error)
            view.stop()
            return CANCELLED
        return await self._answer(question, context, asked, view, message)

    async def _answer(
        self,
        question: Elicitation,
        context: ToolContext,
        asked: Question,
        view: QuestionView,
        message: discord.Message,
    ) -> Answered:
        try:
            async with asyncio.timeout(question.seconds):
                answered = await asked.answered
        except TimeoutError:
            answered = CANCELLED
        except BaseException:
            await _remove(message)
            raise
        finally:
            asked.end(Action.CANCEL)  # a form that is still open comes too late
            view.stop()
        await _close(message, question, context, answered.action)
        return answered


async def _send(sending: Coroutine[object, object, discord.Message]) -> discord.Message:
    """Cancelled on the way, it waits until the message is there and can be taken back."""
    task = asyncio.create_task(sending)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with contextlib.suppress(*REST_FAILURES):
            await _remove(await task)
        raise


def _is_showable(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not any(each in url for each in " <>`\\")
    return (
        parts.scheme == "https"
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and is_plain
        and (len(url) <= LONGEST_URL)
    )


def _text(question: Elicitation, context: ToolContext) -> str:
    head = f"{inert(context.asker.name, 40)}, **{inert(question.server, 40)}** asks:\n{quoted(question.message)}"
    if question.url is None:
        return f"{head}\n{WARNING}"
    host = urlsplit(question.url).hostname
    return f"{head}\nIt wants you to open a page of **{host}**:\n`{question.url}`\n{OPEN_WARNING}"


async def _close(message: discord.Message, question: Elicitation, context: ToolContext, action: Action) -> None:
    asked = f"**{inert(question.server, 40)}** asked {inert(context.asker.name, 40)}"
    text = f"{asked}: {ENDS[action]}.\n{quoted(short(question.message, 200))}"
    try:
        await message.edit(content=text, view=None)
    except REST_FAILURES as error:
        logger.info("an answered question still stands as message %s: %s", message.id, error)


async def _remove(message: discord.Message) -> None:
    try:
        await message.delete()
    except REST_FAILURES as error:
        logger.info("a withdrawn question still stands as message %s: %s", message.id, error)
