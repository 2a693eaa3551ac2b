"""`puppet`: say something through the bot, in another channel. For owners and the accounts in `[puppet]`."""

from collections.abc import Collection, Sequence
from typing import Annotated, Protocol

from bot.plugins.command import Call, CannotDo, Command
from bot.plugins.own.writing import may_write
from bot.plugins.plugin import Around, Plugin
from chat.channels import Channel, ChannelKind, Guild
from chat.ids import GuildId
from chat.messages import jump_link

NO_TEXT = {ChannelKind.FORUM}
LIMIT = 2000


class Directory(Protocol):
    """The channels there are."""

    def guild(self, guild_id: GuildId) -> Guild | None: ...

    def channels(self, guild_id: GuildId) -> Sequence[Channel]: ...


class Puppet(Plugin):
    """Owners may speak where the bot may; the accounts only where they may write themselves."""

    name = "puppet"

    def __init__(self, around: Around, accounts: Collection[int], directory: Directory) -> None:
        super().__init__(around)
        self._accounts = frozenset(accounts)
        self._directory = directory

    def commands(self) -> Sequence[Command]:
        about = "Have me say something in a channel (owners and configured accounts)"
        suggest = {"channel": self.suggest}
        return [Command(self.puppet, "puppet", about, private=True, suggest=suggest, allows=self._may)]

    async def puppet(
        self,
        call: Call,
        channel: Annotated[str, "Where: #name or its id"],
        text: Annotated[str, "What I am to say, word for word"],
    ) -> str:
        target = await self._target(call, channel)
        if len(text.encode("utf-16-le")) // 2 > LIMIT:
            raise CannotDo(f"That is too long: a message has {LIMIT} characters at most.")
        message = await self.around.send(target.id, text, key=f"{call.request.id}")
        return f"Said: {jump_link(target.guild_id, target.id, message)}"

    async def suggest(self, call: Call, typed: str) -> Sequence[str]:
        wanted = typed.strip().lower().removeprefix("#")
        found = [each for each in await self._writable(call) if wanted in each.name.lower()]
        names = [each.name for each in found]
        return [f"#{each.name}" if names.count(each.name) == 1 else str(each.id) for each in found]

    def _may(self, call: Call) -> bool:
        return call.is_owner or call.asker.id in self._accounts

    async def _target(self, call: Call, wanted: str) -> Channel:
        named = wanted.strip().removeprefix("<#").removesuffix(">").removeprefix("#").lower()
        writable = await self._writable(call)
        found = [each for each in writable if str(each.id) == named] or [
            each for each in writable if each.name.lower() == named
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise CannotDo("Several channels are called that; give the id of the one you mean.")
        raise CannotDo("There is no such channel where I may write for you.")

    async def _writable(self, call: Call) -> Sequence[Channel]:
        """On this server; in a direct message on all that the person shares with the bot."""
        guilds = [call.guild.id] if call.guild else await self.around.guilds_of(call.asker.id)
        listed = [each for guild in guilds for each in self._directory.channels(guild) if each.kind not in NO_TEXT]
        return [each for each in listed if await self._may_write(call, each)]

    async def _may_write(self, call: Call, channel: Channel) -> bool:
        who = [call.bot.id] if call.is_owner else [call.bot.id, call.asker.id]
        return all([await may_write(self.around, person, channel) for person in who])
