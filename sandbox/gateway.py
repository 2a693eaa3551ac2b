"""The gateway's socket: hello, identify or resume, heartbeats, and the events of a session until it ends."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress

from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.greeting import Greeting, Identify, RefusedError
from sandbox.hub import Hub
from sandbox.models import Payload
from sandbox.sessions import Close, Outbox, Session
from sandbox.state import State
from sandbox.voice import Voice

logger = logging.getLogger(__name__)

HEARTBEAT_MS = 41_250
GOODBYE_SECONDS = 0.5


class _Resume(BaseModel):
    token: str
    session_id: str
    seq: int


class _Frame(BaseModel):
    op: int
    d: object = None


class _Socket:
    """One client's connection, with the session it has, if any."""

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.session: Session | None = None
        self.finished = asyncio.Event()

    def leave(self) -> None:
        """The session waits for a resume, unless another socket already has it."""
        if self.session is not None and self.session.outbox is self.outbox:
            self.session.outbox = None


class Gateway:
    """All sockets."""

    def __init__(self, *, state: State, hub: Hub, greeting: Greeting, voice: Voice) -> None:
        self._state = state
        self._hub = hub
        self._greeting = greeting
        self._voice = voice
        self._sockets: set[_Socket] = set()
        self.refused_resumes = 0

    async def serve(self, websocket: WebSocket) -> None:
        await websocket.accept()
        socket = _Socket()
        self._sockets.add(socket)
        socket.outbox.send(10, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
        sender = asyncio.create_task(self._send(websocket, socket.outbox))
        try:
            await self._receive(websocket, socket)
        finally:
            socket.leave()
            self._sockets.discard(socket)
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender
            socket.finished.set()

    async def _send(self, websocket: WebSocket, outbox: Outbox) -> None:
        try:
            while True:
                item = await outbox.next()
                if isinstance(item, Close):
                    await websocket.close(item.code, item.reason)
                    return
                await websocket.send_text(item)
        except (WebSocketDisconnect, RuntimeError):
            return  # the client went first; the receiving side notices by itself

    async def _receive(self, websocket: WebSocket, socket: _Socket) -> None:
        while True:
            try:
                text = await websocket.receive_text()
            except WebSocketDisconnect as gone:
                if gone.code in (1000, 1001) and socket.session is not None:
                    self._hub.remove(socket.session)  # said goodbye: nothing to resume
                return
            except KeyError:
                socket.outbox.close(4002, "Error while decoding payload.")
                continue
            try:
                frame = _Frame.model_validate_json(text)
            except ValidationError:
                socket.outbox.close(4002, "Error while decoding payload.")
                continue
            try:
                self._take(socket, frame)
            except ValidationError:
                socket.outbox.close(4002, "Error while decoding payload.")
            except RefusedError as refusal:
                socket.outbox.close(refusal.code, refusal.reason)

    def _take(self, socket: _Socket, frame: _Frame) -> None:
        match frame.op:
            case 1:
                socket.outbox.send(11, None)
            case 2:
                self._identify(socket, Identify.model_validate(frame.d))
            case 6:
                self._resume(socket, _Resume.model_validate(frame.d))
            case 3 | 4 | 8:
                if socket.session is None:
                    raise RefusedError(4003, "Not authenticated.")
                self._ask(socket.session, frame)
            case _:
                raise RefusedError(4001, "Unknown opcode.")

    def _ask(self, session: Session, frame: _Frame) -> None:
        if frame.op == 8:
            self._greeting.members(session, frame.d)
        elif frame.op == 4:
            self._voice.move(session.user.id, frame.d)

    def _identify(self, socket: _Socket, identify: Identify) -> None:
        if socket.session is not None:
            raise RefusedError(4005, "Already authenticated.")
        session = self._greeting.admitted(identify)
        self._hub.add(session)
        socket.session, session.outbox = session, socket.outbox
        self._greeting.welcome(session)

    def _resume(self, socket: _Socket, resume: _Resume) -> None:
        session = self._hub.sessions.get(resume.session_id)
        user = self._state.user_of_token(resume.token.removeprefix("Bot "))
        if user is None:
            raise RefusedError(4004, "Authentication failed.")
        if self.refused_resumes:
            self.refused_resumes -= 1
            session = None
        if session is None or session.user.id != user.id or not session.can_replay(resume.seq):
            if session is not None:
                self._hub.remove(session)
            socket.outbox.send(9, False)
            return
        if session.outbox is not None:
            session.outbox.close(4000, "Resumed elsewhere.")
        socket.session = session
        session.replay(resume.seq, socket.outbox)
        session.dispatch("RESUMED", {"_trace": []})

    # For the switches and the end

    async def say_goodbye(self) -> None:
        """Close every socket and wait a moment for the clients to hear it."""
        sockets = list(self._sockets)
        self.close_all(1001)
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                for socket in sockets:
                    await socket.finished.wait()

    def close_all(self, code: int, *, user_id: int | None = None) -> int:
        sockets = list(self._of(user_id))
        for socket in sockets:
            socket.leave()  # now, and not when the close arrives: what happens in between must be replayed
            socket.outbox.close(code)
        return len(sockets)

    def send_all(self, op: int, data: Payload | bool | None, *, user_id: int | None = None) -> int:
        sockets = list(self._of(user_id))
        for socket in sockets:
            socket.outbox.send(op, data)
        return len(sockets)

    def invalidate(self, *, resumable: bool, user_id: int | None = None) -> int:
        sockets = list(self._of(user_id))
        for socket in sockets:
            if socket.session is not None and not resumable:
                self._hub.remove(socket.session)
                socket.session = None
            socket.outbox.send(9, resumable)
        return len(sockets)

    def _of(self, user_id: int | None) -> Iterator[_Socket]:
        for socket in list(self._sockets):
            if user_id is None or (socket.session is not None and socket.session.user.id == user_id):
                yield socket
