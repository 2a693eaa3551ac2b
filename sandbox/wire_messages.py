"""JSON shapes of messages, made for whoever looks: masked content, own reactions, ephemeral marks."""

from urllib.parse import quote

from sandbox.models import Attachment, Message, Payload
from sandbox.state import State
from sandbox.wire import Viewer, bare_member_payload, iso, thread_payload, user_payload

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15


def emoji_payload(emoji: str) -> Payload:
    """`👍`, or `name:id` for a server's own."""
    name, _, number = emoji.rpartition(":")
    return {"id": number, "name": name} if name and number.isdecimal() else {"id": None, "name": emoji}


class MessageWire:
    """Makes message payloads; needs the state for authors and the CDN's address for files."""

    def __init__(self, *, state: State, cdn_url: str) -> None:
        self._state = state
        self._cdn_url = cdn_url

    def for_rest(self, message: Message, viewer: Viewer) -> Payload:
        return self._masked(self._message(message, viewer.user_id, nested=True), message, viewer)

    def for_gateway(self, message: Message, viewer: Viewer) -> Payload:
        """As in MESSAGE_CREATE: with the server and the author's membership."""
        payload = self.for_rest(message, viewer)
        guild_id = self._state.channel(message.channel_id).guild_id
        if guild_id is not None:
            guild = self._state.guild(guild_id)
            payload["guild_id"] = str(guild_id)
            if member := guild.members.get(message.author_id):
                payload["member"] = bare_member_payload(member)
            payload["mentions"] = [
                {**user_payload(user), "member": bare_member_payload(guild.members[number])}
                if number in guild.members
                else user_payload(user)
                for number in message.mentions
                if (user := self._state.contents.users.get(number))
            ]
        return payload

    def snapshot(self, message: Message) -> Payload:
        """What a forward keeps of the message it forwards."""
        whole = self._message(message, message.author_id, nested=False)
        kept = "type content embeds attachments timestamp edited_timestamp flags mentions mention_roles components"
        return {"message": {key: whole[key] for key in kept.split()}}

    def attachment(self, channel_id: int, attachment: Attachment) -> Payload:
        url = f"{self._cdn_url}/attachments/{channel_id}/{attachment.id}/{quote(attachment.filename)}"
        payload: Payload = {
            "id": str(attachment.id),
            "filename": attachment.filename,
            "size": attachment.size,
            "url": url,
            "proxy_url": url,
            "content_type": attachment.content_type,
        }
        if attachment.description is not None:
            payload["description"] = attachment.description
        if attachment.width is not None and attachment.height is not None:
            payload |= {"width": attachment.width, "height": attachment.height}
        if attachment.duration_secs is not None:
            payload |= {"duration_secs": attachment.duration_secs, "waveform": attachment.waveform}
        return payload

    def _message(self, message: Message, viewer_id: int, *, nested: bool) -> Payload:
        users = self._state.contents.users
        payload: Payload = {
            "id": str(message.id),
            "channel_id": str(message.channel_id),
            "type": message.type,
            "author": user_payload(users[message.author_id]),
            "content": message.content,
            "timestamp": iso(message.created_at),
            "edited_timestamp": iso(message.edited_at),
            "tts": message.tts,
            "mention_everyone": message.mention_everyone,
            "mentions": [user_payload(users[number]) for number in message.mentions if number in users],
            "mention_roles": [str(number) for number in message.mention_roles],
            "attachments": [self.attachment(message.channel_id, one) for one in message.attachments],
            "embeds": message.embeds,
            "components": message.components,
            "pinned": message.pinned_at is not None,
            "flags": message.flags,
        }
        if message.nonce is not None:
            payload["nonce"] = message.nonce
        if message.reactions:
            payload["reactions"] = [
                self._reaction(emoji, by, viewer_id) for emoji, by in message.reactions.items() if by
            ]
        if message.poll is not None:
            payload["poll"] = message.poll
        if (thread := self._state.contents.channels.get(message.id)) is not None and thread.parent_id is not None:
            payload["thread"] = thread_payload(thread, viewer_id)
        self._add_context(payload, message, viewer_id, nested=nested)
        return payload

    def _add_context(self, payload: Payload, message: Message, viewer_id: int, *, nested: bool) -> None:
        """Which message or interaction this one answers, and the thread that hangs from it."""
        if (reference := message.reference) is not None:
            payload["message_reference"] = {
                "type": reference.kind,
                "channel_id": str(reference.channel_id),
                "message_id": str(reference.message_id),
                **({} if reference.guild_id is None else {"guild_id": str(reference.guild_id)}),
            }
            if reference.kind == 0 and nested:
                target = self._state.contents.messages.get(reference.message_id)
                payload["referenced_message"] = target and self._message(target, viewer_id, nested=False)
        if message.snapshot is not None:
            payload["message_snapshots"] = [message.snapshot]
        if (asked := message.interaction) is not None:
            metadata: Payload = {
                "id": str(asked.id),
                "type": asked.type,
                "user": user_payload(self._state.contents.users[asked.user_id]),
                "authorizing_integration_owners": {},
            }
            if asked.message_id is not None:
                metadata["interacted_message_id"] = str(asked.message_id)
            payload["interaction_metadata"] = metadata
            if asked.name is not None:
                payload["interaction"] = {**metadata, "name": asked.name}
            payload["application_id"] = payload["webhook_id"] = str(message.author_id)

    def _reaction(self, emoji: str, by: list[int], viewer_id: int) -> Payload:
        return {
            "emoji": emoji_payload(emoji),
            "count": len(by),
            "count_details": {"burst": 0, "normal": len(by)},
            "burst_colors": [],
            "me_burst": False,
            "me": viewer_id in by,
        }

    def _masked(self, payload: Payload, message: Message, viewer: Viewer) -> Payload:
        """Without the message content intent a bot reads only its own, direct and mentioning messages."""
        if viewer.reads_content or message.author_id == viewer.user_id or viewer.user_id in message.mentions:
            return payload
        if self._state.channel(message.channel_id).guild_id is None:
            return payload
        return {**payload, "content": "", "embeds": [], "attachments": [], "components": []}
