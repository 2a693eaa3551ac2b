"""`digmbot config`: write, check and show the configuration."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.failures import CommandError, complain
from bot.cli.options import ConfigOption

app = typer.Typer(name="config", help="Write, check and show the configuration.", no_args_is_help=True)


@app.command()
def init(
    path: Annotated[
        Path | None,
        typer.Option("--path", "--config", metavar="FILE", help="Where to write it.", show_default=False),
    ] = None,
) -> None:
    """Write a commented configuration file, unless there is one."""
    from bot.settings.load import chosen_path
    from bot.settings.reference import example_file

    target = chosen_path(path, os.environ)
    if os.path.lexists(target):
        raise CommandError(f"{target}: is there already and was left as it is")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Only for its owner: a token will be written into it. Exclusively, lest somebody else was quicker.
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(example_file())
    except OSError as error:
        raise CommandError(
            f"{target}: cannot be written ({error.strerror}); choose another place with --path"
        ) from None
    print(f"wrote {target}; replace each <TODO> in it, then try `digmbot config check`")


@app.command()
def check(config: ConfigOption = None) -> None:
    """Say whether the configuration is right, or everything that is wrong with it."""
    from bot.settings.load import chosen_path, load_settings

    loaded = load_settings(config, os.environ)
    for warning in loaded.warnings:
        complain(f"warning: {warning}")
    where = f"{loaded.path}: " if loaded.path else f"no file at {chosen_path(config, os.environ)}: "
    print(f"{where}ok" if loaded.configured else f"{where}nothing is configured; `digmbot run` would be the demo")


@app.command()
def show(config: ConfigOption = None) -> None:
    """Print every setting that holds and where it is from; secrets are masked."""
    from bot.settings.load import load_settings
    from bot.settings.show import effective

    loaded = load_settings(config, os.environ, allow_missing=True)
    for warning in (*loaded.warnings, *loaded.missing):
        complain(loaded.redactor(f"warning: {warning}"))
    for line in effective(loaded):
        print(line)
