"""Where the plugins live in the running bot."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.accepting import Accepting
from bot.commands.tree import Tree
from bot.desk import Desk
from bot.gateway import Gateway
from bot.history import History
from bot.inbox import Inbox
from bot.plugins.command import CannotDo
from bot.plugins.opening import Opened, Parts, open_plugins, owners_of
from bot.rebuild.rebuilder import Rebuilder
from bot.refusals import Refusals
from bot.reloading import Reloader
from bot.settings.model import Settings
from bot.settings.problems import Problem
from bot.starting import Stores
from bot.surface import DiscordSurface
from chat.clock import Clock
from tools.permission import Permissions

TOLD = 20  # problems in one answer


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What owners may change of the running bot; None where that cannot be."""

    reloader: Reloader | None
    rebuilder: Rebuilder | None


class Hosting:
    """Opens the plugins with what the bot has."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        client: Gateway,
        *,
        surface: DiscordSurface,
        permissions: Permissions,
        history: History,
        desk: Desk,
        refusals: Refusals,
        upkeep: Upkeep,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._client = client
        self._surface = surface
        self._permissions = permissions
        self._history = history
        self._desk = desk
        self._refusals = refusals
        self._upkeep = upkeep
        self._clock = clock

    @asynccontextmanager
    async def open(self, tasks: asyncio.TaskGroup, inbox: Inbox, tree: Tree) -> AsyncGenerator[Opened]:
        accepting = Accepting(tasks, ledger=self._stores.ledger, inbox=inbox, desk=self._desk)
        owners = owners_of(self._settings, self._stores.database)
        async with open_plugins(tasks, self._parts(tree), owners, accepting) as plugins:
            self._client.overhear = plugins.overhear
            yield plugins

    def _parts(self, tree: Tree) -> Parts:
        return Parts(
            client=self._client,
            places=self._client.places,
            surface=self._surface,
            permissions=self._permissions,
            database=self._stores.database,
            ledger=self._stores.ledger,
            history=self._history,
            desk=self._desk,
            tree=tree,
            refusals=self._refusals,
            reloader=Rereading(self._upkeep.reloader) if self._upkeep.reloader else None,
            rebuilder=self._upkeep.rebuilder,
            settings=self._settings,
            clock=self._clock,
        )


class Rereading:
    """The bot's reloader as the command wants it."""

    def __init__(self, reloader: Reloader) -> None:
        self._reloader = reloader

    async def reload(self) -> Sequence[str]:
        reread = await self._reloader.reload()
        if reread.problems:
            problems = "\n".join(map(_told, reread.problems[:TOLD]))
            raise CannotDo(f"The configuration has mistakes, so the one before stays in force:\n{problems}")
        return reread.told


def _told(problem: Problem) -> str:
    """With the line, and without the path: where the file is, is nobody's business in a channel."""
    return str(replace(problem, place=Path(problem.place).name))
