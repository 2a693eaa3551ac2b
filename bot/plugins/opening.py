"""The plugins put together: ours in their order, third-party ones between them, each with what it may use."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import discord

from bot.accepting import Accepting
from bot.commands.tree import Tree, whisper
from bot.desk import Desk
from bot.history import History
from bot.ledger import Ledger
from bot.owners import STORE, Owners
from bot.places import Places
from bot.plugins.apart import Apart, Hop, Stopped
from bot.plugins.buttons import OnPress, plugin_button
from bot.plugins.clockwork import tick
from bot.plugins.command import Command
from bot.plugins.commands import Commands
from bot.plugins.events import Pressed
from bot.plugins.finding import Candidate, candidates, imported
from bot.plugins.health import Health, Installed
from bot.plugins.hearing import heard
from bot.plugins.offered import others_in
from bot.plugins.own.act import Act
from bot.plugins.own.debug_log import DebugLog
from bot.plugins.own.help import Help
from bot.plugins.own.history import HistoryPlugin
from bot.plugins.own.ignore_bots import IgnoreBots
from bot.plugins.own.puppet import Puppet
from bot.plugins.own.react import React
from bot.plugins.own.rebuild import Rebuild
from bot.plugins.own.reload import Reload, Reloader
from bot.plugins.own.reply import Reply
from bot.plugins.own.vc_notify import VcNotify
from bot.plugins.pipeline import Pipeline
from bot.plugins.plugin import Plugin, PluginError
from bot.plugins.prefix import PrefixCommands
from bot.plugins.slash import SlashCommands
from bot.plugins.store import DatabaseStore
from bot.plugins.surroundings import Services, Surroundings
from bot.rebuild.rebuilder import Rebuilder
from bot.refusals import Refusals
from bot.settings.model import Settings
from bot.surface import DiscordSurface
from chat.clock import Clock
from storage.database import Database
from tools.permission import Permissions

logger = logging.getLogger(__name__)

MAKING_SECONDS = 15.0
OURS = "digmbot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the plugins are built over."""

    client: discord.Client
    places: Places
    surface: DiscordSurface
    permissions: Permissions
    database: Database
    ledger: Ledger
    history: History
    desk: Desk
    tree: Tree
    refusals: Refusals
    reloader: Reloader | None
    rebuilder: Rebuilder | None
    settings: Settings
    clock: Clock


def owners_of(settings: Settings, database: Database) -> Owners:
    general = settings.general
    return Owners(general.owner_ids, general.owner_names, DatabaseStore(database, STORE))


@asynccontextmanager
async def open_plugins(
    tasks: asyncio.TaskGroup, parts: Parts, owners: Owners, accepting: Accepting
) -> AsyncGenerator["Opened"]:
    """Everything loaded, the commands in the tree; at the end all of it is stopped."""
    building = _Building(parts, owners, accepting)
    try:
        await building.install()
        opened = building.opened(tasks)
        try:
            yield opened
        finally:
            await opened.pipeline.close()
    finally:
        await asyncio.gather(*(apart.stop() for apart in building.threads))


@dataclass(frozen=True, slots=True)
class Opened:
    """The plugins, ready."""

    pipeline: Pipeline
    commands: PrefixCommands
    accepting: Accepting
    owners: Owners
    client: discord.Client
    clock: Clock

    async def run(self) -> None:
        """Once the gateway is ready, until cancelled."""
        await self.owners.resolve(self.client)
        await tick(self.pipeline, self.clock)

    def overhear(self, name: str, told: tuple[object, ...]) -> None:
        """For what discord.py tells that nobody but plugins wants to know."""
        if (event := heard(name, told)) is not None:
            self.pipeline.offer(event)


class _Building:
    def __init__(self, parts: Parts, owners: Owners, accepting: Accepting) -> None:
        self._parts = parts
        self._owners = owners
        self._accepting = accepting
        self._health = Health(parts.database, parts.clock)
        prefix = parts.settings.general.command_prefix
        taken = {each.name for each in parts.tree.get_commands(type=discord.AppCommandType.chat_input)}
        self._commands = Commands(prefix, refusals=parts.refusals, health=self._health, taken=taken)
        self._slash = SlashCommands(parts.tree, self._commands, owners)
        self._installed: list[Installed] = []
        self.threads: list[Apart] = []
        self._services = Services(
            client=parts.client,
            places=parts.places,
            surface=parts.surface,
            database=parts.database,
            owners=owners,
            prefix=prefix,
            clock=parts.clock,
            hop=Hop(asyncio.get_running_loop()),
        )

    async def install(self) -> None:
        await self._health.begin()
        for name, made in self._first():
            self._add_ours(name, made)
        await self._add_others()
        for name, made in self._last():
            self._add_ours(name, made)
        unknown = self._parts.settings.plugins.tables - {each.name for each in self._installed}
        for name in sorted(unknown):
            logger.warning("[plugins.%s] is for a plugin that is not there", name)

    def opened(self, tasks: asyncio.TaskGroup) -> Opened:
        around = self._around("commands")
        prefix = PrefixCommands(
            tasks,
            self._commands,
            around=around,
            owners=self._owners,
            ledger=self._parts.ledger,
            unwelcome=self._parts.permissions.unwelcome,
        )
        seconds = self._parts.settings.plugins.seconds
        pipeline = Pipeline(tasks, self._installed, commands=prefix, health=self._health, seconds=seconds)
        self._parts.client.add_dynamic_items(plugin_button(_pressed(pipeline)))
        return Opened(pipeline, prefix, self._accepting, self._owners, self._parts.client, self._parts.clock)

    def _first(self) -> Sequence[tuple[str, Callable[[Surroundings], Plugin]]]:
        parts, general = self._parts, self._parts.settings.general
        limit = timedelta(seconds=general.notification_limit_seconds)
        others = others_in(parts.tree)
        return [
            ("debug-log", DebugLog),
            ("history", lambda around: HistoryPlugin(around, parts.history)),
            ("ignore-bots", IgnoreBots),
            ("help", lambda around: Help(around, self._commands, self._installed, others)),
            ("reload", lambda around: Reload(around, parts.reloader)),
            *self._rebuild(),
            ("vc-notify", lambda around: VcNotify(around, limit)),
            ("puppet", lambda around: Puppet(around, parts.settings.puppet.accounts, parts.surface)),
            ("act", lambda around: Act(around, self._accepting.accept)),
        ]

    def _rebuild(self) -> Sequence[tuple[str, Callable[[Surroundings], Plugin]]]:
        rebuilder = self._parts.rebuilder
        return [("rebuild", lambda around: Rebuild(around, rebuilder))] if rebuilder else []

    def _last(self) -> Sequence[tuple[str, Callable[[Surroundings], Plugin]]]:
        return [
            ("reply", lambda around: Reply(around, self._accepting.accept)),
            ("react", lambda around: React(around, self._parts.desk.glance)),
        ]

    def _add_ours(self, name: str, make: Callable[[Surroundings], Plugin]) -> None:
        if name not in self._parts.settings.plugins.disabled:
            installed = Installed(make(self._around(name)), OURS)
            self._install(installed, installed.plugin.commands())

    def _around(self, name: str) -> Surroundings:
        return Surroundings(self._services, name, self._parts.settings.plugins.table(name))

    async def _add_others(self) -> None:
        wanted = self._parts.settings.plugins
        try:
            found = list(candidates(wanted.folder, installed=wanted.packages))
        except PluginError as error:
            logger.error("%s", error)  # noqa: TRY400 - a sentence says it all
            return
        for candidate in found:
            if candidate.label not in wanted.disabled:
                await self._add_other(candidate)

    async def _add_other(self, candidate: Candidate) -> None:
        apart = Apart(candidate.label)
        await apart.start()
        self.threads.append(apart)
        try:
            made = await imported(candidate, apart)
            if made.name in self._parts.settings.plugins.disabled:
                return
            installed = await self._made(made, candidate, apart)
            self._install(installed, await apart.run(_commands_of(installed.plugin), seconds=MAKING_SECONDS))
        except PluginError as error:
            await self._health.not_loaded(candidate.label, str(error))
        except (Exception, Stopped, TimeoutError) as error:  # boundary: its constructor is third-party code, too
            logger.info("the plugin %s cannot be made", candidate.label, exc_info=error)
            await self._health.not_loaded(candidate.label, f"making it failed: {type(error).__name__}: {error}"[:300])
        else:
            logger.info("the plugin %s comes from %s", installed.name, candidate.origin)

    def _install(self, installed: Installed, commands: Sequence[Command]) -> None:
        """With all its commands, or not at all. Raises PluginError."""
        slash = self._slash.made(installed, commands)
        self._commands.add(installed, commands)
        self._slash.add(slash)
        self._installed.append(installed)

    async def _made(self, made: type[Plugin], candidate: Candidate, apart: Apart) -> Installed:
        if any(each.name == made.name for each in self._installed) or made.name in RESERVED:
            raise PluginError(f"there is a plugin called {made.name} already")
        around = self._around(made.name)

        async def make() -> Plugin:
            return made(around)

        plugin = await apart.run(make, seconds=MAKING_SECONDS)
        if made.name in self._parts.settings.plugins.tables and not around.asked_settings:
            logger.warning("[plugins.%s]: the plugin %s takes no settings", made.name, made.name)
        return Installed(plugin, candidate.origin, apart)


RESERVED = frozenset({"reply", "react", "commands", STORE})


def _commands_of(plugin: Plugin) -> Callable[[], Awaitable[Sequence[Command]]]:
    async def commands() -> Sequence[Command]:
        return list(plugin.commands())

    return commands


def _pressed(pipeline: Pipeline) -> OnPress:
    async def pressed(interaction: discord.Interaction, plugin: str, press: Pressed) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            said = await pipeline.pressed(plugin, press)
        except PluginError as error:
            said = str(error)
        await whisper(interaction, said)

    return pressed
