"""`digmbot run`, `demo` and `sandbox`: the commands that stay until they are stopped."""

import asyncio
import errno
import os
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.failures import CommandError, Misuse, complain
from bot.cli.options import ConfigOption

if TYPE_CHECKING:
    from bot.rebuild.program import Program
    from bot.settings.load import Loaded
    from bot.settings.secrets import Redactor
    from sandbox.world_file import World

PortOption = Annotated[
    int, typer.Option(min=0, max=65535, help="Port of the page, the API and the gateway; 0 takes a free one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON line when ready, for scripts.")]
WorldOption = Annotated[
    Path | None, typer.Option("--world", metavar="FILE", help="A world file, instead of the one that ships with it.")
]
DEFAULT_PORT = 8765


def run(config: ConfigOption = None) -> None:
    """Run the bot; without a Discord token, the demo."""
    from bot.rebuild.program import Program
    from bot.settings.data_place import data_place

    program = Program.begin(data_place(config, os.environ))
    with program.guarded():
        _run(config, program)
    program.follow()


def _run(config: Path | None, program: "Program") -> None:
    loaded, redactor = _load(config)
    if not loaded.configured or (loaded.settings.general.discord_token is None and not _was_meant(loaded)):
        complain("no Discord token is configured, so this is the demo; `digmbot config init` begins the real thing")
        _demo(loaded, world=None, port=DEFAULT_PORT, keep=None, as_json=False)
        return
    loaded.require_complete()
    from bot.app import run_bot
    from bot.reloading import Source
    from bot.settings.load import load_settings
    from bot.stopping import on_hang_up

    async def work(stop: asyncio.Event) -> None:
        path = loaded.path
        source = Source(path, lambda: load_settings(config, os.environ), redactor) if path else None
        program.stop = stop.set
        with on_hang_up(source.asked.set if source else None):
            await run_bot(loaded.settings, stop, ready=program.ready, source=source, program=program)

    _until_stopped(work)


def demo(
    config: ConfigOption = None,
    port: PortOption = DEFAULT_PORT,
    world: WorldOption = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the world and the bot's data there over restarts.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Try the bot on a local Discord with a page to talk on."""
    _demo(_load(config)[0], world=world, port=port, keep=keep, as_json=as_json)


def sandbox(
    world: WorldOption = None,
    port: PortOption = DEFAULT_PORT,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the world there over restarts.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the local Discord alone, without the bot."""
    import json

    from sandbox.description import describe
    from sandbox.server import Sandbox

    chosen = _world(world)

    async def serve(stop: asyncio.Event) -> None:
        async with Sandbox(chosen, port=port, state_file=state) as box:
            print(json.dumps(describe(box)) if as_json else f"the sandbox is at {box.page_url}", flush=True)
            await stop.wait()

    with _listening_on(port, "digmbot sandbox"):
        _until_stopped(serve)


def _demo(loaded: "Loaded", *, world: Path | None, port: int, keep: Path | None, as_json: bool) -> None:
    import tempfile

    from bot.demo.demo import run_demo

    chosen = _world(world)
    if not chosen.bots:
        raise Misuse(f"{world}: bots: the demo needs one; write [[bots]] and its name")
    _quiet_down(loaded)
    # Around the loop, not in it: a thread of it may still be writing when the bot is done.
    with _listening_on(port, "digmbot demo"), tempfile.TemporaryDirectory(prefix="digmbot-demo-") as passing:
        folder = keep or Path(passing)
        _until_stopped(
            lambda stop: run_demo(
                loaded, stop, environ=os.environ, world=chosen, port=port, folder=folder, as_json=as_json
            ),
        )


def _quiet_down(loaded: "Loaded") -> None:
    """A newcomer reads where to go and who speaks; what else there is to tell, only who asked for it."""
    from bot.logs import set_up_logging

    wishes = loaded.settings.logging
    if ("logging", "level") not in loaded.origins:
        # Over loopback a heartbeat can be answered before its sender has noted when it went out, and then looks late.
        levels = {"discord.gateway": "error", **wishes.levels}
        set_up_logging(wishes.model_copy(update={"level": "warning", "levels": levels}), loaded.redactor)


@contextmanager
def _listening_on(port: int, command: str) -> Generator[None]:
    """Raises CommandError when the port cannot be had."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = "is taken, perhaps by another digmbot"
        elif error.errno == errno.EACCES and error.filename is None:
            why = "may not be used by you"
        else:
            raise
        raise CommandError(f"port {port} {why}; `{command} --port 0` takes a free one") from None


def _load(config: Path | None) -> "tuple[Loaded, Redactor]":
    """The settings, and what takes their secrets out of the log."""
    from bot.logs import set_up_logging
    from bot.settings.load import load_settings

    loaded = load_settings(config, os.environ, allow_missing=True)
    redactor = loaded.redactor
    set_up_logging(loaded.settings.logging, redactor)
    for warning in loaded.warnings:
        complain(redactor(f"warning: {warning}"))
    return loaded, redactor


def _was_meant(loaded: "Loaded") -> bool:
    """Whether the token is to be filled in yet, rather than left out on purpose."""
    return any(problem.key.startswith("general.discord_token") for problem in loaded.missing)


def _world(path: Path | None) -> "World":
    from bot.demo.world import demo_world
    from sandbox.world import load_world
    from sandbox.world_file import WorldError

    try:
        return load_world(path) if path else demo_world()
    except WorldError as error:
        raise Misuse(str(error)) from None


def _until_stopped(work: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Run `work` until a signal; what it cannot do is one sentence on standard error."""
    from bot.starting import StartError
    from bot.stopping import stop_on_signals
    from sandbox.world_file import WorldError
    from storage.errors import StorageError

    async def main() -> None:
        with stop_on_signals() as stop:
            await work(stop)
            # Threads may still be making the embedding model ready; a second signal must count here, too.
            await asyncio.get_running_loop().shutdown_default_executor()

    try:
        asyncio.run(main())
    except WorldError as error:
        raise Misuse(str(error)) from None
    except (StartError, StorageError) as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        if error.filename is None and error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise  # about a port, and who chose the port has more to say
        where = f"{error.filename}: " if error.filename else ""
        raise CommandError(f"{where}{error.strerror or error}") from None
