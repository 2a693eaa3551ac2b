"""`/remind` and "Remind me about this": a reminder without the agent, by the strict grammar of `bot.commands.times`."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.commands.asking import Interaction, context_of
from bot.commands.times import EXAMPLES, MAX_WRITTEN, read_when
from bot.commands.tree import BROKEN, whisper
from chat.clock import Clock
from chat.rights import Right
from reminders.plans import When
from reminders.schedule import Every
from reminders.service import Reminders
from reminders.values import Reminder, ReminderError
from reminders.wall import to_wall
from reminders.wording import MAX_TEXT, full_time, recurrence, relative_time
from tools.calls import ToolError
from tools.context import ToolContext
from tools.permission import Permissions
from tools.whens import Asker, Understood, understand

SECONDS = 600.0
MAX_NOTE = 1_500
"""With the link, it is a text that a reminder takes."""
REFUSALS = (ReminderError, ToolError)
FIRST_WORDS = "Look at this again"


class Typed:
    """Keeps what is typed into commands and forms, with the person's rights as they are at that moment."""

    def __init__(self, *, reminders: Reminders, permissions: Permissions, zone: ZoneInfo, clock: Clock) -> None:
        """`zone`: of people who have set none."""
        self.reminders = reminders
        self._permissions = permissions
        self._zone = zone
        self._clock = clock

    async def remind(self, interaction: Interaction, *, when: str, text: str, link: str | None = None) -> str:
        """What was promised, in words. `link`: to what it is about. Raises ReminderError and ToolError."""
        context = context_of(interaction, self._zone, text)
        await self._permissions.require(context, context.channel, Right.SEND_MESSAGES)
        understood = await self.understood(context, when)
        made = await self.reminders.schedule(
            owner=context.asker,
            guild_id=context.channel.guild_id,
            channel_id=context.channel.id,
            text=text,
            when=understood.when,
            source_key=f"{interaction.id}/0/remind",
            request_link=link or context.request.link,
        )
        return f"I will remind you {told_time(made)}: {shown(made.text)}{_assumed(understood)}"

    async def understood(self, context: ToolContext, when: str) -> Understood:
        """Raises ReminderError and ToolError."""
        known = await self.reminders.zone_of(context.asker.id)
        zone, now = known or context.zone, self._clock()
        found = understand(
            read_when(when, to_wall(now, zone)), Asker(zone, zone_is_known=True, asked_at=now.astimezone(UTC))
        )
        if known or isinstance(found.when, datetime | Every):
            return found
        assumed = f"your time zone is taken to be {zone.key}; /timezone sets another"
        return replace(found, assumed=(*found.assumed, assumed))

    async def change(self, interaction: Interaction, reminder: Reminder, *, when: str, text: str) -> str | None:
        """None: there is no such reminder of theirs any more. Raises ReminderError and ToolError."""
        context = context_of(interaction, self._zone, text)
        understood = await self.understood(context, when) if when.strip() else None
        moment: When | None = understood.when if understood else None
        after = await self.reminders.edit(reminder.id, context.asker.id, text=text, when=moment)
        return after and f"Changed. I will remind you {told_time(after)}: {shown(after.text)}{_assumed(understood)}"


def remind_command(typed: Typed) -> app_commands.Command[app_commands.Group, [str, str], None]:
    @app_commands.describe(when=EXAMPLES, what="What to remind you of")
    async def remind(
        interaction: Interaction,
        when: app_commands.Range[str, 1, MAX_WRITTEN],
        what: app_commands.Range[str, 1, MAX_TEXT],
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        try:
            await whisper(interaction, await typed.remind(interaction, when=when, text=what))
        except REFUSALS as error:
            await whisper(interaction, str(error))

    return app_commands.Command(name="remind", description="Remind me of something in this channel", callback=remind)


def remind_about_this(typed: Typed) -> app_commands.ContextMenu:
    """The entry in the menu of a message."""

    async def remind(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_modal(AboutForm(typed, message.jump_url))

    return app_commands.ContextMenu(name="Remind me about this", callback=remind)


class AboutForm(discord.ui.Modal):
    """When, and a note of one's own."""

    def __init__(self, typed: Typed, link: str) -> None:
        super().__init__(title="Remind me about this", timeout=SECONDS)
        self._typed = typed
        self._link = link
        self.when = discord.ui.TextInput["AboutForm"](label="When", placeholder=EXAMPLES, max_length=MAX_WRITTEN)
        self.note = discord.ui.TextInput["AboutForm"](
            label="Note", style=discord.TextStyle.paragraph, required=False, max_length=MAX_NOTE
        )
        self.add_item(self.when)
        self.add_item(self.note)

    async def on_submit(self, interaction: Interaction, /) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        text = f"{self.note.value.strip() or FIRST_WORDS}: {self._link}"
        told = await self._typed.remind(interaction, when=self.when.value, text=text, link=self._link)
        await whisper(interaction, told)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:
        if not isinstance(error, REFUSALS):
            await super().on_error(interaction, error)  # logs it
        await whisper(interaction, str(error) if isinstance(error, REFUSALS) else BROKEN)


def told_time(reminder: Reminder) -> str:
    """`<t:…:F> (<t:…:R>), every 2 h`, as Discord shows it in the reader's own zone."""
    recurs = f", and then {recurrence(reminder.schedule)}" if reminder.schedule else ""
    return f"{full_time(reminder.due_at)} ({relative_time(reminder.due_at)}){recurs}"


def shown(text: str) -> str:
    """One line of it, without what would format what stands around it."""
    flat = discord.utils.escape_markdown(" ".join(text.split()))
    return flat if len(flat) <= 120 else f"{flat[:119]}…"


def _assumed(understood: Understood | None) -> str:
    return f"\n-# {'; '.join(understood.assumed)}" if understood and understood.assumed else ""
