"""Everything a third-party plugin needs: `from bot.plugins.api import Call, Command, Plugin`."""

from bot.plugins.command import Call, CannotDo, Command, NotAllowed, Who
from bot.plugins.events import (
    ChannelGone,
    Deleted,
    Edited,
    Event,
    MemberChanged,
    Pressed,
    Reacted,
    Ready,
    Said,
    Tick,
    VoiceMoved,
)
from bot.plugins.plugin import Around, Button, Plugin, PluginError, Store

__all__ = [
    "Around",
    "Button",
    "Call",
    "CannotDo",
    "ChannelGone",
    "Command",
    "Deleted",
    "Edited",
    "Event",
    "MemberChanged",
    "NotAllowed",
    "Plugin",
    "PluginError",
    "Pressed",
    "Reacted",
    "Ready",
    "Said",
    "Store",
    "Tick",
    "VoiceMoved",
    "Who",
]
