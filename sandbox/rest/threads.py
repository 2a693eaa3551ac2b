"""Routes: threads and who is in them."""

from pydantic import BaseModel, Field

from sandbox.errors import unknown
from sandbox.models import Channel, ChannelType, Payload, ThreadPart
from sandbox.permissions import Permission
from sandbox.rest.bodies import MessageBody
from sandbox.rest.calls import Answer, Call, Endpoint, Reply, parsed
from sandbox.state import State
from sandbox.threads import NewThread, Threads
from sandbox.wire import channel_payload, member_payload, thread_member_payload
from sandbox.wire_messages import MessageWire


class _ThreadBody(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    type: int = ChannelType.PRIVATE_THREAD
    auto_archive_duration: int | None = None
    invitable: bool = True
    rate_limit_per_user: int | None = None
    message: Payload | None = None

    def new(self) -> NewThread:
        return NewThread(
            self.name, self.type, self.auto_archive_duration or 1440, self.invitable, self.rate_limit_per_user or 0
        )


class ThreadRoutes:
    """Starting, listing, joining, leaving."""

    def __init__(self, *, state: State, threads: Threads, wire: MessageWire) -> None:
        self._state = state
        self._threads = threads
        self._wire = wire

    def endpoints(self) -> list[Endpoint]:
        channel = "/channels/{channel}"
        members = channel + "/thread-members"
        return [
            Endpoint("POST", channel + "/messages/{message}/threads", self._start_from),
            Endpoint("POST", channel + "/threads", self._start),
            Endpoint("GET", members, self._members),
            Endpoint("GET", members + "/{user}", self._member),
            Endpoint("PUT", members + "/{user}", self._add),
            Endpoint("DELETE", members + "/{user}", self._remove),
            Endpoint("GET", "/guilds/{guild}/threads/active", self._active),
            Endpoint("GET", channel + "/threads/archived/public", self._archived_public),
            Endpoint("GET", channel + "/threads/archived/private", self._archived_private),
            Endpoint("GET", channel + "/users/@me/threads/archived/private", self._archived_mine),
        ]

    def _seen(self, call: Call, *needed: Permission) -> Channel:
        return self._state.channel_for(call.id("channel"), call.user.id, *needed)

    async def _start_from(self, call: Call) -> Answer:
        channel = self._seen(call, Permission.READ_MESSAGE_HISTORY)
        message = self._state.message(channel.id, call.id("message"))
        thread = self._threads.start_from(message, call.body(_ThreadBody).new(), by=call.user.id)
        return Reply(201, channel_payload(thread, viewer=call.user.id))

    async def _start(self, call: Call) -> Answer:
        channel, body = self._seen(call), call.body(_ThreadBody)
        if channel.type != ChannelType.FORUM:
            thread = self._threads.start(channel, body.new(), by=call.user.id)
            return Reply(201, channel_payload(thread, viewer=call.user.id))
        draft = parsed(MessageBody, body.message).draft(call, channel.id)
        thread, message = self._threads.post(channel, body.new(), draft, by=call.user.id)
        shown = channel_payload(thread, viewer=call.user.id)
        return Reply(201, {**shown, "message": self._wire.for_rest(message, call.viewer)})

    def _part(self, call: Call) -> tuple[Channel, ThreadPart]:
        thread = self._seen(call)
        if thread.thread is None:
            raise unknown("channel")
        return thread, thread.thread

    def _shown_member(self, call: Call, thread: Channel, user_id: int) -> Payload:
        payload = thread_member_payload(thread, user_id)
        if call.query.get("with_member") in ("1", "true", "True"):
            member = self._state.member(thread.guild_id or 0, user_id)
            payload["member"] = member_payload(member, self._state.user(user_id))
        return payload

    async def _members(self, call: Call) -> Answer:
        thread, part = self._part(call)
        return [self._shown_member(call, thread, user_id) for user_id in part.members]

    async def _member(self, call: Call) -> Answer:
        thread, part = self._part(call)
        if call.id("user") not in part.members:
            raise unknown("member")
        return self._shown_member(call, thread, call.id("user"))

    async def _add(self, call: Call) -> Answer:
        self._threads.add(self._seen(call), call.id("user"), by=call.user.id)
        return None

    async def _remove(self, call: Call) -> Answer:
        self._threads.remove(self._seen(call), call.id("user"), by=call.user.id)
        return None

    async def _active(self, call: Call) -> Answer:
        guild = self._state.guild_for(call.id("guild"), call.user.id)
        return self._listed(call, [one for one in self._state.threads_of(guild) if not _archived(one)])

    async def _archived_public(self, call: Call) -> Answer:
        return self._listed(call, [one for one in self._archived(call) if one.type != ChannelType.PRIVATE_THREAD])

    async def _archived_private(self, call: Call) -> Answer:
        self._seen(call, Permission.MANAGE_THREADS)
        return self._listed(call, [one for one in self._archived(call) if one.type == ChannelType.PRIVATE_THREAD])

    async def _archived_mine(self, call: Call) -> Answer:
        private = [one for one in self._archived(call) if one.type == ChannelType.PRIVATE_THREAD]
        return self._listed(call, [one for one in private if one.thread and call.user.id in one.thread.members])

    def _archived(self, call: Call) -> list[Channel]:
        parent = self._seen(call, Permission.READ_MESSAGE_HISTORY)
        guild = self._state.guild(parent.guild_id or 0)
        return [one for one in self._state.threads_of(guild) if one.parent_id == parent.id and _archived(one)]

    def _listed(self, call: Call, threads: list[Channel]) -> Payload:
        seen = [one for one in threads if self._state.sees(one, call.user.id)]
        mine = [one for one in seen if one.thread and call.user.id in one.thread.members]
        return {
            "threads": [channel_payload(one, viewer=call.user.id) for one in seen],
            "members": [thread_member_payload(one, call.user.id) for one in mine],
            "has_more": False,
        }


def _archived(thread: Channel) -> bool:
    return thread.thread is not None and thread.thread.archived
