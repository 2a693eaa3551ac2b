"""What Discord lets somebody do in a channel, in the words its own settings page uses."""

from enum import StrEnum


class Right(StrEnum):
    """A channel permission; the value is the name that Discord's settings show to people."""

    VIEW_CHANNEL = "View Channel"
    READ_HISTORY = "Read Message History"
    SEND_MESSAGES = "Send Messages"
    SEND_IN_THREADS = "Send Messages in Threads"
    ADD_REACTIONS = "Add Reactions"
    EMBED_LINKS = "Embed Links"
    ATTACH_FILES = "Attach Files"
    MENTION_EVERYONE = "Mention @everyone"
    MANAGE_MESSAGES = "Manage Messages"
    MANAGE_CHANNELS = "Manage Channels"
    MANAGE_THREADS = "Manage Threads"
    MANAGE_GUILD = "Manage Server"
    ADMINISTRATOR = "Administrator"


READ = frozenset({Right.VIEW_CHANNEL, Right.READ_HISTORY})
"""What it takes to read what was said in a channel before now."""
