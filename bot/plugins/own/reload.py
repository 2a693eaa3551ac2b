"""`reload`: read the configuration again. What is wrong with it is told, and then nothing changes."""

from collections.abc import Sequence
from typing import Protocol

from bot.plugins.command import Call, CannotDo, Command, Who
from bot.plugins.plugin import Around, Plugin


class Reloader(Protocol):
    """Reads the configuration again and puts it into force."""

    async def reload(self) -> Sequence[str]:
        """What is different now, line by line, without secrets; nothing when all is as it was.

        Raises CannotDo with what is wrong with the new configuration; the old one stays in force.
        """
        ...


class Reload(Plugin):
    """For owners."""

    name = "reload"

    def __init__(self, around: Around, reloader: Reloader | None) -> None:
        super().__init__(around)
        self._reloader = reloader

    def commands(self) -> Sequence[Command]:
        about = "Read the configuration again (owners only)"
        return [Command(self.reload, "reload", about, who=Who.OWNERS, private=True)]

    async def reload(self, _: Call) -> str:
        if self._reloader is None:
            raise CannotDo("There is no configuration to read again.")
        changed = await self._reloader.reload()
        if not changed:
            return "Nothing has changed in the configuration."
        return "The configuration is read again:\n" + "\n".join(changed)
