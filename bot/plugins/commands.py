"""All commands of all plugins: found by name, carried out, and every way of failing turned into one sentence."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.plugins.apart import Stopped
from bot.plugins.command import Call, CannotDo, Command, Malformed, NotAllowed, Who
from bot.plugins.health import Health, Installed
from bot.plugins.plugin import PluginError
from bot.refusals import Refusals

logger = logging.getLogger(__name__)

SECONDS = 60.0
BROKEN = "That went wrong on my side; it is in the log. Please try again, or tell my operator."
SLOW = "That took too long, so I gave up. Please try again, or tell my operator."
OFF = "That does not work at the moment; my operator is told why."


@dataclass(frozen=True, slots=True)
class Found:
    """A command in a message."""

    installed: Installed
    command: Command
    words: str
    """What stands after its name."""


class Commands:
    """Knows each command by its name."""

    def __init__(
        self,
        prefix: str,
        *,
        refusals: Refusals,
        health: Health,
        taken: Collection[str] = (),
        seconds: float = SECONDS,
    ) -> None:
        """`taken`: the first words of commands that are no plugin's."""
        self.prefix = prefix
        self._taken = taken
        self._refusals = refusals
        self._health = health
        self._seconds = seconds
        self._known: dict[str, tuple[Installed, Command]] = {}

    def add(self, installed: Installed, commands: Sequence[Command]) -> None:
        """All or none. Raises PluginError that names both when a name is taken."""
        for command in commands:
            if _root(command.name) in self._taken:
                raise PluginError(f"its command {command.name} clashes with my own /{_root(command.name)}")
            for taken, (other, _) in self._known.items():
                if _root(command.name) == _root(taken):
                    raise PluginError(f"its command {command.name} clashes with {taken} of {other.name}")
        own = [command.name for command in commands]
        if twice := next((name for name in own if own.count(name) > 1), None):
            raise PluginError(f"it has two commands called {twice}")
        if group := next((name for name in own if any(name == _root(each) != each for each in own)), None):
            raise PluginError(f"its command {group} has subcommands, so it cannot be one itself")
        self._known.update({command.name: (installed, command) for command in commands})

    @property
    def all(self) -> Sequence[tuple[Installed, Command]]:
        """In the order of the pipeline."""
        return list(self._known.values())

    def named(self, name: str) -> tuple[Installed, Command] | None:
        return self._known.get(name.strip().lower())

    def find(self, text: str) -> Found | None:
        """The command that a message begins with: the prefix, the name, and then its end or a blank."""
        if not text.startswith(self.prefix):
            return None
        words = text[len(self.prefix) :]
        if not words or words[0].isspace():
            return None
        for length in (2, 1):
            parts = words.split(None, length)
            known = self._known.get(" ".join(parts[:length]).lower())
            if known and len(parts) >= length:
                return Found(*known, parts[length] if len(parts) > length else "")
        group = words.split(None, 1)[0].lower()
        inside = [command for name, (_, command) in self._known.items() if _root(name) == group]
        if inside:
            first = self._known[inside[0].name][0]
            return Found(first, _which(group, inside), words)
        return None

    @staticmethod
    def may(command: Command, call: Call) -> bool:
        in_general = command.who is Who.EVERYBODY or call.is_owner
        return in_general and (command.allows is None or command.allows(call))

    async def carry_out(self, found: Found, call: Call) -> str | None:
        """From words as they were typed. What to say; None for nothing."""
        return await self._told(found.installed, found.command, call, found.words, None)

    async def carry_out_given(self, name: str, call: Call, given: Mapping[str, str | float | bool]) -> str | None:
        """From what a slash command was given."""
        known = self._known.get(name)
        words = " ".join(str(value) for value in given.values())
        return await self._told(*known, call, words, given) if known else OFF

    async def _told(
        self,
        installed: Installed,
        command: Command,
        call: Call,
        words: str,
        given: Mapping[str, str | float | bool] | None,
    ) -> str | None:
        try:
            if self.may(command, call):
                read = command.read(words) if given is None else command.checked(given)
                return await self._run(installed, command, call, read)
            return await self._refused(command, call, words)
        except NotAllowed:
            return await self._refused(command, call, words)
        except Malformed as error:
            return f"{str(error)[:1].upper()}{str(error)[1:]}. It is written like `{self.prefix}{command.told}`."
        except (CannotDo, PluginError) as error:
            return str(error)

    async def _refused(self, command: Command, call: Call, words: str) -> str:
        return await self._refusals.worded(bot=call.bot, asker=call.asker, request=f"{command.name} {words}".strip())

    async def _run(
        self, installed: Installed, command: Command, call: Call, given: Mapping[str, str | float | bool]
    ) -> str | None:
        if installed.disabled:
            raise CannotDo(OFF)
        try:
            if installed.apart is None:
                return await command.run(call, **given)
            said = await installed.apart.run(lambda: command.run(call, **given), seconds=self._seconds)
        except (CannotDo, NotAllowed, Malformed, PluginError):
            raise
        except TimeoutError:
            place = await installed.apart.blocked_at() if installed.apart else None
            where = f": it is stuck at {place}" if place else ""
            problem = f"did not finish the command {command.name} within {self._seconds:g} s{where}"
            await self._health.failed(installed, problem, for_good=place is not None)
            raise CannotDo(SLOW) from None
        except Stopped as error:
            await self._health.failed(installed, f"ended in the command {command.name}: {error}")
            raise CannotDo(BROKEN) from error
        except Exception as error:  # boundary: whatever a command raises ends in one sentence, and is logged
            logger.exception("the command %s failed", command.name)
            await self._health.failed(installed, f"failed in the command {command.name}: {type(error).__name__}")
            raise CannotDo(BROKEN) from error
        self._health.went_well(installed)
        return said if isinstance(said, str) else None


def _root(name: str) -> str:
    return name.split(maxsplit=1)[0]


def _which(group: str, inside: Sequence[Command]) -> Command:
    """Stands for a group that was called without one of its commands."""

    async def run(_: Call, words: str = "") -> str:  # noqa: ARG001
        raise Malformed(f"{group} has these: {', '.join(each.told.removeprefix(group).strip() for each in inside)}")

    return Command(run, f"{group}", f"The commands of {group}")
