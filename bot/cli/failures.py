"""Expected failures become a sentence and an exit code: 1 where a command failed, 2 for wrong usage or settings.

Bugs keep their traceback.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager

import typer

from bot.settings.problems import SettingsError

FAILED = 1
MISUSED = 2


class CommandError(Exception):
    """A command could not do its work; the text says why and what to do."""


class Misuse(Exception):  # noqa: N818 - what the operator did, not what went wrong
    """A file or an option that was handed over is wrong; the text says what, and what to write."""


@contextmanager
def plain_errors() -> Generator[None]:
    """Around the whole program, so that no command answers an expected failure with a traceback."""
    try:
        yield
    except (SettingsError, Misuse) as error:
        complain(str(error))
        sys.exit(MISUSED)
    except CommandError as error:
        complain(str(error))
        sys.exit(FAILED)


def complain(text: str) -> None:
    """Say it where errors go, so that output stays what was asked for."""
    typer.echo(text, err=True)
