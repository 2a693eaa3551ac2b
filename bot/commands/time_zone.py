"""`/timezone`: in which zone a person's times are read and shown, and what that means for what recurs already."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import discord
from discord import app_commands

from bot.commands.asking import Interaction
from bot.commands.tree import BROKEN, CommandError, whisper
from chat.clock import Clock
from chat.ids import UserId
from reminders.service import Reminders
from reminders.time_zones import ZoneSet
from reminders.values import ReminderError

SECONDS = 600.0
CHOICES = 25  # what Discord shows


def timezone_command(
    reminders: Reminders, usual: ZoneInfo, clock: Clock
) -> app_commands.Command[app_commands.Group, [str | None], None]:
    """`usual`: of people who have set none."""

    @app_commands.describe(zone="Like Europe/Berlin; left out: tell me which one is set")
    async def timezone(interaction: Interaction, zone: app_commands.Range[str, 1, 64] | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        person = UserId(interaction.user.id)
        try:
            if zone is None:
                await whisper(interaction, await _told(reminders, person, usual, clock()))
                return
            done = await reminders.set_zone(person, zone)
        except ReminderError as error:
            raise CommandError(str(error)) from error
        view = MoveView(reminders, person, done.zone.key) if done.kept else discord.utils.MISSING
        await whisper(interaction, _set(done, clock()), view=view)

    async def suggest(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=name, value=name) for name in suggestions(current)]

    command: app_commands.Command[app_commands.Group, [str | None], None] = app_commands.Command(
        name="timezone", description="In which time zone I read and tell your times", callback=timezone
    )
    command.autocomplete("zone")(suggest)
    return command


def suggestions(typed: str) -> list[str]:
    """The zones that have these letters, those first that begin with them: `berlin`, `new y`, `UTC`."""
    wanted = typed.strip().casefold().replace(" ", "_")
    fitting = [name for name in sorted(available_timezones()) if wanted in name.casefold()]
    begins = [name for name in fitting if name.rpartition("/")[2].casefold().startswith(wanted)]
    return list(dict.fromkeys([*begins, *fitting]))[:CHOICES]


class MoveView(discord.ui.View):
    """Below the answer, for who has recurring reminders in another zone."""

    def __init__(self, reminders: Reminders, person: UserId, zone: str) -> None:
        super().__init__(timeout=SECONDS)
        self._reminders = reminders
        self._person = person
        self._zone = zone

    @discord.ui.button(label="Move them", style=discord.ButtonStyle.primary)
    async def move(self, interaction: Interaction, _: "discord.ui.Button[MoveView]") -> None:
        await interaction.response.defer()
        done = await self._reminders.set_zone(self._person, self._zone, move=True)
        self.stop()
        moved = f"Recurring reminders that keep their hour in {done.zone.key} now: {done.moved}."
        left = f" Just now {done.kept} could not be moved; see /reminders." if done.kept else ""
        await interaction.edit_original_response(content=f"{moved}{left}", view=None)

    async def on_error(self, interaction: Interaction, error: Exception, item: "discord.ui.Item[MoveView]", /) -> None:
        if not isinstance(error, ReminderError):
            await super().on_error(interaction, error, item)  # logs it
        await whisper(interaction, str(error) if isinstance(error, ReminderError) else BROKEN)


async def _told(reminders: Reminders, person: UserId, zone: ZoneInfo, now: datetime) -> str:
    known = await reminders.zone_of(person)
    if known is None:
        return f"You have set none, so I take {zone.key}, where it is {now.astimezone(zone):%H:%M} now."
    return f"Yours is {known.key}, where it is {now.astimezone(known):%H:%M} now."


def _set(done: ZoneSet, now: datetime) -> str:
    told = f"I read and tell your times in {done.zone.key} from now on; it is {now.astimezone(done.zone):%H:%M} there."
    if done.kept:
        told += f"\nRecurring reminders that keep the hour of the zone they were made in: {done.kept}."
    return told
