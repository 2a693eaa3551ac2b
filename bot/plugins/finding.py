"""Third-party plugins: found in installed packages and in a folder, imported in a thread of their own."""

import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TypeGuard

from bot.plugins.apart import Apart, Stopped
from bot.plugins.plugin import Plugin, PluginError

GROUP = "digmbot.plugins"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
IMPORT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that should be a plugin."""

    label: str
    """Its file's name, or that of its entry point."""
    origin: str
    load: Callable[[], type[Plugin]]
    """Runs third-party code, so: in its thread. Raises anything."""


def candidates(folder: Path | None, *, installed: bool) -> Iterator[Candidate]:
    """In the order of their names, installed ones first. Raises PluginError when the folder cannot be read."""
    if installed:
        for each in sorted(entry_points(group=GROUP), key=lambda each: each.name):
            yield Candidate(each.name, f"package {each.dist.name if each.dist else each.value}", _from_package(each))
    if folder is None:
        return
    try:
        files = sorted(folder.glob("*.py")) if folder.is_dir() else None
    except OSError as error:
        raise PluginError(f"the folder of plugins cannot be read ({error.strerror})") from error
    if files is None:
        raise PluginError("plugins.folder is no folder; write the path of one with .py files in it")
    for file in files:
        if not file.name.startswith("_"):
            yield Candidate(file.stem, file.name, _from_file(file))


async def imported(candidate: Candidate, apart: Apart) -> type[Plugin]:
    """Raises PluginError that says in a few words why it cannot be imported."""
    try:
        return await apart.run(lambda: _imported(candidate), seconds=IMPORT_SECONDS)
    except TimeoutError:
        place = await apart.blocked_at()
        raise PluginError(
            f"importing it takes more than {IMPORT_SECONDS:g} s{f' at {place}' if place else ''}"
        ) from None
    except PluginError:
        raise
    except SyntaxError as error:
        raise PluginError(f"it is not valid Python: line {error.lineno}") from error
    except (Exception, Stopped) as error:  # boundary: whatever a module raises, it is that plugin's fault alone
        raise PluginError(f"importing it failed: {type(error).__name__}{_line_of(error, candidate)}") from error


async def _imported(candidate: Candidate) -> type[Plugin]:
    made = candidate.load()
    if not NAME.fullmatch(made.__dict__.get("name", "")):
        raise PluginError('its name must be up to 32 of a-z 0-9 - _; write name = "…" in the class')
    return made


def _from_package(entry: EntryPoint) -> Callable[[], type[Plugin]]:
    def load() -> type[Plugin]:
        found: object = entry.load()
        if not _is_plugin(found):
            raise PluginError("its entry point names no plugin class")
        return found

    return load


def _from_file(file: Path) -> Callable[[], type[Plugin]]:
    def load() -> type[Plugin]:
        module_name = f"digmbot_plugin_{file.stem}"
        spec = importlib.util.spec_from_file_location(module_name, file)
        if spec is None or spec.loader is None:
            raise PluginError("it is no Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module  # dataclasses and type hints look their module up there
        spec.loader.exec_module(module)
        own = [each for each in vars(module).values() if _is_plugin(each) and each.__module__ == module_name]
        return _only(own)

    return load


def _only(found: Sequence[type[Plugin]]) -> type[Plugin]:
    if len(found) != 1:
        raise PluginError(f"it has {len(found) or 'no'} classes that are plugins; a file has one")
    return found[0]


def _is_plugin(value: object) -> TypeGuard[type[Plugin]]:
    return inspect.isclass(value) and issubclass(value, Plugin) and value is not Plugin


def _line_of(error: BaseException, candidate: Candidate) -> str:
    """The last line of the plugin's own file that had a part in it."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).name == candidate.origin:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" at line {line}" if line else ""
