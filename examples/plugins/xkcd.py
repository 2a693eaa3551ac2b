"""xkcd: a random comic, chosen by a fair dice roll."""

from collections.abc import Sequence

from bot.plugins.api import Call, Command, Plugin


class Xkcd(Plugin):
    name = "xkcd"

    def commands(self) -> Sequence[Command]:
        return [Command(self.comic, "xkcd", "Show a random xkcd comic")]

    async def comic(self, _: Call) -> str:
        return "https://xkcd.com/221/"
