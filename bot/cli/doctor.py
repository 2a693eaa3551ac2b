"""`digmbot doctor`: what works, what does not, and what to do about it."""

import asyncio
import os
import sys
from typing import Annotated

import typer

from bot.cli.failures import FAILED
from bot.cli.options import ConfigOption


def doctor(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at everything the bot leans on; exit 1 when something is broken."""
    from bot.doctor.examination import examine
    from bot.doctor.findings import as_json as to_json
    from bot.doctor.findings import is_broken, told
    from bot.logs import set_up_logging
    from bot.settings.load import load_settings

    loaded = load_settings(config, os.environ)
    level = {"level": "critical"} if loaded.settings.logging.level != "debug" else {}
    set_up_logging(loaded.settings.logging.model_copy(update=level), loaded.redactor)
    findings = asyncio.run(examine(loaded))
    print(to_json(findings) if as_json else told(findings, colours=sys.stdout.isatty()))
    if is_broken(findings):
        raise typer.Exit(FAILED)
