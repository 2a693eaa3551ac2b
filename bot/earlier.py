"""After a crash: which messages an earlier attempt has already shown for a mention."""

from collections.abc import Sequence

import discord

from bot.ledger import Ledger
from bot.places import REST_FAILURES, TextPlace
from chat.ids import MessageId

LOOK_AHEAD = 50  # messages after the mention; an answer that streamed stands right below it


async def earlier_replies(
    place: TextPlace | discord.DMChannel, message_id: MessageId, ledger: Ledger, me: int
) -> Sequence[MessageId]:
    """What the ledger knows, else what stands in the channel as our reply to the mention. The answer goes there."""
    known = await ledger.replies(message_id)
    if known:
        return known
    try:
        async for message in place.history(limit=LOOK_AHEAD, after=discord.Object(message_id), oldest_first=True):
            reference = message.reference
            if message.author.id == me and reference and reference.message_id == message_id and not message.components:
                return [MessageId(message.id)]
    except REST_FAILURES:
        return []  # the same nonce still keeps a second message away
    return []
