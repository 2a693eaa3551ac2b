"""The button under an answer that a search was made for: what it found that only the asker may see, for them alone.

It stands under every such answer on a server, so that nobody can tell from it whether there is more. What was searched
for is kept here and not in Discord, and only for the newest answers of this run of the program.
"""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.commands.tree import BROKEN, whisper
from bot.components import OURS
from bot.gateway import Gateway
from bot.memory_view import told_hits
from bot.places import REST_FAILURES, Places
from chat.ids import MessageId, UserId
from chat.messages import Message
from tools.context import ToolContext
from tools.permission import Permissions
from tools.searching import Recall, Search, Searcher
from tools.verifying import Verifier

logger = logging.getLogger(__name__)

LABEL = "🔒 What only I may see"
CUSTOM_ID = f"{OURS}private-hits"
MOST = 500
"""Answers whose searches are kept, and runs that are under way."""
MOST_SEARCHES = 5
"""Of one answer, the newest."""
NOTHING = "There is nothing more that only you may see."
FORGOTTEN = "I do not know any more what was searched for here. Ask again, or use /memory search."


@dataclass(frozen=True, slots=True)
class _Offer:
    """What an answer was searched for, and for whom."""

    context: ToolContext
    searches: Sequence[Search]


class PrivateHits:
    """Keeps what was searched for; puts the button there; answers who presses it."""

    def __init__(self, *, searcher: Searcher, places: Places) -> None:
        self._searcher = searcher
        self._places = places
        self._running: OrderedDict[str, list[Search]] = OrderedDict()
        self._offers: OrderedDict[MessageId, _Offer] = OrderedDict()

    def searched(self, context: ToolContext, search: Search) -> None:
        """The run searches; `offer` is to come when it has answered."""
        if context.guild is None:
            return  # in a direct message nothing is withheld
        searches = self._running.setdefault(context.run_id, [])
        searches[:] = [*searches, search][-MOST_SEARCHES:]
        if len(self._running) > MOST:
            self._running.popitem(last=False)

    async def offer(self, context: ToolContext, answer: Sequence[MessageId]) -> None:
        """The run has ended, and its answer stands in these messages. Never raises for Discord's failures."""
        searches = self._running.pop(context.run_id, [])
        had = [message_id for message_id in answer if self._offers.pop(message_id, None)]
        wants = answer[-1:] if searches and context.guild else ()
        for message_id in had:
            if message_id not in wants:
                await self._put(context, message_id, None)
        for message_id in wants:
            self._offers[message_id] = _Offer(context, searches)
            if len(self._offers) > MOST:
                self._offers.popitem(last=False)
            await self._put(context, message_id, self.view())

    def view(self) -> "PrivateHitsView":
        return PrivateHitsView(self)

    def forget_author(self, person: UserId) -> None:
        """What somebody searched for is a trace of theirs."""
        for message_id in [id_ for id_, offer in self._offers.items() if offer.context.asker.id == person]:
            del self._offers[message_id]

    async def pressed(self, interaction: discord.Interaction, answer: MessageId) -> None:
        offer = self._offers.get(answer)
        if offer is None:
            await whisper(interaction, FORGOTTEN)
        elif interaction.user.id != offer.context.asker.id:
            await whisper(
                interaction, f"Only {offer.context.asker.name} can use this; /memory search is for everybody."
            )
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await whisper(interaction, told_hits(await self._withheld(offer)) or NOTHING)

    async def _withheld(self, offer: _Offer) -> Sequence[Message]:
        found = [await self._searcher.withheld(search, offer.context) for search in reversed(offer.searches)]
        return list({message.id: message for messages in found for message in messages}.values())

    async def _put(self, context: ToolContext, message_id: MessageId, view: "PrivateHitsView | None") -> None:
        place = await self._places.find(context.channel.id)
        if place is None or isinstance(place, discord.ForumChannel):
            return
        try:
            await place.get_partial_message(message_id).edit(view=view)
        except REST_FAILURES as error:
            logger.info("the button under message %s could not be changed: %s", message_id, error)
        finally:
            if view:
                view.stop()  # the one view that was added to the client answers for all messages


class PrivateHitsView(discord.ui.View):
    """Survives a restart: it is known by its custom id, and which answer it stands under."""

    def __init__(self, hits: PrivateHits) -> None:
        super().__init__(timeout=None)
        self._hits = hits

    @discord.ui.button(label=LABEL, style=discord.ButtonStyle.secondary, custom_id=CUSTOM_ID)
    async def show(self, interaction: discord.Interaction, _: "discord.ui.Button[PrivateHitsView]") -> None:
        if interaction.message is not None:
            await self._hits.pressed(interaction, MessageId(interaction.message.id))

    async def on_error(
        self, interaction: discord.Interaction, error: Exception, item: "discord.ui.Item[PrivateHitsView]", /
    ) -> None:
        await super().on_error(interaction, error, item)  # logs it
        await whisper(interaction, BROKEN)


def private_hits_of(client: Gateway, memory: Recall, verifier: Verifier, permissions: Permissions) -> PrivateHits:
    """With its button answered by this client."""
    searcher = Searcher(memory=memory, verifier=verifier, permissions=permissions)
    hits = PrivateHits(searcher=searcher, places=client.places)
    client.add_view(hits.view())
    return hits
