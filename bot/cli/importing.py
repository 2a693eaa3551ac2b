"""`digmbot import-state`: what digmbot-rs kept in its state.toml, taken over."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.failures import CommandError, Misuse
from bot.cli.options import ConfigOption
from bot.cli.stores import with_database

if TYPE_CHECKING:
    from storage.database import Database


def import_state(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The state.toml of digmbot-rs.")],
    replace: Annotated[bool, typer.Option("--replace", help="Also overwrite ratings that are here already.")] = False,
    config: ConfigOption = None,
) -> None:
    """Take over who follows voice channels, and the ratings for the example plugin rivals. Can be done again."""
    from bot.plugins.ancestor import StateError, read_state, take_over

    try:
        state = read_state(file)
    except StateError as error:
        raise Misuse(f"{file}: {error}") from None

    async def work(database: "Database") -> None:
        from bot.plugins.plugin import PluginError

        try:
            taken = await take_over(state, database, replace=replace)
        except PluginError as error:
            raise CommandError(str(error)) from None
        print(f"followers: {taken.followers}, ratings: {taken.ratings}, already here: {taken.kept}")

    with_database(config, work, from_nothing=True)
