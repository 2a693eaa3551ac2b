"""The commands as Discord knows them: told again only when they changed; one place for what goes wrong."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

import discord
from discord import app_commands
from pydantic import TypeAdapter

from bot.places import REST_FAILURES

logger = logging.getLogger(__name__)

OPTIONS = TypeAdapter(list[dict[str, object]])
BROKEN = "That went wrong on my side; it is in the log. Please try again, or tell my operator."


class CommandError(app_commands.AppCommandError):
    """It cannot be done: one sentence for the person."""


Unwelcome = Callable[[discord.Interaction], Awaitable[str | None]]
"""Why the policy of the server keeps somebody from using the bot there; None if it does not."""
ALWAYS = {"digmbot", "privacy", "usage", "why", "Why?"}
"""What everybody may ask everywhere: about themselves, and what managers need to change the policy."""


class Tree(app_commands.CommandTree[discord.Client]):
    """Each failure ends in one sentence that only the person sees."""

    def __init__(self, client: discord.Client, unwelcome: Unwelcome) -> None:
        super().__init__(client)
        self._unwelcome = unwelcome

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        root = interaction.data.get("name") if interaction.data else None
        if root in ALWAYS or interaction.type is not discord.InteractionType.application_command:
            return True
        if refusal := await self._unwelcome(interaction):
            await whisper(interaction, refusal)
        return refusal is None

    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError, /) -> None:
        if isinstance(error, CommandError):
            sentence = str(error)
        else:
            logger.error("a command failed", exc_info=error)
            sentence = BROKEN
        await whisper(interaction, sentence)

    async def tell_discord(self) -> None:
        """Register the commands if Discord knows others, or none."""
        try:
            known = [_with_permissions(command) for command in await self.fetch_commands()]
            wanted = [command.to_dict(self) for command in self.get_commands()]  # of all kinds, menus too
            if _shape(known) != _shape(wanted):
                await self.sync()
                logger.info("told Discord %d commands", len(wanted))
        except REST_FAILURES as error:
            logger.warning("the commands could not be told to Discord: %s", error)


async def whisper(
    interaction: discord.Interaction,
    text: str,
    *,
    view: discord.ui.View = discord.utils.MISSING,
    file: discord.File = discord.utils.MISSING,
) -> bool:
    """Answer so that only the person sees it, whether or not something was answered already. Never raises for
    Discord's failures; True when it is there.
    """
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, view=view, file=file, suppress_embeds=True)
        else:
            await interaction.response.send_message(text, ephemeral=True, view=view, file=file, suppress_embeds=True)
    except REST_FAILURES as error:
        logger.info("an answer to a command could not be shown: %s", error)
        return False
    return True


def _with_permissions(command: app_commands.AppCommand) -> dict[str, object]:
    """discord.py leaves out who sees it."""
    needed = command.default_member_permissions
    return {**command.to_dict(), "default_member_permissions": None if needed is None else needed.value}


def _shape(commands: Sequence[Mapping[str, object]]) -> object:
    """What people see of commands, without ids, versions and the order of Discord's fields."""
    return sorted((_plain(command) for command in commands), key=str)


def _plain(command: Mapping[str, object]) -> dict[str, object]:
    options = OPTIONS.validate_python(command.get("options") or [])
    kept: dict[str, object] = {name: command.get(name) or "" for name in ("name", "description")}
    kept["type"] = command.get("type") or 1
    kept["required"] = bool(command.get("required"))
    kept["needed"] = command.get("default_member_permissions")
    kept["autocomplete"] = bool(command.get("autocomplete"))
    kept["choices"] = [
        (each.get("name"), each.get("value")) for each in OPTIONS.validate_python(command.get("choices") or [])
    ]
    kept["options"] = [_plain(option) for option in options]
    return kept
