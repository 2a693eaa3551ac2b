"""What a run has read before its first step: whether others' words are among it, and which addresses it was given.

Others' words are whatever the asker has not typed in this conversation: lines of other people and bots, what was
recalled, facts that others told, files, embeds and forwarded messages, topics, names that are more than a name. What
the bot itself said before counts as others' words, too, unless it is known to come from a run that had read none: it
may have passed them on.
"""

import re
from collections import OrderedDict
from collections.abc import Collection

from agent.prompt_input import LoadedText
from bot.gathering import Gathered
from bot.names import strip_leading_mention
from chat.ids import MessageId
from chat.messages import IncomingMessage, Message
from tools.reading import Reading

MOST_KEPT = 10_000
_NAME = re.compile(r"[\w .,'’&+()#@-]{0,40}")
MOST_WORDS = 5
_NOT_TYPED = re.compile(
    r"[@#]|^\[(?:forwarded message|embed|file|poll|sticker|buttons?|menu|picture|voice message)", re.MULTILINE
)
"""How `bot.render` begins what is no text, and names."""


class CleanAnswers:
    """The answers of runs that had read nothing of others, as far as this process gave them."""

    def __init__(self) -> None:
        self._ids: OrderedDict[MessageId, None] = OrderedDict()

    def add(self, ids: Collection[MessageId]) -> None:
        self._ids |= dict.fromkeys(ids)
        while len(self._ids) > MOST_KEPT:
            self._ids.popitem(last=False)

    def __contains__(self, message: object) -> bool:
        return message in self._ids


def begin(reading: Reading, incoming: IncomingMessage, gathered: Gathered, clean: CleanAnswers) -> None:
    """Put into `reading` what a prompt of this will hold."""
    replied_to = [incoming.replied_to] if incoming.replied_to else []
    said = [*gathered.recent, *gathered.recalled, *replied_to]
    names = [incoming.asker.name, incoming.channel.name, incoming.guild.name if incoming.guild else ""]
    files = [file.text for file in gathered.files if isinstance(file, LoadedText)]
    reading.tainted = reading.tainted or (
        any(not _is_of(message, incoming, clean) for message in said)
        or any(fact.author_id != incoming.asker.id for fact in gathered.facts)
        or bool(gathered.files)
        or not _is_typed(incoming.message, incoming)
        or bool(incoming.channel.topic)
        or not all(map(is_plain_name, names))
    )
    texts = [incoming.message.text, incoming.message.own_words, incoming.channel.topic, *files]
    for text in (*texts, *(message.text for message in said), *(fact.text for fact in gathered.facts)):
        reading.hear(text)


def is_plain_name(name: str) -> bool:
    """Whether it is too short and too plain to tell anybody what to do."""
    return _NAME.fullmatch(name) is not None and len(re.findall(r"[^\W_]+", name)) <= MOST_WORDS


def _is_of(message: Message, incoming: IncomingMessage, clean: CleanAnswers) -> bool:
    if message.author.id == incoming.bot.id:
        return message.id in clean
    return message.author.id == incoming.asker.id and _is_typed(message, incoming)


def _is_typed(message: Message, incoming: IncomingMessage) -> bool:
    """Whether it says nothing that its author has not typed: no names that others chose, no embeds, no files."""
    shown = message.text.removeprefix(f"@{incoming.bot.name}").lstrip(" ,:")
    if message.typed is None:  # from memory, where only the words are kept
        return _NOT_TYPED.search(shown) is None
    typed = strip_leading_mention(message.typed, {incoming.bot.id}).strip()
    return typed in {message.text, shown}
