"""`/why`, and "Why?" in the menu of a message: how an answer came about, to who asked for it and to managers."""

import asyncio
import contextlib
import io
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.commands.asking import Interaction, context_of
from bot.commands.tree import CommandError, whisper
from bot.memory_view import MAX_ANSWER
from bot.tracing.recorder import Recorder
from bot.tracing.telling import Sight, told
from bot.tracing.values import Trace
from chat.ids import ChannelId, MessageId, UserId
from chat.messages import Message
from memory.opening import OpenMemory
from tools.permission import Permissions
from tools.verifying import Verifier

SECONDS = 2.0
NOT_KEPT = "My operator has set that I keep nothing about how my answers come about (`traces.retention_days`)."
NOTHING = "I know nothing (any more) about how that came about: I keep it for {days} days, and as long as it is there."
NONE_HERE = "I have answered nothing of yours in this channel in the last {days} days that I know of."
NOT_YOURS = "Only who asked for it, and who may manage this server (the right Manage Server), can see that."
LONG = "\n-# There is more of it than fits here; the file has all."


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What both ways of asking need."""

    recorder: Recorder
    memory: OpenMemory
    permissions: Permissions
    verifier: Verifier
    titles: Mapping[str, str]
    zone: ZoneInfo

    async def newest(self, interaction: Interaction) -> None:
        await self._ready(interaction)
        trace = await self.recorder.store.newest(UserId(interaction.user.id), ChannelId(interaction.channel_id or 0))
        if trace is None:
            raise CommandError(NONE_HERE.format(days=self.recorder.days))
        await self._tell(interaction, trace)

    async def about(self, interaction: Interaction, message: MessageId, answers: MessageId | None) -> None:
        """`answers`: the request that it replies to. It can be seen a moment before it is known as the answer."""
        await self._ready(interaction)
        trace = await self.recorder.store.about(message)
        if trace is None and answers is not None:
            trace = await self.recorder.store.about(answers)
        if trace is None or trace.channel_id != interaction.channel_id:
            raise CommandError(NOTHING.format(days=self.recorder.days))
        manages = interaction.guild_id == trace.guild_id and interaction.permissions.manage_guild
        if trace.asker_id != interaction.user.id and not (trace.guild_id and manages):
            raise CommandError(NOT_YOURS)
        await self._tell(interaction, trace)

    async def _ready(self, interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        if not self.recorder.days:
            raise CommandError(NOT_KEPT)
        await _in_time(self.recorder.settled())

    async def _tell(self, interaction: Interaction, trace: Trace) -> None:
        text = told(trace, await self._sight(interaction, trace))
        if len(text) <= MAX_ANSWER:
            await whisper(interaction, text)
            return
        head = text[: text.rfind("\n", 0, MAX_ANSWER - len(LONG))]
        await whisper(interaction, f"{head}{LONG}", file=discord.File(io.BytesIO(text.encode()), "why.md"))

    async def _sight(self, interaction: Interaction, trace: Trace) -> Sight:
        """Everything is looked at anew: what was deleted or edited since, and what this person may read now."""
        await _in_time(self.memory.intake.settled())
        is_asker = trace.asker_id == interaction.user.id
        mentioned = {source.id for source in trace.figures.recalled}
        mentioned |= {each for step in trace.figures.steps for call in step.calls for each in call.quoted}
        words = trace.words if is_asker else None
        standing = await self._standing(mentioned if words is None else mentioned | set(trace.sources))
        if words is not None and (lost := _lost(trace, standing)):
            await self.recorder.store.silence(lost)
            words = None
        context = context_of(interaction, self.zone)
        readable = await self.permissions.readable(context, {message.channel_id for message in standing.values()})
        seen = {id_: each for id_, each in standing.items() if id_ in mentioned and each.channel_id in readable}
        if any(message.channel_id not in readable for message in standing.values()):
            words = None  # they may come from what this person may not read any more
        return Sight(is_asker=is_asker, messages=seen, words=words, titles=self.titles)

    async def _standing(self, ids: Collection[MessageId]) -> dict[MessageId, Message]:
        kept = await self.memory.archive.get(ids)
        return {message.id: message for message in await self.verifier.verify(list(kept.values()))}


def why_command(why: Why) -> app_commands.Command[app_commands.Group, [], None]:
    async def why_newest(interaction: Interaction) -> None:
        await why.newest(interaction)

    return app_commands.Command(
        name="why", description="How my newest answer to you in this channel came about", callback=why_newest
    )


def why_menu(why: Why) -> app_commands.ContextMenu:
    """The entry in the menu of a message: of mine, or of the request."""

    async def why_message(interaction: Interaction, message: discord.Message) -> None:
        me, reference = interaction.client.user, message.reference
        is_mine = me is not None and message.author.id == me.id
        replied_to = reference.message_id if is_mine and reference else None
        await why.about(interaction, MessageId(message.id), MessageId(replied_to) if replied_to else None)

    return app_commands.ContextMenu(name="Why?", callback=why_message)


async def _in_time(settled: Awaitable[None]) -> None:
    """A disk that is full must keep nobody waiting: then something is known a little less well."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(settled, SECONDS)


def _lost(trace: Trace, standing: Mapping[MessageId, Message]) -> list[MessageId]:
    """What the run has read that does not stand there any more as it was."""
    return [id_ for id_ in trace.sources if (now := standing.get(id_)) is None or _reads_otherwise(now, trace)]


def _reads_otherwise(now: Message, trace: Trace) -> bool:
    """Our own answers are edited while they are written, and when a button is put below them."""
    return not now.author.is_bot and now.edited_at is not None and now.edited_at > trace.at
