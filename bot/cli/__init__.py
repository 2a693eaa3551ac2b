"""The `digmbot` command. One file per command, and one line here; `digmbot --help` must answer in half a second, so the
files import what their command needs within it."""

from collections.abc import Sequence
from typing import Annotated

import typer

from bot.cli import bridging, config, doctor, keeping, running, stores
from bot.cli.failures import plain_errors

app = typer.Typer(
    name="digmbot",
    help="A Discord bot that acts. Start with `digmbot demo`, or `digmbot config init`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# A command of its own: app.command()(run). A group of commands: app.add_typer(config.app).
app.command()(running.run)
app.command()(running.demo)
app.command()(running.sandbox)
app.command()(doctor.doctor)
app.command()(bridging.mcp)
app.add_typer(config.app)
app.add_typer(keeping.memory)
app.add_typer(stores.reminders)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"digmbot {version('digmbot')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take what stands before the command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command of `arguments` (of the process when not given), and exit."""
    with plain_errors():
        app(arguments)
