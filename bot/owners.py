"""The owners of the bot: ids that the operator wrote, and ids that the names in old files were found to mean, once."""

import logging
from collections.abc import Collection, Iterator

import discord
from sqlalchemy.exc import DBAPIError

from bot.plugins.plugin import PluginError
from bot.plugins.store import DatabaseStore
from chat.ids import UserId

logger = logging.getLogger(__name__)

STORE = "owners"


class Owners:
    """Who has full permission. A name is resolved once, and what it meant then is kept: who takes it later gets
    nothing by it.
    """

    def __init__(self, ids: Collection[int], names: Collection[str], store: DatabaseStore) -> None:
        self._named_by_id = frozenset(ids)
        self._ids = frozenset(ids)
        self._names = tuple(names)
        self._store = store

    def include(self, person: UserId) -> bool:
        return person in self._ids

    async def resolve(self, client: discord.Client) -> None:
        """Once the gateway is ready. Never raises for the database."""
        for name in self._names:
            try:
                await self._resolve(name, client)
            except (DBAPIError, PluginError) as error:
                logger.warning("the owner “%s” is not known until the next start: %s", name, error)

    async def _resolve(self, name: str, client: discord.Client) -> None:
        kept = await self._store.get(name)
        if isinstance(kept, int):
            self._ids |= {kept}
            return
        found = set(_called(name, client))
        if len(found) == 1:
            person = found.pop()
            await self._store.put(name, person, about=UserId(person))
            self._ids |= {person}
            logger.warning(
                "the owner “%s” is taken to be the person with the id %d; write that id instead", name, person
            )
        else:
            how = "nobody the bot sees is" if not found else f"{len(found)} people the bot sees are"
            logger.warning("the owner “%s” is nobody: %s called that; write the id instead", name, how)


def _called(name: str, client: discord.Client) -> Iterator[int]:
    """People of this account name, not of a name they show: that anybody may choose."""
    for guild in client.guilds:
        yield from (member.id for member in guild.members if not member.bot and member.name == name)
