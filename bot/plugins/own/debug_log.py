"""`debug-log`: what happens, line by line, in the log at the level debug."""

import logging

from bot.plugins.events import (
    ChannelGone,
    Deleted,
    Edited,
    Event,
    MemberChanged,
    Reacted,
    Ready,
    Said,
    Tick,
    VoiceMoved,
)
from bot.plugins.plugin import Inline

logger = logging.getLogger(__name__)


class DebugLog(Inline):
    """Looks, and passes everything on."""

    name = "debug-log"

    def notice(self, event: Event) -> bool:
        if logger.isEnabledFor(logging.DEBUG) and (line := told(event)):
            logger.debug("%s", line)
        return False


def told(event: Event) -> str:  # noqa: PLR0911 - one line an event
    match event:
        case Ready(bot, guilds):
            return f"connected to {len(guilds)} servers as {bot.name}"
        case Said(message, channel):
            return f"{message.author.name} in #{channel.name} ({channel.id}): {message.text}"
        case Edited(message):
            return f"{message.author.name} changed message {message.id}: {message.text}"
        case Deleted(channel, ids):
            return f"deleted in channel {channel}: {', '.join(map(str, ids))}"
        case ChannelGone(channel):
            return f"channel {channel} is gone"
        case Reacted(person, _, _, message, emoji, added):
            return f"person {person} {'put' if added else 'took'} {emoji} at message {message}"
        case VoiceMoved(person, guild, before, after):
            return f"{person.name} on {guild.name}: voice channel {before} to {after}"
        case MemberChanged(person, guild, joined):
            return f"{person.name} {'joined' if joined else 'left'} server {guild}"
        case Tick():
            return ""
