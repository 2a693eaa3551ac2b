"""What the bot offers to be pressed and called, put together: commands, menus, and the buttons below reminders."""

from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.commands.asking import welcome
from bot.commands.facts import remember_this
from bot.commands.memory import MemoryCommands
from bot.commands.privacy import privacy_command
from bot.commands.reminder_list import reminders_command
from bot.commands.reminding import Typed, remind_about_this, remind_command
from bot.commands.time_zone import timezone_command
from bot.commands.tree import Tree
from bot.people import People
from bot.reminder_buttons import ReminderAnswers, reminder_button
from bot.walker import Walker
from chat.clock import Clock
from memory.opening import OpenMemory
from reminders.service import Reminders
from tools.permission import Permissions
from tools.verifying import Verifier


def new_tree(
    client: discord.Client,
    *,
    memory: OpenMemory,
    permissions: Permissions,
    verifier: Verifier,
    walker: Walker,
    people: People,
    reminders: Reminders,
    mcp: app_commands.Group,
    zone: ZoneInfo,
    clock: Clock,
) -> Tree:
    """`zone`: of people who have set none."""
    client.add_dynamic_items(reminder_button(ReminderAnswers(reminders=reminders, zone=zone, clock=clock)))
    tree = Tree(client, welcome(permissions))
    tree.add_command(
        MemoryCommands(memory=memory, permissions=permissions, verifier=verifier, walker=walker, zone=zone)
    )
    tree.add_command(privacy_command(people))
    tree.add_command(remember_this(memory.facts, memory.rules))
    typed = Typed(reminders=reminders, permissions=permissions, zone=zone, clock=clock)
    tree.add_command(remind_command(typed))
    tree.add_command(reminders_command(typed))
    tree.add_command(timezone_command(reminders, zone, clock))
    tree.add_command(remind_about_this(typed))
    tree.add_command(mcp)
    return tree
