"""The slash commands that are no plugin's, as far as somebody may use them: for `help`."""

from collections.abc import Sequence

import discord
from discord import app_commands

from bot.commands.tree import Tree
from bot.plugins.command import Call
from bot.plugins.own.help import Other, Others

Single = app_commands.Command[app_commands.Group, ..., object]
Slash = Single | app_commands.Group


def others_in(tree: Tree) -> Others:
    """To be asked for before the plugins' own commands are in the tree."""
    there = list(tree.get_commands(type=discord.AppCommandType.chat_input))

    def others(call: Call) -> Sequence[Other]:
        single = [each for command in there if _may(tree.client, command, call) for each in _within(command)]
        return [Other(each.qualified_name, each.description) for each in single if _may(tree.client, each, call)]

    return others


def _within(command: Slash) -> Sequence[Single]:
    """The commands of a group; Discord knows who may use it of the whole group only, and we of each."""
    if isinstance(command, app_commands.Group):
        return [each for each in command.walk_commands() if not isinstance(each, app_commands.Group)]
    return [command]


def _may(client: discord.Client, command: Slash, call: Call) -> bool:
    """As Discord decides where the server's admins have changed nothing."""
    needed = command.default_permissions
    if call.guild is None:
        return not command.guild_only
    if needed is None:
        return True
    guild = client.get_guild(call.guild.id)
    member = guild.get_member(call.asker.id) if guild else None
    if member is None:
        return False
    held = member.guild_permissions
    return held.administrator or (needed.value != 0 and needed <= held)
