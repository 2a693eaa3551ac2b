"""Slash commands of the same definitions: options, choices, suggestions and who sees them, read off a `Command`."""

import inspect
from collections.abc import Iterator, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.commands.asking import Interaction, context_of
from bot.commands.tree import CommandError, Tree, whisper
from bot.owners import Owners
from bot.places import REST_FAILURES
from bot.plugins.command import MAX_ABOUT, Call, Command, Parameter, Who
from bot.plugins.commands import Commands
from bot.plugins.health import Installed
from bot.plugins.plugin import PluginError
from bot.plugins.surroundings import fitting
from chat.ids import UserId

SHOWN = 25  # suggestions, says Discord
MOST = 100  # slash commands of one bot
LONGEST_SUGGESTION = 100
SUGGEST_SECONDS = 2.0
NOTHING_TO_SAY = "Done."

Slash = app_commands.Command[app_commands.Group, ..., None]


class SlashCommands:
    """Puts the plugins' commands into the tree."""

    def __init__(self, tree: Tree, commands: Commands, owners: Owners) -> None:
        self._tree = tree
        self._commands = commands
        self._owners = owners

    def made(self, installed: Installed, commands: Sequence[Command]) -> Sequence[Slash | app_commands.Group]:
        """The commands of one plugin, for `add`. Raises PluginError for what Discord would not take."""
        try:
            made = list(self._made(installed, commands))
        except (TypeError, ValueError) as error:  # so discord.py says it
            raise PluginError(f"Discord takes no such command: {error}") from error
        if len(made) + len(self._tree.get_commands(type=discord.AppCommandType.chat_input)) > MOST:
            raise PluginError(f"with its commands there would be more than {MOST}, which Discord does not take")
        return made

    def add(self, made: Sequence[Slash | app_commands.Group]) -> None:
        for each in made:
            self._tree.add_command(each)

    def _made(self, installed: Installed, commands: Sequence[Command]) -> Iterator[Slash | app_commands.Group]:
        groups: dict[str, app_commands.Group] = {}
        for command in commands:
            group, _, name = command.name.rpartition(" ")
            slash = self._slash(installed, command, name)
            if not group:
                slash.default_permissions = _default_permissions([command])
                yield slash
                continue
            if group not in groups:
                inside = [each for each in commands if each.name.startswith(f"{group} ")]
                permissions = _default_permissions(inside)
                groups[group] = app_commands.Group(
                    name=group, description=f"The commands of {group}", default_permissions=permissions
                )
                yield groups[group]
            groups[group].add_command(slash, override=True)  # two of one name are refused elsewhere

    def _slash(self, installed: Installed, command: Command, name: str) -> Slash:
        async def invoke(interaction: Interaction, **given: str | float | bool | None) -> None:
            await interaction.response.defer(ephemeral=command.private)
            call = self._call(interaction, command)
            present = {key: value for key, value in given.items() if value is not None}
            said = await self._commands.carry_out_given(command.name, call, present)
            if command.private:
                await whisper(interaction, fitting(said or NOTHING_TO_SAY))
            elif said:
                await _say(interaction, fitting(said))

        # discord.py reads the options off the signature of the function it calls.
        invoke.__signature__ = _signature(command)  # pyright: ignore[reportFunctionMemberAccess]
        slash: Slash = app_commands.Command(name=name, description=command.about, callback=invoke)
        if command.parameters:
            app_commands.describe(**{each.name: each.about[:MAX_ABOUT] for each in command.parameters})(slash)
        for parameter in command.suggest:
            self._suggest(slash, installed, command, parameter)
        return slash

    def _suggest(self, slash: Slash, installed: Installed, command: Command, parameter: str) -> None:
        async def suggested(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
            found = await self._suggestions(installed, command, parameter, self._call(interaction, command), current)
            fitting_ones = [each for each in found if 0 < len(each) <= LONGEST_SUGGESTION][:SHOWN]
            return [app_commands.Choice(name=each, value=each) for each in fitting_ones]

        slash.autocomplete(parameter)(suggested)

    async def _suggestions(
        self, installed: Installed, command: Command, parameter: str, call: Call, current: str
    ) -> Sequence[str]:
        if installed.disabled or not self._commands.may(command, call):
            return []
        suggest = command.suggest[parameter]
        if installed.apart is None:
            return await suggest(call, current)
        return await installed.apart.run(lambda: suggest(call, current), seconds=SUGGEST_SECONDS)

    def _call(self, interaction: Interaction, command: Command) -> Call:
        context = context_of(interaction, ZoneInfo("UTC"), f"/{command.name}")
        return Call(
            asker=context.asker,
            bot=context.bot,
            channel=context.channel,
            guild=context.guild,
            request=context.request,
            is_owner=self._owners.include(UserId(interaction.user.id)),
            is_slash=True,
        )


def _default_permissions(commands: Sequence[Command]) -> discord.Permissions | None:
    """What only owners may use is shown on servers to nobody but administrators, who can open it to roles there; in
    direct messages everybody sees it.
    """
    return discord.Permissions() if all(each.who is Who.OWNERS for each in commands) else None


def _signature(command: Command) -> inspect.Signature:
    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Interaction)
    return inspect.Signature([first, *map(_option, command.parameters)])


def _option(parameter: Parameter) -> inspect.Parameter:
    kind: object = Literal[parameter.choices] if parameter.choices else parameter.kind
    if parameter.required:
        return inspect.Parameter(parameter.name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)
    optional: object = kind | None  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]
    return inspect.Parameter(parameter.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=optional)


async def _say(interaction: Interaction, text: str) -> None:
    """In the place of "… is thinking"."""
    try:
        await interaction.edit_original_response(content=text)
    except REST_FAILURES as error:
        raise CommandError("The answer could not be shown here.") from error
