"""Who may write where, for what the bot says because somebody wants it said."""

from bot.plugins.plugin import Around
from chat.channels import Channel, ChannelKind
from chat.ids import UserId
from chat.rights import Right

IN_THREADS = {ChannelKind.THREAD, ChannelKind.PRIVATE_THREAD}


async def may_write(around: Around, person: UserId, channel: Channel) -> bool:
    needed = Right.SEND_IN_THREADS if channel.kind in IN_THREADS else Right.SEND_MESSAGES
    may_see = await around.may(person, channel.id, Right.VIEW_CHANNEL)
    return may_see and await around.may(person, channel.id, needed)
