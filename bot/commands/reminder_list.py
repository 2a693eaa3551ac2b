"""`/reminders`: one's own, to change and to cancel; for managers those of others, without their texts."""

from collections.abc import Sequence

import discord
from discord import app_commands

from bot.commands.asking import Interaction
from bot.commands.reminding import REFUSALS, SECONDS, Typed, shown, told_time
from bot.commands.times import EXAMPLES, MAX_WRITTEN
from bot.commands.tree import BROKEN, CommandError, whisper
from bot.memory_view import fitting
from chat.ids import GuildId, UserId
from reminders.service import Reminders
from reminders.values import Kind, Promised, Reminder, ReminderError, Status
from reminders.wording import MAX_TEXT, full_time, recurrence, relative_time

LISTED = 25  # what a Discord menu holds
MAX_LABEL = 100
NONE = "There is nothing waiting for you. Set one with /remind, or tell me."
CHOOSE = "Choose one in the list first."
GONE = "That one is not waiting any more."
MANAGERS_ONLY = "Only who may manage this server (the right Manage Server) sees and cancels the reminders of others."


def reminders_command(typed: Typed) -> app_commands.Command[app_commands.Group, [], None]:
    async def reminders(interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        try:
            text, view = await own_page(typed, interaction)
        except ReminderError as error:
            raise CommandError(str(error)) from error
        await whisper(interaction, text, view=view or discord.utils.MISSING)

    return app_commands.Command(name="reminders", description="What is waiting for you", callback=reminders)


async def own_page(typed: Typed, interaction: Interaction, first: int = 0) -> tuple[str, "OwnPage | None"]:
    """Only the person sees it, so all of theirs are in it, wherever they were made. Raises ReminderError.

    `first` of the page, counted from 0; of the last page there is when there are fewer.
    """
    waiting = await typed.reminders.pending(UserId(interaction.user.id))
    manages = _managed(interaction) is not None
    if not waiting and not manages:
        return NONE, None
    first = min(first, (max(len(waiting), 1) - 1) // LISTED * LISTED)
    listed = waiting[first : first + LISTED]
    told = fitting(_line(number, each) for number, each in enumerate(listed, first + 1)) or NONE
    if listed and (hidden := len(listed) - told.count("\n") - 1) > 0:
        told += f"\n-# and {hidden} more, in the menu below"
    return told, OwnPage(typed, listed, first=first, total=len(waiting), manages=manages)


class _Page(discord.ui.View):
    """Seen by one person; failures are told in one sentence."""

    async def on_error(self, interaction: Interaction, error: Exception, item: "discord.ui.Item[_Page]", /) -> None:
        if not isinstance(error, REFUSALS):
            await super().on_error(interaction, error, item)  # logs it
        await whisper(interaction, str(error) if isinstance(error, REFUSALS) else BROKEN)


class OwnPage(_Page):
    """Choose one, then change or cancel it."""

    def __init__(self, typed: Typed, listed: Sequence[Reminder], *, first: int, total: int, manages: bool) -> None:
        super().__init__(timeout=SECONDS)
        self._typed = typed
        self._first = first
        self._listed = {each.id: each for each in listed}
        self._chosen: Reminder | None = None
        self.choice.options = [_option(number, each.id, each.text) for number, each in enumerate(listed, first + 1)]
        if first == 0:
            self.remove_item(self.sooner)
        if first + len(listed) >= total:
            self.remove_item(self.later)
        if not listed:
            for item in (self.choice, self.edit, self.cancel):
                self.remove_item(item)
        if not manages:
            self.remove_item(self.others)

    @discord.ui.select(placeholder="Which one?", options=[discord.SelectOption(label="-")])
    async def choice(self, interaction: Interaction, select: "discord.ui.Select[OwnPage]") -> None:
        self._chosen = self._listed.get(select.values[0])
        await interaction.response.defer()

    @discord.ui.button(label="Edit", style=discord.ButtonStyle.secondary)
    async def edit(self, interaction: Interaction, _: "discord.ui.Button[OwnPage]") -> None:
        if self._chosen is None:
            await whisper(interaction, CHOOSE)
        else:
            await interaction.response.send_modal(EditForm(self._typed, self._chosen))

    @discord.ui.button(label="Cancel", style=discord.ButtonStyle.danger)
    async def cancel(self, interaction: Interaction, _: "discord.ui.Button[OwnPage]") -> None:
        if self._chosen is None:
            await whisper(interaction, CHOOSE)
            return
        await interaction.response.defer()
        closed = await self._typed.reminders.cancel(self._chosen.id, UserId(interaction.user.id))
        text, view = await own_page(self._typed, interaction, self._first)
        await interaction.edit_original_response(content=f"{_cancelled(closed)}\n\n{text}"[:2_000], view=view)

    @discord.ui.button(label="Sooner ones", style=discord.ButtonStyle.secondary)
    async def sooner(self, interaction: Interaction, _: "discord.ui.Button[OwnPage]") -> None:
        await self._turn(interaction, self._first - LISTED)

    @discord.ui.button(label="Later ones", style=discord.ButtonStyle.secondary)
    async def later(self, interaction: Interaction, _: "discord.ui.Button[OwnPage]") -> None:
        await self._turn(interaction, self._first + LISTED)

    async def _turn(self, interaction: Interaction, first: int) -> None:
        await interaction.response.defer()
        text, view = await own_page(self._typed, interaction, first)
        await interaction.edit_original_response(content=text, view=view)

    @discord.ui.button(label="Others' reminders", style=discord.ButtonStyle.secondary)
    async def others(self, interaction: Interaction, _: "discord.ui.Button[OwnPage]") -> None:
        await interaction.response.defer()
        text, view = await others_page(self._typed.reminders, interaction)
        await interaction.edit_original_response(content=text, view=view)


async def others_page(reminders: Reminders, interaction: Interaction) -> tuple[str, "OthersPage | None"]:
    """For managers of the server. Raises ReminderError."""
    guild_id = _managed(interaction)
    if guild_id is None:
        return MANAGERS_ONLY, None
    me = UserId(interaction.user.id)
    theirs = await reminders.managers.waiting_in(guild_id, besides=me, limit=LISTED)
    if not theirs:
        return "Nobody else has a reminder waiting on this server.", None
    lines = [_promised_line(number, each) for number, each in enumerate(theirs, 1)]
    return fitting(["Reminders of others on this server, without their words:", *lines]), OthersPage(reminders, theirs)


class OthersPage(_Page):
    """Who, when and where; to be cancelled."""

    def __init__(self, reminders: Reminders, listed: Sequence[Promised]) -> None:
        super().__init__(timeout=SECONDS)
        self._reminders = reminders
        self._chosen: str | None = None
        self.choice.options = [_option(number, each.id, each.owner.name) for number, each in enumerate(listed, 1)]

    @discord.ui.select(placeholder="Which one?", options=[discord.SelectOption(label="-")])
    async def choice(self, interaction: Interaction, select: "discord.ui.Select[OthersPage]") -> None:
        self._chosen = select.values[0]
        await interaction.response.defer()

    @discord.ui.button(label="Cancel", style=discord.ButtonStyle.danger)
    async def cancel(self, interaction: Interaction, _: "discord.ui.Button[OthersPage]") -> None:
        guild_id = _managed(interaction)
        if guild_id is None or self._chosen is None:
            await whisper(interaction, CHOOSE if guild_id else MANAGERS_ONLY)
            return
        await interaction.response.defer()
        closed = await self._reminders.managers.cancel_in(guild_id, self._chosen)
        done = f"Cancelled: a reminder of <@{closed.owner.id}>." if closed else GONE
        text, view = await others_page(self._reminders, interaction)
        await interaction.edit_original_response(content=f"{done}\n\n{text}"[:2_000], view=view)


class EditForm(discord.ui.Modal):
    """Its words and its time."""

    def __init__(self, typed: Typed, reminder: Reminder) -> None:
        super().__init__(title="Change a reminder", timeout=SECONDS)
        self._typed = typed
        self._reminder = reminder
        self.text = discord.ui.TextInput["EditForm"](
            label="What", style=discord.TextStyle.paragraph, default=reminder.text, max_length=MAX_TEXT
        )
        self.when = discord.ui.TextInput["EditForm"](
            label="When (empty: as it is)", placeholder=EXAMPLES, required=False, max_length=MAX_WRITTEN
        )
        self.add_item(self.text)
        self.add_item(self.when)

    async def on_submit(self, interaction: Interaction, /) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        told = await self._typed.change(interaction, self._reminder, when=self.when.value, text=self.text.value)
        await whisper(interaction, told or GONE)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:
        if not isinstance(error, REFUSALS):
            await super().on_error(interaction, error)  # logs it
        await whisper(interaction, str(error) if isinstance(error, REFUSALS) else BROKEN)


def _managed(interaction: Interaction) -> GuildId | None:
    """The server, if this person manages it as Discord says with this very click."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        return None
    return GuildId(interaction.guild_id)


def _line(number: int, reminder: Reminder) -> str:
    task = "task: " if reminder.kind is Kind.TASK else ""
    return f"{number}. {told_time(reminder)} in <#{reminder.channel_id}>: {task}{shown(reminder.text)}"


def _promised_line(number: int, promised: Promised) -> str:
    recurs = f", {recurrence(promised.schedule)}" if promised.schedule else ""
    when = f"{full_time(promised.due_at)} ({relative_time(promised.due_at)}){recurs}"
    return f"{number}. <@{promised.owner.id}>, {promised.kind.value}, {when} in <#{promised.channel_id}>"


def _option(number: int, value: str, label: str) -> discord.SelectOption:
    return discord.SelectOption(label=f"{number}. {' '.join(label.split())}"[:MAX_LABEL], value=value)


def _cancelled(closed: Reminder | None) -> str:
    if closed is None or closed.status is not Status.CANCELLED:
        return GONE
    still = " It was being said just now and may still appear." if closed.may_still_appear else ""
    return f"Cancelled: {shown(closed.text)}.{still}"
