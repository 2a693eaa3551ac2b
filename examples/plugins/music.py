"""music: random music, with settings. `[plugins.music]` may give `url`."""

from collections.abc import Sequence

from pydantic import BaseModel

from bot.plugins.api import Around, Call, Command, Plugin


class Wishes(BaseModel):
    """The section [plugins.music]."""

    url: str = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


class Music(Plugin):
    name = "music"

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self.wishes = around.settings(Wishes)

    def commands(self) -> Sequence[Command]:
        return [Command(self.music, "music", "Fetch random music")]

    async def music(self, _: Call) -> str:
        return self.wishes.url
