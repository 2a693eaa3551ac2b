"""A Discord message as text: what a person sees on the screen, in words, for the model and for memory."""

from collections.abc import Collection, Iterator, Sequence

import discord
from discord.components import Component

from bot.components import lines as component_lines
from bot.names import Names, strip_leading_mention
from bot.places import AnyPlace
from chat.channels import Channel, ChannelKind, Guild
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Attachment, Message
from chat.people import Person

__all__ = ["render", "strip_leading_mention", "to_channel", "to_guild", "to_message", "to_person"]

MAX_TEXT = 8000
"""Four full messages. A model needs no more of one message, and memory cuts finer anyway."""
MAX_EMBED_TEXT = 2000
MAX_EMBEDS = 10
STICKERS = {
    discord.StickerFormatType.png: "image/png",
    discord.StickerFormatType.apng: "image/apng",
    discord.StickerFormatType.gif: "image/gif",
}
PARTIAL = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What discord.py's wording of a system message raises when Discord left out what it is about."""


def render(message: discord.Message, *, addressed: Collection[int] = ()) -> str:
    """Everything `message` says, except the message it replies to.

    `addressed` are the ids of the bot and of its roles: a request's leading mention of these is left out.
    """
    names = Names(message.guild, people=message.mentions)
    content = strip_leading_mention(_said(message), addressed) if addressed else _said(message)
    blocks = [
        content,
        *component_lines(_components(message)),
        *_embeds(message),
        *_poll(message.poll),
        *(f"[sticker: {sticker.name}]" for sticker in message.stickers),
        *_files(message.attachments),
        *(_forwarded(snapshot) for snapshot in message.message_snapshots),
    ]
    return _bounded(names.readable("\n".join(block for block in blocks if block.strip())).strip())


def to_message(message: discord.Message, *, addressed: Collection[int] = ()) -> Message:
    reference = message.reference
    is_reply = reference is not None and reference.type is discord.MessageReferenceType.reply
    own = (_to_attachment(each) for each in message.attachments)
    forwarded = (
        _to_attachment(each, is_forwarded=True) for shot in message.message_snapshots for each in shot.attachments
    )
    return Message(
        id=MessageId(message.id),
        channel_id=ChannelId(message.channel.id),
        guild_id=GuildId(message.guild.id) if message.guild else None,
        author=to_person(message.author),
        text=render(message, addressed=addressed),
        created_at=message.created_at,
        edited_at=message.edited_at,
        reply_to=MessageId(reference.message_id) if is_reply and reference and reference.message_id else None,
        attachments=(*own, *forwarded),
        pictures=tuple(picture for shown in (message, *message.message_snapshots) for picture in _pictures(shown)),
        typed=message.content,
    )


def to_person(user: discord.abc.User) -> Person:
    """Under the name that the message's server shows (a `Member` knows it)."""
    return Person(UserId(user.id), " ".join(user.display_name.split()) or user.name, user.bot)


def to_guild(guild: discord.Guild) -> Guild:
    return Guild(GuildId(guild.id), guild.name)


def to_channel(place: AnyPlace) -> Channel:
    match place:
        case discord.DMChannel():
            name = place.recipient.display_name if place.recipient else ""
            return Channel(ChannelId(place.id), None, name, ChannelKind.DM)
        case discord.Thread():
            return Channel(
                id=ChannelId(place.id),
                guild_id=GuildId(place.guild.id),
                name=place.name,
                kind=ChannelKind.PRIVATE_THREAD if place.is_private() else ChannelKind.THREAD,
                parent_id=ChannelId(place.parent_id),
            )
        case _:
            return Channel(
                id=ChannelId(place.id),
                guild_id=GuildId(place.guild.id),
                name=place.name,
                kind=_kind(place),
                topic=place.topic or "" if isinstance(place, discord.TextChannel | discord.ForumChannel) else "",
                category=place.category.name if place.category else "",
            )


def _kind(
    place: discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel,
) -> ChannelKind:
    match place:
        case discord.TextChannel():
            return ChannelKind.ANNOUNCEMENT if place.is_news() else ChannelKind.TEXT
        case discord.ForumChannel():
            return ChannelKind.FORUM
        case discord.VoiceChannel() | discord.StageChannel():
            return ChannelKind.VOICE


def _said(message: discord.Message) -> str:
    """What was typed; for Discord's own notices the sentence that its clients show."""
    if not message.is_system() and message.type not in {
        discord.MessageType.thread_starter_message,
        discord.MessageType.poll_result,
    }:
        return message.content
    try:
        said = message.system_content
    except PARTIAL:
        said = ""
    return said or message.content or f"[{message.type.name.replace('_', ' ')}]"


def _components(message: discord.Message) -> Sequence[Component]:
    try:
        return message.components
    except AttributeError:
        return ()  # discord.py sets it only when the server sent it


def _embeds(message: discord.Message | discord.MessageSnapshot) -> Iterator[str]:
    if message.type is discord.MessageType.poll_result:
        return  # its embed only carries what the sentence says
    for embed in message.embeds[:MAX_EMBEDS]:
        yield _embed(embed)


def _embed(embed: discord.Embed) -> str:
    title = " – ".join(filter(None, [embed.author.name, embed.title])) or (embed.provider.name or "")
    head = " ".join(filter(None, [title, f"({embed.url})" if embed.url else ""]))
    fields = (f"{field.name}: {field.value}" for field in embed.fields)
    lines = [f"[embed] {head}".strip(), embed.description or "", *fields, embed.footer.text or ""]
    return _bounded("\n".join(line for line in lines if line), MAX_EMBED_TEXT)


def _poll(poll: discord.Poll | None) -> Iterator[str]:
    if poll is None:
        return
    yield f"[poll{', closed' if poll.is_finalised() else ''}] {poll.question}"
    for answer in poll.answers:
        votes = answer.vote_count
        yield f"- {answer.text} ({votes} {'vote' if votes == 1 else 'votes'})"


def _files(attachments: Sequence[discord.Attachment]) -> Iterator[str]:
    for attachment in attachments:
        if attachment.is_voice_message():
            minutes, seconds = divmod(round(attachment.duration or 0), 60)
            yield f"[voice message, {minutes}:{seconds:02}]"
        else:
            kind = (attachment.content_type or "unknown type").partition(";")[0]
            about = f": {attachment.description}" if attachment.description else ""
            yield f"[file {attachment.filename}, {kind}, {readable_size(attachment.size)}{about}]"


def _forwarded(snapshot: discord.MessageSnapshot) -> str:
    said = [
        snapshot.content,
        *component_lines(snapshot.components),
        *_embeds(snapshot),
        *(f"[sticker: {sticker.name}]" for sticker in snapshot.stickers),
        *_files(snapshot.attachments),
    ]
    lines = [line for block in said for line in block.splitlines() if line.strip()]
    head = f"[forwarded message of {snapshot.created_at:%Y-%m-%dT%H:%M:%SZ}]"
    return "\n".join([head, *(f"> {line}" for line in lines)])


def readable_size(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _bounded(text: str, most: int = MAX_TEXT) -> str:
    return text if len(text) <= most else f"{text[:most]}\n[… cut, {len(text) - most} more characters]"


def _to_attachment(attachment: discord.Attachment, *, is_forwarded: bool = False) -> Attachment:
    return Attachment(
        filename=attachment.filename,
        content_type=(attachment.content_type or "application/octet-stream").partition(";")[0],
        size=attachment.size,
        url=attachment.url,
        voice_seconds=attachment.duration if attachment.is_voice_message() else None,
        is_forwarded=is_forwarded,
    )


def _pictures(shown: discord.Message | discord.MessageSnapshot) -> Iterator[Attachment]:
    """Stickers, if they are no Lottie drawings, and what embeds show large, as Discord's proxy has it."""
    for sticker in shown.stickers:
        if kind := STICKERS.get(sticker.format):
            yield Attachment(f"sticker {sticker.name}", kind, 0, sticker.url)
    for embed in shown.embeds[:MAX_EMBEDS]:
        url = embed.image.proxy_url or (embed.thumbnail.proxy_url if embed.type in {"image", "gifv"} else None)
        if url:
            yield Attachment("picture of an embed", "image/*", 0, url)
