"""Options that several commands take."""

import os
from pathlib import Path
from typing import Annotated

import typer


def _as_current(context: typer.Context, config: Path | None) -> Path | None:
    """After a rebuild the commands are those of the version that runs; `run` itself looks closer."""
    if context.command.name != "run" and not context.resilient_parsing:
        from bot.rebuild.program import follow_current
        from bot.settings.data_place import data_place

        follow_current(data_place(config, os.environ))
    return config


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration file; else DIGMBOT_CONFIG, else ~/.config/digmbot/config.toml.",
        show_default=False,
        callback=_as_current,
    ),
]
