"""A REST client and a gateway socket for the sandbox's tests, as bare as can be."""

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp

from sandbox import Sandbox

Json = Any  # what came over the wire; a test says what it expects of it
PATIENCE = 5.0


@dataclass(frozen=True)
class Answer:
    status: int
    data: Json
    headers: dict[str, str]


class Rest:
    """Requests as one person or bot."""

    def __init__(self, http: aiohttp.ClientSession, box: Sandbox, name: str | None) -> None:
        self._http = http
        self.box = box
        self.me = box.person(name) if name else None

    async def ask(self, method: str, path: str, body: Json = None, **options: Json) -> Answer:
        headers = dict(options.pop("headers", {}))
        if self.me is not None:
            headers["Authorization"] = self.me.authorization
        if body is not None:
            options["json"] = body
        async with self._http.request(method, self.box.api_url + path, headers=headers, **options) as response:
            data = await response.json() if response.status != 204 else None
            return Answer(response.status, data, {name.lower(): value for name, value in response.headers.items()})

    async def say(self, channel: str, text: str, **more: Json) -> Json:
        answer = await self.ask("POST", f"/channels/{self.channel(channel)}/messages", {"content": text, **more})
        assert answer.status == 200, answer.data
        return answer.data

    def channel(self, name: str) -> int:
        return self.box.state.channel_named(name).id


@dataclass
class Socket:
    """A gateway connection."""

    http: aiohttp.ClientSession
    box: Sandbox
    token: str
    intents: int = (1 << 26) - 1
    shard: tuple[int, int] = (0, 1)
    events: list[Json] = field(default_factory=list)
    sequence: int = 0
    session_id: str = ""

    async def open(self) -> Self:
        self.ws = await self.http.ws_connect(self.box.gateway_url)
        assert (await self.frame())["op"] == 10
        return self

    async def identify(self) -> Self:
        await self.open()
        await self.send(2, {"token": self.token, "intents": self.intents, "shard": self.shard, "properties": {}})
        self.session_id = (await self.event("READY"))["session_id"]
        return self

    async def resume(self) -> None:
        await self.open()
        await self.send(6, {"token": self.token, "session_id": self.session_id, "seq": self.sequence})

    async def send(self, op: int, data: Json) -> None:
        await self.ws.send_json({"op": op, "d": data})

    async def frame(self) -> Json:
        async with asyncio.timeout(PATIENCE):
            frame = await self.ws.receive_json()
        if frame["op"] == 0:
            self.sequence = frame["s"]
            self.events.append(frame)
        return frame

    async def event(self, name: str) -> Json:
        """The next event of this name; what comes before it is kept in `events`."""
        while True:
            frame = await self.frame()
            if frame["t"] == name:
                return frame["d"]

    async def closed(self) -> int:
        async with asyncio.timeout(PATIENCE):
            while (message := await self.ws.receive()).type == aiohttp.WSMsgType.TEXT:
                pass
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)
        return self.ws.close_code or 0

    async def quiet_until(self, name: str) -> list[str]:
        """The names of all events up to and with the next of this name."""
        start = len(self.events)
        await self.event(name)
        return [event["t"] for event in self.events[start:]]


class Visit:
    """A sandbox with clients for everybody in it; closes all of them."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box

    async def __aenter__(self) -> Self:
        await self.box.__aenter__()
        self.http = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.http.close()
        await self.box.__aexit__(kind, error, traceback)

    def rest(self, name: str | None) -> Rest:
        return Rest(self.http, self.box, name)

    async def socket(self, name: str, *, intents: int = (1 << 26) - 1, shard: tuple[int, int] = (0, 1)) -> Socket:
        return await Socket(self.http, self.box, self.box.person(name).token, intents, shard).identify()
