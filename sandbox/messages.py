"""Messages being written, edited, deleted, pinned: checked, stored, told to everybody who may know."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta

from sandbox.content import EVERYTHING, AllowedMentions, check, completed, completed_embeds, mentioned, too_fast
from sandbox.drafts import Draft, Edit, Upload
from sandbox.errors import ApiError, empty_message, invalid_form, missing_permissions, too_large
from sandbox.hub import Hub
from sandbox.media import MAX_ATTACHMENT_BYTES, make_attachment
from sandbox.models import (
    THREAD_TYPES,
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Message,
    Payload,
    Reference,
)
from sandbox.permissions import Permission
from sandbox.state import State
from sandbox.voice_messages import VOICE_MESSAGE, check_voice_message
from sandbox.wire import iso
from sandbox.wire_messages import COMPONENTS_V2, EPHEMERAL, LOADING, MessageWire

_NONCES_KEPT = 2000
_WRITABLE_FLAGS = (1 << 2) | (1 << 12) | COMPONENTS_V2
_NO_TEXT = (ChannelType.CATEGORY, ChannelType.FORUM)


class Messages:
    """The service behind every route that writes."""

    def __init__(self, *, state: State, hub: Hub, wire: MessageWire) -> None:
        self._state = state
        self._hub = hub
        self._wire = wire
        self._by_nonce: OrderedDict[tuple[int, str], int] = OrderedDict()
        self._last_by: dict[tuple[int, int], float] = {}

    # Writing

    def write(self, channel: Channel, author_id: int, draft: Draft) -> Message:
        """As a member or bot who may: raises when the channel, the rights or the limits say no."""
        granted = self._check_rights(channel, author_id, draft)
        if (known := self._already_sent(author_id, draft)) is not None:
            return known
        self._check_slow_mode(channel, author_id, granted)
        message = self.put(channel, author_id, draft, granted)
        if draft.enforce_nonce and draft.nonce is not None:
            self._by_nonce[author_id, str(draft.nonce)] = message.id
            if len(self._by_nonce) > _NONCES_KEPT:
                self._by_nonce.popitem(last=False)
        return message

    def put(
        self, channel: Channel, author_id: int, draft: Draft, granted: int, *, number: int | None = None
    ) -> Message:
        """Store and tell; the limits hold, the rights were somebody else's question (as for interactions)."""
        is_v2 = bool(draft.flags & COMPONENTS_V2)
        check(draft.content, draft.embeds, draft.components, is_v2=is_v2)
        self._check_uploads(draft.uploads)
        check_voice_message(draft)
        forwarded = self._forwarded(draft, author_id)
        reference = self._checked_reply(channel, draft)
        if draft.empty and forwarded is None and not draft.loading:
            raise empty_message()
        flags = draft.flags & (_WRITABLE_FLAGS | VOICE_MESSAGE) | (LOADING if draft.loading else 0)
        flags |= EPHEMERAL if draft.ephemeral_to is not None else 0
        message = Message(
            number or self._state.ids.new(),
            channel.id,
            author_id,
            draft.content.strip(),
            self._state.clock(),
            flags=flags | (1 << 14 if forwarded else 0),
            tts=draft.tts,
            embeds=completed_embeds(draft.embeds),
            components=completed(draft.components),
            nonce=draft.nonce,
            reference=reference,
            snapshot=forwarded,
            interaction=draft.interaction,
            poll=draft.poll,
            ephemeral_to=draft.ephemeral_to,
        )
        message.type = _kind(draft, reference)
        message.attachments = [self._stored(upload, is_voice=bool(flags & VOICE_MESSAGE)) for upload in draft.uploads]
        self._mention(message, draft.allowed or EVERYTHING, channel, granted)
        self._state.add_message(message)
        if message.ephemeral_to is None:
            self._tend_thread(channel, message)
        self._hub.of_message("MESSAGE_CREATE", message)
        return message

    def announce(self, channel: Channel, author_id: int, kind: int, content: str, reference: Reference | None) -> None:
        """A system line, such as "started a thread"."""
        made = Message(self._state.ids.new(), channel.id, author_id, content, self._state.clock(), type=kind)
        made.reference = reference
        self._state.add_message(made)
        self._hub.of_message("MESSAGE_CREATE", made)

    def _check_rights(self, channel: Channel, author_id: int, draft: Draft) -> int:
        if channel.type in _NO_TEXT:
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        needed = [Permission.SEND_MESSAGES_IN_THREADS if channel.type in THREAD_TYPES else Permission.SEND_MESSAGES]
        is_voice = draft.flags & VOICE_MESSAGE
        needed += [Permission.SEND_VOICE_MESSAGES if is_voice else Permission.ATTACH_FILES] if draft.uploads else []
        needed += [Permission.EMBED_LINKS] if draft.embeds else []
        needed += [Permission.SEND_TTS_MESSAGES] if draft.tts and channel.guild_id is not None else []
        self._state.channel_for(channel.id, author_id, *needed)
        granted = self._state.permissions_in(channel, author_id)
        if draft.reply_to is not None and draft.reply_to.kind == 0 and not granted & Permission.READ_MESSAGE_HISTORY:
            raise ApiError(400, 160002, "Cannot reply without permission to read message history")
        if channel.thread is not None and channel.thread.locked and not granted & Permission.MANAGE_THREADS:
            raise ApiError(400, 50083, "Thread is archived")
        if channel.guild_id is None and self._cannot_reach(channel, author_id):
            raise ApiError(403, 50007, "Cannot send messages to this user")
        return granted

    def _cannot_reach(self, channel: Channel, author_id: int) -> bool:
        """Bots do not write to bots, and only to people they share a server with."""
        if not self._state.user(author_id).bot:
            return False
        other = next((one for one in channel.recipients if one != author_id), author_id)
        shared = any(other in guild.members for guild in self._state.guilds_of(author_id))
        return self._state.user(other).bot or not shared

    def _already_sent(self, author_id: int, draft: Draft) -> Message | None:
        if not draft.enforce_nonce or draft.nonce is None:
            return None
        message_id = self._by_nonce.get((author_id, str(draft.nonce)))
        return None if message_id is None else self._state.contents.messages.get(message_id)

    def _check_slow_mode(self, channel: Channel, author_id: int, granted: int) -> None:
        if not channel.rate_limit_per_user or granted & (Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS):
            return
        now = self._state.clock().timestamp()
        if self._state.user(author_id).bot:
            return
        wait = self._last_by.get((channel.id, author_id), 0.0) + channel.rate_limit_per_user - now
        if wait > 0:
            raise too_fast(wait)
        self._last_by[channel.id, author_id] = now

    def _check_uploads(self, uploads: Sequence[Upload]) -> None:
        if len(uploads) > 10:
            raise invalid_form([(("attachments",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")])
        if any(len(upload.content) > MAX_ATTACHMENT_BYTES for upload in uploads):
            raise too_large()

    def _stored(self, upload: Upload, *, is_voice: bool = False) -> Attachment:
        number = self._state.ids.new()
        made = make_attachment(number, upload.filename, upload.content, upload.content_type, upload.description)
        if is_voice:
            made.duration_secs, made.waveform = upload.duration_secs, upload.waveform
        self._state.files.put(made, upload.content)
        return made

    def _checked_reply(self, channel: Channel, draft: Draft) -> Reference | None:
        reply = draft.reply_to
        if reply is None or reply.kind == 1:
            return reply
        target = self._state.contents.messages.get(reply.message_id)
        if target is None or target.channel_id != channel.id:
            if draft.fail_if_not_exists:
                raise invalid_form([(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")])
            return None
        return Reference(channel.id, target.id, channel.guild_id)

    def _forwarded(self, draft: Draft, author_id: int) -> Payload | None:
        if draft.reply_to is None or draft.reply_to.kind != 1:
            return None
        source = self._state.channel_for(draft.reply_to.channel_id, author_id, Permission.READ_MESSAGE_HISTORY)
        return self._wire.snapshot(self._state.message(source.id, draft.reply_to.message_id))

    def _mention(self, message: Message, allowed: AllowedMentions, channel: Channel, granted: int) -> None:
        guild = self._guild(channel)
        known = set(guild.members) if guild else set(channel.recipients)
        may_mention_all = guild is not None and bool(granted & Permission.MENTION_EVERYONE)
        found = mentioned(message.content, allowed, guild, known, may_mention_all=may_mention_all)
        users = found.users
        if message.reference is not None and message.reference.kind == 0 and allowed.replied_user:
            target = self._state.contents.messages.get(message.reference.message_id)
            if target is not None and target.author_id not in users and target.author_id in known:
                users = [*users, target.author_id]
        message.mentions, message.mention_roles, message.mention_everyone = users, found.roles, found.everyone

    def _guild(self, channel: Channel) -> Guild | None:
        return None if channel.guild_id is None else self._state.guild(channel.guild_id)

    def _tend_thread(self, channel: Channel, message: Message) -> None:
        """Writing opens an archived thread again and makes its author, and whom they mention, members."""
        if channel.thread is None:
            return
        part = channel.thread
        part.message_count += 1
        joined = [one for one in [message.author_id, *message.mentions] if one not in part.members]
        for user_id in joined:
            part.members[user_id] = self._state.clock()
        if part.archived:
            part.archived = False
            self._hub.about_channel(channel, "THREAD_UPDATE")

    # Changing

    def edit(self, message: Message, edit: Edit) -> Message:
        if message.flags & VOICE_MESSAGE:
            raise ApiError(400, 50162, "Voice messages cannot be edited")
        channel = self._state.channel(message.channel_id)
        granted = self._state.permissions_in(channel, message.author_id)
        content = message.content if edit.content is None else edit.content
        embeds = message.embeds if edit.embeds is None else edit.embeds
        components = message.components if edit.components is None else edit.components
        flags = message.flags if edit.flags is None else message.flags & ~_WRITABLE_FLAGS | edit.flags & _WRITABLE_FLAGS
        check(content, embeds, components, is_v2=bool(flags & COMPONENTS_V2))
        self._check_uploads(edit.uploads)
        kept = edit.kept_attachments
        attachments = [one for one in message.attachments if kept is None or one.id in kept]
        attachments += [self._stored(upload) for upload in edit.uploads]
        if not (content.strip() or embeds or components or attachments or message.poll or message.snapshot):
            raise empty_message()
        for gone in message.attachments:
            if gone not in attachments:
                self._state.files.drop(gone.id)
        message.content, message.attachments = content.strip(), attachments
        message.embeds, message.components = completed_embeds(embeds), completed(components)
        if edit.content is not None or edit.allowed is not None:
            self._mention(message, edit.allowed or EVERYTHING, channel, granted)
        if not message.flags & LOADING:  # what only said "thinking" was not edited when it gets its text
            message.edited_at = self._state.clock()
        message.flags = flags & ~LOADING
        self._hub.of_message("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        channel = self._state.channel(message.channel_id)
        gone = self._gone(channel, {"id": str(message.id)})
        self._state.drop_message(message)
        if message.ephemeral_to is not None:
            self._hub.to_user(message.ephemeral_to, "MESSAGE_DELETE", gone)
        else:
            self._hub.to_channel(channel, "MESSAGE_DELETE", gone)
        for listener in list(self._hub.listeners):
            listener("MESSAGE_DELETE", message)

    def delete_many(self, channel: Channel, message_ids: list[int]) -> None:
        if not 2 <= len(message_ids) <= 100:
            raise ApiError(400, 50016, "Provided too few or too many messages to delete. Must provide at least 2 and "
                                       "fewer than 100 messages to delete")  # fmt: skip
        oldest = self._state.clock() - timedelta(days=14)
        found = [self._state.contents.messages.get(number) for number in message_ids]
        here = [message for message in found if message is not None and message.channel_id == channel.id]
        if any(message.created_at < oldest for message in here):
            raise ApiError(400, 50034, "A message provided was too old to bulk delete")
        for message in here:
            self._state.drop_message(message)
        gone = self._gone(channel, {"ids": [str(message.id) for message in here]})
        self._hub.to_channel(channel, "MESSAGE_DELETE_BULK", gone)

    def pin(self, message: Message, *, pinned: bool) -> None:
        channel = self._state.channel(message.channel_id)
        if pinned == (message.pinned_at is not None):
            return
        message.pinned_at = self._state.clock() if pinned else None
        self._hub.of_message("MESSAGE_UPDATE", message)
        when: Payload = {"channel_id": str(channel.id), "last_pin_timestamp": iso(message.pinned_at)}
        if channel.guild_id is not None:
            when["guild_id"] = str(channel.guild_id)
        self._hub.to_channel(channel, "CHANNEL_PINS_UPDATE", when)

    def check_may_delete(self, message: Message, user_id: int) -> None:
        channel = self._state.channel(message.channel_id)
        if message.author_id == user_id:
            return
        if channel.guild_id is None:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        if not self._state.permissions_in(channel, user_id) & Permission.MANAGE_MESSAGES:
            raise missing_permissions()

    @staticmethod
    def _gone(channel: Channel, what: Payload) -> Payload:
        guild: Payload = {} if channel.guild_id is None else {"guild_id": str(channel.guild_id)}
        return {**what, "channel_id": str(channel.id), **guild}


def _kind(draft: Draft, reference: Reference | None) -> int:
    """A reply, the answer to a slash command, or a plain message."""
    if draft.interaction is not None and draft.interaction.type == 2:
        return 20
    return 19 if reference is not None and reference.kind == 0 else 0
