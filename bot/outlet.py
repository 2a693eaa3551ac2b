"""Where an answer is shown: send, edit, delete, typing. A small protocol, and its discord.py side."""

import io
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import discord

from bot.places import TextPlace
from chat.ids import MessageId

UNKNOWN_MESSAGE = 10008


class Gone(Exception):  # noqa: N818 - a fact about the message, not a mistake
    """The message was deleted."""


class Refused(Exception):  # noqa: N818
    """Discord says no, and will say so again. The text is a reason a member can read."""


class Unreachable(Exception):  # noqa: N818
    """Discord did not answer properly; the same call may work later."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text to attach."""

    filename: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is there now. With a nonce that was used before, it may say something else than was sent."""

    id: MessageId
    text: str


class Outlet(Protocol):
    """One conversation's place for messages. Every call raises `Gone`, `Refused` or `Unreachable`, and nothing else."""

    async def send(self, text: str, *, nonce: str, reply: bool, file: TextFile | None = None) -> Sent:
        """Post a message, as a reply to the mention if `reply`. The same nonce posts only once."""
        ...

    async def edit(self, message_id: MessageId, text: str, *, file: TextFile | None = None) -> None:
        """Replace the text, and add the file."""
        ...

    async def delete(self, message_id: MessageId) -> None: ...

    def typing(self) -> AbstractAsyncContextManager[None]:
        """Shows that the bot is typing, for as long as the context is open."""
        ...


class ChannelOutlet:
    """Answers to one message in its Discord channel: nobody is pinged but, if asked for, the one who is answered."""

    def __init__(
        self, place: TextPlace | discord.DMChannel, mention_id: MessageId, *, mention_author: bool = False
    ) -> None:
        self._place = place
        self._mention_id = mention_id
        self._mention_author = mention_author

    async def send(self, text: str, *, nonce: str, reply: bool, file: TextFile | None = None) -> Sent:
        files = [_upload(file)] if file else []
        quiet = discord.AllowedMentions.none()
        try:
            if reply:
                reference = discord.MessageReference(
                    message_id=self._mention_id, channel_id=self._place.id, fail_if_not_exists=False
                )
                # discord.py sends `enforce_nonce` along with every nonce: a repeated send gives the first message.
                sent = await self._place.send(
                    text,
                    files=files,
                    nonce=nonce,
                    reference=reference,
                    mention_author=self._mention_author,
                    allowed_mentions=quiet,
                    suppress_embeds=True,
                )
            else:
                sent = await self._place.send(
                    text, files=files, nonce=nonce, allowed_mentions=quiet, suppress_embeds=True
                )
        except FAILURES as error:
            raise _plainly(error) from error
        return Sent(MessageId(sent.id), sent.content)

    async def edit(self, message_id: MessageId, text: str, *, file: TextFile | None = None) -> None:
        message = self._place.get_partial_message(message_id)
        quiet = discord.AllowedMentions.none()
        try:
            if file:
                await message.edit(content=text, attachments=[_upload(file)], allowed_mentions=quiet)
            else:
                await message.edit(content=text, allowed_mentions=quiet)
        except FAILURES as error:
            raise _plainly(error) from error

    async def delete(self, message_id: MessageId) -> None:
        try:
            await self._place.get_partial_message(message_id).delete()
        except FAILURES as error:
            raise _plainly(error) from error

    def typing(self) -> AbstractAsyncContextManager[None]:
        return _Typing(self._place.typing())


class _Typing:
    """discord.py's typing, with our failures."""

    def __init__(self, typing: AbstractAsyncContextManager[None]) -> None:
        self._typing = typing

    async def __aenter__(self) -> None:
        try:
            await self._typing.__aenter__()
        except FAILURES as error:
            raise _plainly(error) from error

    async def __aexit__(self, *why: object) -> None:
        await self._typing.__aexit__(None, None, None)


FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)


def _plainly(error: BaseException) -> Gone | Refused | Unreachable:
    match error:
        case discord.NotFound(code=code) if code == UNKNOWN_MESSAGE:
            return Gone()
        case discord.NotFound():
            return Refused("the channel does not exist any more")
        case discord.Forbidden():
            return Refused("I lack the right to write there")
        case discord.HTTPException(status=status, text=text) if status < 500 and status != 429:
            return Refused(f"Discord refused it: {text}")
        case _:
            return Unreachable(f"{type(error).__name__}: {error}")


def _upload(file: TextFile) -> discord.File:
    return discord.File(io.BytesIO(file.text.encode("utf-8", "replace")), file.filename)
