"""`digmbot memory backfill|export|forget|reindex`: what changes the stores, so the bot must not run meanwhile."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.failures import CommandError
from bot.cli.options import ConfigOption
from bot.cli.stores import memory

if TYPE_CHECKING:
    from bot.people import People
    from bot.settings.model import Settings
    from bot.starting import Stores
    from bot.walker import Progress
    from memory.opening import OpenMemory

PersonOption = Annotated[int, typer.Option("--person", metavar="ID", help="The person's Discord id.")]
LOOK_SECONDS = 0.2


@memory.command("export")
def export(person: PersonOption, config: ConfigOption = None) -> None:
    """Print everything that is kept about a person, as JSON."""

    async def work(stores: "Stores") -> None:
        from chat.ids import UserId

        print(await _people(stores).export(UserId(person)))

    _with_stores(config, work)


@memory.command("forget")
def forget(
    person: PersonOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Erase every trace of a person: messages, indexes, facts, reminders. It cannot be undone."""

    async def work(stores: "Stores") -> None:
        from chat.ids import UserId

        people = _people(stores)
        stored = await people.stored(UserId(person))
        if not yes and not typer.confirm(f"Erase {stored.told()}?"):
            raise CommandError("nothing was erased")
        print(f"Erased: {(await people.forget(UserId(person))).told()}.")

    _with_stores(config, work)


@memory.command("reindex")
def reindex(config: ConfigOption = None) -> None:
    """Make the full text and the vectors again from the archive. If it is interrupted, the bot goes on where it was."""

    async def work(stores: "Stores") -> None:
        await stores.memory.indexer.begin_anew()
        await _index(stores.memory)

    _with_stores(config, work)


@memory.command("backfill")
def backfill(config: ConfigOption = None) -> None:
    """Read the history of all channels now, and index it. A bot that runs does so by itself, slowly."""

    async def work(stores: "Stores") -> None:
        from bot.backfill import backfill
        from bot.starting import StartError
        from chat.clock import utc_now

        with typer.progressbar(length=1, label="reading") as bar:

            def told(progress: "Progress") -> None:
                bar.length = max(progress.channels, 1)
                bar.label = f"reading: {_counted(progress)}"
                bar.update(progress.done - bar.pos)

            try:
                read = await backfill(_settings(config), stores, told=told, clock=utc_now)
            except StartError as error:
                raise CommandError(str(error)) from None
        await _index(stores.memory)
        print(f"read {_counted(read)}; {await stores.memory.archive.count()} are kept")

    _with_stores(config, work, from_nothing=True)


def _counted(progress: "Progress") -> str:
    return f"{progress.messages} messages of {progress.channels} channels"


async def _index(kept: "OpenMemory") -> None:
    """Wait until everything is indexed, showing how far it is."""
    total = (await kept.indexer.stats()).waiting
    with typer.progressbar(length=total, label="indexing") as bar:
        while waiting := (await kept.indexer.stats()).waiting:
            bar.update(max(0, total - waiting - bar.pos))
            await asyncio.sleep(LOOK_SECONDS)
        bar.update(total - bar.pos)


def _people(stores: "Stores") -> "People":
    from bot.people import People
    from chat.clock import utc_now
    from reminders.service import Reminders
    from reminders.store import ReminderStore

    return People(
        database=stores.database,
        memory=stores.memory,
        reminders=Reminders(ReminderStore(stores.database), utc_now),
        tokens=stores.tokens,
        clock=utc_now,
    )


def _with_stores(
    config: Path | None, work: Callable[["Stores"], Coroutine[None, None, None]], *, from_nothing: bool = False
) -> None:
    from storage.errors import StorageError

    async def main() -> None:
        async with _opened(config, from_nothing=from_nothing) as stores:
            await work(stores)

    try:
        asyncio.run(main())
    except StorageError as error:
        raise CommandError(str(error)) from None


@asynccontextmanager
async def _opened(config: Path | None, *, from_nothing: bool) -> AsyncGenerator["Stores"]:
    """All stores, for this process alone. Raises StorageError, also when a bot is running."""
    from bot.starting import open_stores
    from chat.clock import utc_now

    settings = _settings(config)
    if not from_nothing and settings.storage.url is None and not (settings.storage.data_dir / "digmbot.db").exists():
        raise CommandError(f"{settings.storage.data_dir / 'digmbot.db'} does not exist: nothing has been kept yet")
    async with open_stores(settings, utc_now) as stores:
        yield stores


def _settings(config: Path | None) -> "Settings":
    from bot.settings.load import load_settings

    return load_settings(config, os.environ, allow_missing=True).settings
