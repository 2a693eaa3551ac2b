"""Links in answers are held to what they promise: a message that is there, and that everybody here may read.

A model may invent a link, or cite what was deleted meanwhile or is hidden from a reader. Then its words stay and the
link goes. Only links into our own servers and direct conversations can be judged so. Of addresses elsewhere, a run that
has read what others wrote may pass on those that it was given (`tools.outgoing`); others are shown, and cannot be
clicked.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Protocol

import discord

from bot.places import REST_FAILURES, Places
from bot.text.links import JumpLink, finished, keeping, links
from chat.ids import MessageId
from chat.messages import Message
from tools.context import ToolContext
from tools.outgoing import without_growing_end
from tools.permission import Permissions
from tools.reading import Reading
from tools.surface import Surface
from tools.verifying import Verifier

logger = logging.getLogger(__name__)

SECONDS = 2.0
PREVIEW_SECONDS = 0.2
MOST_LOOKED_UP = 10
"""Links of one answer that are asked of Discord; an honest one cites what is archived."""
HIGHEST = 2**63
NOTHING_LEFT = "I cannot show what I would link to here: it does not exist (any more), or not everybody may read it."

NO_LINK = "-# Not a link, because I read what others wrote and was given no such address: {hosts}"
MOST_NAMED = 3


class Kept(Protocol):
    """What is archived: `memory.archive.Archive`."""

    async def get(self, ids: Collection[MessageId]) -> Mapping[MessageId, Message]: ...


class Links:
    """Judges links, for one answer at a time."""

    def __init__(
        self,
        *,
        kept: Kept,
        verifier: Verifier,
        permissions: Permissions,
        surface: Surface,
        places: Places,
        seconds: float = SECONDS,
    ) -> None:
        """`seconds`: how long a finished answer waits for its links to be judged."""
        self._kept = kept
        self._verifier = verifier
        self._permissions = permissions
        self._surface = surface
        self._places = places
        self.seconds = seconds

    def of(self, context: ToolContext, reading: Reading) -> "AnswerLinks":
        """`reading`: of the run that answers."""
        return AnswerLinks(self, context, reading)

    async def may_be_here(self, link: JumpLink, context: ToolContext) -> bool:
        """Whether everybody who reads the answer may read where the link leads."""
        if max(link.guild_id or 0, link.channel_id, link.message_id) >= HIGHEST:
            return False
        if link.channel_id == context.channel.id:
            return link.guild_id == context.channel.guild_id
        return link.guild_id is not None and bool(await self._permissions.showable(context, [link.channel_id]))

    def is_foreign(self, link: JumpLink) -> bool:
        return link.guild_id is not None and self._surface.guild(link.guild_id) is None

    async def archived(self, link: JumpLink) -> Message | None:
        message = (await self._kept.get([link.message_id])).get(link.message_id)
        if message is None or (message.guild_id, message.channel_id) != (link.guild_id, link.channel_id):
            return None
        return message

    async def stands(self, message: Message) -> bool:
        return bool(await self._verifier.verify([message]))

    async def is_on_discord(self, link: JumpLink) -> bool:
        """Asked there; what cannot be known for sure counts as gone."""
        match await self._places.find(link.channel_id):
            case None | discord.ForumChannel():
                return False
            case discord.DMChannel() as place:
                guild_id = None
            case place:
                guild_id = place.guild.id
        if guild_id != link.guild_id:
            return False
        try:
            await place.fetch_message(link.message_id)
        except REST_FAILURES as error:
            logger.info("the link to message %s is left out: %s", link.message_id, error)
            return False
        return True


class AnswerLinks:
    """The links of one answer, each judged once."""

    def __init__(self, links_: Links, context: ToolContext, reading: Reading) -> None:
        self._links = links_
        self._context = context
        self._reading = reading
        self._good: set[JumpLink] = set()
        self._doubtful: set[JumpLink] = set()
        self._looked_up = 0

    async def preview(self, text: str) -> str:
        """As far as it may be shown at once: a link that is not known yet shows when the answer is done."""
        text, _ = self._reading.safe(without_growing_end(text) if self._reading.tainted else finished(text))
        new = [link for link in links(text) if link not in self._good | self._doubtful]
        for link in new:
            try:
                async with asyncio.timeout(PREVIEW_SECONDS):
                    good = await self._is_archived(link)
            except Exception:  # boundary: what cannot be checked while it streams is checked at the end
                logger.debug("a link could not be checked while streaming", exc_info=True)
                good = False
            (self._good if good else self._doubtful).add(link)
        return keeping(text, self._good.__contains__)

    async def settled(self, text: str) -> str:
        """The answer without the links that lead nowhere, or that cannot be judged in time, and those made up turned
        into words."""
        text, hosts = self._reading.safe(text)
        left = await self._without_dead_ends(text)
        return f"{left}\n{NO_LINK.format(hosts=', '.join(hosts[:MOST_NAMED]))}" if hosts else left

    async def _without_dead_ends(self, text: str) -> str:
        found, good = links(text), set[JumpLink]()
        if not found:
            return text

        async def judge(link: JumpLink) -> None:
            if await self._is_good(link):
                good.add(link)

        try:
            async with asyncio.timeout(self._links.seconds), asyncio.TaskGroup() as tasks:
                for link in found:
                    tasks.create_task(judge(link))
        except Exception:  # boundary: what could not be checked in time is left out, and the answer is given
            logger.warning("not all links of an answer could be checked", exc_info=True)
        if len(good) < len(found):
            logger.info("%d of %d links are left out of an answer", len(found) - len(good), len(found))
        left = keeping(text, good.__contains__)
        return left if left.strip() else NOTHING_LEFT

    async def _is_archived(self, link: JumpLink) -> bool:
        if self._links.is_foreign(link):
            return True
        return await self._links.may_be_here(link, self._context) and await self._links.archived(link) is not None

    async def _is_good(self, link: JumpLink) -> bool:
        if self._links.is_foreign(link):
            return True
        if not await self._links.may_be_here(link, self._context):
            return False
        if (message := await self._links.archived(link)) is not None:
            return await self._links.stands(message)
        self._looked_up += 1
        return self._looked_up <= MOST_LOOKED_UP and await self._links.is_on_discord(link)
