"""Threads: started, joined, left, archived, deleted."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.drafts import Draft
from sandbox.errors import ApiError, missing_permissions, unknown
from sandbox.hub import Hub
from sandbox.messages import Messages
from sandbox.models import THREAD_TYPES, Channel, ChannelType, Message, Payload, Reference, ThreadPart
from sandbox.permissions import Permission
from sandbox.state import State
from sandbox.wire import channel_payload, thread_member_payload

_STARTED, _STARTER = 18, 21
_HAS_THREAD = 1 << 5
_DURATIONS = (60, 1440, 4320, 10080)


@dataclass(frozen=True, slots=True)
class NewThread:
    """What somebody wants to start."""

    name: str
    kind: int = ChannelType.PRIVATE_THREAD
    auto_archive_duration: int = 1440
    invitable: bool = True
    rate_limit_per_user: int = 0


class Threads:
    """A thread's rights are its parent's, a private one is seen by its members and by who manages threads."""

    def __init__(self, *, state: State, hub: Hub, messages: Messages) -> None:
        self._state = state
        self._hub = hub
        self._messages = messages

    def start_from(self, message: Message, new: NewThread, *, by: int) -> Channel:
        parent = self._state.channel_for(message.channel_id, by, Permission.CREATE_PUBLIC_THREADS)
        if message.id in self._state.contents.channels:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        kind = ChannelType.ANNOUNCEMENT_THREAD if parent.type == ChannelType.ANNOUNCEMENT else ChannelType.PUBLIC_THREAD
        thread = self._start(parent, message.id, kind, new, by)
        message.flags |= _HAS_THREAD
        self._hub.of_message("MESSAGE_UPDATE", message)
        starter = Reference(parent.id, message.id, parent.guild_id)
        self._messages.announce(thread, by, _STARTER, "", starter)
        return thread

    def start(self, parent: Channel, new: NewThread, *, by: int) -> Channel:
        private = new.kind == ChannelType.PRIVATE_THREAD
        needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
        self._state.channel_for(parent.id, by, needed)
        thread = self._start(parent, self._state.ids.new(), new.kind, new, by)
        if not private:
            opened = Reference(thread.id, thread.id, parent.guild_id)
            self._messages.announce(parent, by, _STARTED, new.name, opened)
        return thread

    def post(self, forum: Channel, new: NewThread, draft: Draft, *, by: int) -> tuple[Channel, Message]:
        """A thread of a forum: the first message carries the thread's id."""
        self._state.channel_for(forum.id, by, Permission.SEND_MESSAGES)
        granted = self._state.permissions_in(forum, by)
        thread = self._start(forum, self._state.ids.new(), ChannelType.PUBLIC_THREAD, new, by)
        try:
            message = self._messages.put(thread, by, draft, granted, number=thread.id)
        except ApiError:
            self._hub.about_channel(thread, "THREAD_DELETE")
            self._state.drop_channel(thread)
            raise
        return thread, message

    def _start(self, parent: Channel, number: int, kind: int, new: NewThread, by: int) -> Channel:
        if parent.guild_id is None or parent.type not in (0, 5, 15) or kind not in THREAD_TYPES:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        if new.auto_archive_duration not in _DURATIONS:
            raise ApiError(400, 50035, "Invalid Form Body")
        part = ThreadPart(by, self._state.clock(), new.auto_archive_duration, invitable=new.invitable)
        part.members[by] = self._state.clock()
        thread = Channel(number, kind, parent.guild_id, new.name, parent_id=parent.id, thread=part)
        thread.rate_limit_per_user = new.rate_limit_per_user
        self._state.contents.channels[thread.id] = thread
        self._state.guild(parent.guild_id).thread_ids.append(thread.id)
        self._hub.to_channel(
            thread,
            "THREAD_CREATE",
            lambda viewer: {**channel_payload(thread, viewer=viewer.user_id), "newly_created": True},
        )
        return thread

    def change(self, thread: Channel, values: Mapping[str, object], *, by: int) -> None:
        part = _part(thread)
        granted = self._state.permissions_in(thread, by)
        manages = bool(granted & Permission.MANAGE_THREADS)
        if not manages and (by != part.owner_id or "locked" in values):
            only_reopening = values.get("archived") is False and set(values) == {"archived"} and not part.locked
            if not only_reopening:
                raise missing_permissions()
        for name, value in values.items():
            match name, value:
                case "name", str():
                    thread.name = value
                case "archived", bool():
                    part.archived = value
                    part.archived_at = self._state.clock()
                case "locked", bool():
                    part.locked = value
                case "invitable", bool():
                    part.invitable = value
                case "auto_archive_duration", int():
                    part.auto_archive_duration = value
                case "rate_limit_per_user", int():
                    thread.rate_limit_per_user = value
                case _:
                    pass
        self._hub.about_channel(thread, "THREAD_UPDATE")

    def delete(self, thread: Channel, *, by: int) -> None:
        self._state.channel_for(thread.id, by, Permission.MANAGE_THREADS)
        gone: Payload = {
            "id": str(thread.id),
            "guild_id": str(thread.guild_id),
            "parent_id": str(thread.parent_id),
            "type": int(thread.type),
        }
        self._hub.to_channel(thread, "THREAD_DELETE", gone)
        self._state.drop_channel(thread)

    def add(self, thread: Channel, user_id: int, *, by: int) -> None:
        part = _part(thread)
        self._state.channel_for(thread.id, by)
        if user_id != by:
            self._state.channel_for(thread.id, by, Permission.SEND_MESSAGES_IN_THREADS)
        if part.archived:
            raise ApiError(400, 50083, "Thread is archived")
        parent = self._state.channel(thread.parent_id or 0)
        self._state.member(thread.guild_id or 0, user_id)
        if not self._state.sees(parent, user_id):
            raise missing_permissions()
        if user_id in part.members:
            return
        part.members[user_id] = self._state.clock()
        joined: Payload = {**channel_payload(thread, viewer=user_id), "newly_created": False}
        self._hub.to_user(user_id, "THREAD_CREATE", joined, guild_id=thread.guild_id)
        self._tell_members(thread, added=[user_id], removed=[])

    def remove(self, thread: Channel, user_id: int, *, by: int) -> None:
        part = _part(thread)
        self._state.channel_for(thread.id, by)
        private_owner = thread.type == ChannelType.PRIVATE_THREAD and part.owner_id == by
        if user_id != by and not private_owner:
            self._state.channel_for(thread.id, by, Permission.MANAGE_THREADS)
        if user_id not in part.members:
            raise unknown("member")
        del part.members[user_id]
        self._tell_members(thread, added=[], removed=[user_id])

    def _tell_members(self, thread: Channel, *, added: list[int], removed: list[int]) -> None:
        part = _part(thread)
        event: Payload = {
            "id": str(thread.id),
            "guild_id": str(thread.guild_id),
            "member_count": min(len(part.members), 50),
            "added_members": [thread_member_payload(thread, user_id) for user_id in added],
            "removed_member_ids": [str(user_id) for user_id in removed],
        }
        self._hub.of_thread_members(thread, event, {*added, *removed})


def _part(thread: Channel) -> ThreadPart:
    if thread.type not in THREAD_TYPES or thread.thread is None:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    return thread.thread
