"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration file; else DIGMBOT_CONFIG, else ~/.config/digmbot/config.toml.",
        show_default=False,
    ),
]
