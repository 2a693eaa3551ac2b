"""`help`: the commands that the person asking may use, and how each is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from bot.plugins.command import Call, CannotDo, Command
from bot.plugins.commands import Commands
from bot.plugins.health import Installed
from bot.plugins.plugin import Around, Plugin


@dataclass(frozen=True, slots=True)
class Other:
    """A slash command that is no plugin's."""

    name: str
    about: str


Others = Callable[[Call], Sequence[Other]]
"""Those that this person may use there."""


class Help(Plugin):
    """Made before the others, asked after them: so it is given where they will be."""

    name = "help"

    def __init__(self, around: Around, commands: Commands, installed: Sequence[Installed], others: Others) -> None:
        super().__init__(around)
        self._commands = commands
        self._installed = installed
        self._others = others

    def commands(self) -> Sequence[Command]:
        suggest = {"command": self.suggest}
        return [Command(self.help, "help", "The commands that you may use", private=True, suggest=suggest)]

    async def help(self, call: Call, command: Annotated[str | None, "Of which one to tell more"] = None) -> str:
        if command:
            return self._one(call, command.strip().lower().removeprefix(self.around.prefix).removeprefix("/"))
        mine = self._usable(call)
        lines = [self._line(each) for each in mine]
        lines += [each.plugin.usage for each in self._installed if each.plugin.usage and not each.disabled]
        told = "Commands, each also as a slash command:\n" + "\n".join(lines)
        if others := self._others(call):
            told += "\nAs slash commands only:\n" + "\n".join(f"`/{each.name}` - {each.about}" for each in others)
        return told

    async def suggest(self, call: Call, typed: str) -> Sequence[str]:
        names = [each.name for each in self._usable(call)] + [each.name for each in self._others(call)]
        return [name for name in names if typed.strip().lower() in name]

    def _one(self, call: Call, name: str) -> str:
        mine = self._usable(call)
        for each in mine:
            if each.name == name:
                about = [f"`{p.name}`: {p.about}" for p in each.parameters if p.about != "…"]
                return "\n".join([f"`{self.around.prefix}{each.told}`", each.about + ".", *about])
        if inside := [each for each in mine if each.name.startswith(f"{name} ")]:
            return "\n".join(map(self._line, inside))
        for other in self._others(call):
            if other.name == name:
                return f"`/{other.name}`\n{other.about}."
        raise CannotDo(f"There is no such command that you may use. `{self.around.prefix}help` lists them.")

    def _line(self, command: Command) -> str:
        return f"`{self.around.prefix}{command.told}` - {command.about}"

    def _usable(self, call: Call) -> Sequence[Command]:
        return [
            command
            for installed, command in self._commands.all
            if self._commands.may(command, call) and not installed.disabled
        ]
