"""`digmbot memory` and `digmbot reminders`: the operator's look into what is kept. Works beside a running bot."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.failures import CommandError
from bot.cli.options import ConfigOption

if TYPE_CHECKING:
    from storage.database import Database

memory = typer.Typer(name="memory", help="Look into what is remembered.", no_args_is_help=True)
reminders = typer.Typer(name="reminders", help="Look into what is promised.", no_args_is_help=True)

ServerOption = Annotated[int | None, typer.Option("--server", metavar="ID", help="Only of this Discord server.")]


@memory.command("stats")
def stats(config: ConfigOption = None) -> None:
    """Say how much is kept."""

    async def work(database: "Database") -> None:
        from memory.archive import Archive
        from memory.queue import IndexQueue

        archive = Archive(database)
        print(f"messages: {await archive.count()}")
        print(f"servers: {len(await archive.guilds())}")
        print(f"channels: {len(await archive.newest_id_by_channel())}")
        print(f"waiting to be indexed: {await IndexQueue(database).length()}")

    with_database(config, work)


@memory.command("search")
def search(
    words: Annotated[str, typer.Argument(help="What to look for.")],
    server: Annotated[int, typer.Option("--server", metavar="ID", help="The Discord server to look in.")],
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    config: ConfigOption = None,
) -> None:
    """Search by words, whoever may read it: this is the operator's view."""

    async def work(database: "Database") -> None:
        from chat.ids import GuildId
        from memory import full_text
        from memory.archive import Archive
        from memory.scopes import scope_of

        scope = scope_of(GuildId(server), None)
        found = await database.read(lambda c: full_text.search(c, scope, words, limit=limit))
        kept = await Archive(database).get([id_ for id_, _ in found])
        for id_, _ in found:
            message = kept[id_]
            print(f"{message.created_at:%Y-%m-%d %H:%M} {message.author.name}: {message.text}\n  {message.link}")

    with_database(config, work)


@reminders.command("list")
def list_reminders(server: ServerOption = None, config: ConfigOption = None) -> None:
    """List what is still to be said, soonest first; without the words, which are between the bot and the person."""

    async def work(database: "Database") -> None:
        from chat.clock import utc_now
        from chat.ids import GuildId
        from reminders.service import Reminders
        from reminders.store import ReminderStore
        from reminders.wording import recurrence

        guild = GuildId(server) if server else None
        for each in await Reminders(ReminderStore(database), utc_now).upcoming(guild_id=guild):
            where = f"server {each.guild_id} channel {each.channel_id}" if each.guild_id else "a direct message"
            again = f"  {recurrence(each.schedule)}" if each.schedule else ""
            who = f"{each.owner.name} ({each.owner.id})"
            print(f"{each.id}  {each.due_at:%Y-%m-%d %H:%M} UTC  {each.kind.value}  {who}  {where}{again}")

    with_database(config, work)


@reminders.command("cancel")
def cancel_reminder(
    reminder_id: Annotated[str, typer.Argument(metavar="ID", help="As listed.")], config: ConfigOption = None
) -> None:
    """Cancel a reminder, whoever owns it."""

    async def work(database: "Database") -> None:
        from chat.clock import utc_now
        from reminders.service import Reminders
        from reminders.store import ReminderStore

        cancelled = await Reminders(ReminderStore(database), utc_now).withdraw(reminder_id)
        if cancelled is None:
            raise CommandError(f"no open reminder is called {reminder_id}; `digmbot reminders list` tells their ids")
        print(f"cancelled {cancelled.id} of {cancelled.owner.name}")

    with_database(config, work)


def with_database(
    config: Path | None, work: Callable[["Database"], Coroutine[None, None, None]], *, from_nothing: bool = False
) -> None:
    """`from_nothing`: the database may be made by this. A failure becomes a CommandError."""
    from reminders.values import ReminderError
    from storage.errors import StorageError

    async def main() -> None:
        async with _opened(config, from_nothing=from_nothing) as database:
            await work(database)

    try:
        asyncio.run(main())
    except (StorageError, ReminderError) as error:
        raise CommandError(str(error)) from None


@asynccontextmanager
async def _opened(config: Path | None, *, from_nothing: bool) -> AsyncGenerator["Database"]:
    """The database as it is: a bot that runs may use it at the same time. Raises StorageError."""
    from bot.settings.load import load_settings
    from storage.data_dir import DataDir
    from storage.database import Database
    from storage.migrations import upgrade

    settings = load_settings(config, os.environ, allow_missing=True).settings
    data = DataDir(settings.storage.data_dir)
    path = data.path / "digmbot.db"
    if from_nothing:
        await asyncio.to_thread(data.path.mkdir, mode=0o700, parents=True, exist_ok=True)
    elif settings.storage.url is None and not path.exists():
        raise CommandError(f"{path} does not exist: nothing has been kept yet")
    url = settings.storage.url
    async with Database(url.get_secret_value() if url else data.database_url) as database:
        await asyncio.to_thread(upgrade, database.engine)
        yield database
