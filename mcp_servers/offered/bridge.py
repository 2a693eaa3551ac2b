"""From a desktop client's standard streams to the endpoint of the running bot: JSON-RPC messages pass as they are.

The bridge outlives the bot: a request that the bot cannot answer now gets an error of its own, and when the bot is back
the client's session is opened again behind its back. Every request carries an Idempotency-Key, so that one whose answer
was lost can be sent once more without being carried out twice.

It knows as little of MCP as it can: which headers a message needs, and what opens a session. `mcp` itself is not
imported, because a client waits for this program to start.
"""

import asyncio
import base64
import contextlib
import json
import logging
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from functools import partial

import httpx2
from pydantic import JsonValue, TypeAdapter

logger = logging.getLogger(__name__)

PATIENCE = 5.0
PAUSES = (0.1, 0.2, 0.4, 0.8)
MOST_TRIES = 20
AT_ONCE = 32
CLOSE_SECONDS = 1.0
LOST, BROKEN, NO_JSON, NO_REQUEST = -32000, -32603, -32700, -32600

VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""What of a request's parameters stands in its Mcp-Name header since 2026-07-28."""
_PLAIN = re.compile(r"(?!=\?base64\?)(?! )[\x20-\x7E]*(?<! )")

Json = dict[str, JsonValue]
_ANY = TypeAdapter[JsonValue](JsonValue)


class BridgeError(Exception):
    """A request cannot be answered: one sentence for whoever sent it."""


class Bridge:
    """Carries the messages of one client."""

    def __init__(self, http: httpx2.AsyncClient, url: str, *, write: Callable[[str], None]) -> None:
        """`http` sends the token along; `write` gives the client one line."""
        self._http = http
        self._url = url
        self._write = write
        self._instance = secrets.token_hex(16)
        self._session: str | None = None
        self._version: str | None = None
        self._hello: Json | None = None
        self._opening = asyncio.Lock()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._running: dict[str, tuple[asyncio.Task[None], bool]] = {}
        """Requests by id, and whether they are of 2026-07-28."""

    async def run(self, lines: AsyncIterator[str]) -> None:
        """Until the client closes its end."""
        async with asyncio.TaskGroup() as tasks:
            async for line in lines:
                await self._take(line, tasks)
            running = [task for task, _ in self._running.values()]
            if running:
                await asyncio.wait(running, timeout=CLOSE_SECONDS)
            for task in running:
                task.cancel()
        await self._close()

    async def _take(self, line: str, tasks: asyncio.TaskGroup) -> None:
        try:
            message = _ANY.validate_python(json.loads(line))
        except (ValueError, RecursionError):
            self._tell(_error(None, NO_JSON, "That line is no JSON."))
            return
        match message:
            case {"method": "initialize", "id": _}:
                self._hello, self._session, self._version = message, None, None
                self._instance = secrets.token_hex(16)
                await self._answer(message)
            case {"method": str(), "id": id_}:
                task = tasks.create_task(self._answer(message))
                self._running[json.dumps(id_)] = (task, _version_in(message) is not None)
                task.add_done_callback(partial(self._forget, json.dumps(id_)))
            case {"method": "notifications/cancelled", "params": {"requestId": id_}} if self._is_modern(id_):
                self._running[json.dumps(id_)][0].cancel()  # closing its stream is how that is said there
            case dict():
                await self._pass_on(message)
            case _:
                self._tell(_error(None, NO_REQUEST, "That is no single JSON-RPC message."))

    def _is_modern(self, id_: JsonValue) -> bool:
        running = self._running.get(json.dumps(id_))
        return running is not None and running[1]

    def _forget(self, key: str, done: "asyncio.Task[None]") -> None:
        if key in self._running and self._running[key][0] is done:
            del self._running[key]

    async def _pass_on(self, message: Json) -> None:
        """A notification, or an answer: nobody waits for what comes of it."""
        try:
            async for _ in self._exchange(message):
                pass
        except BridgeError as error:
            logger.warning("a message was not passed on: %s", error)

    async def _answer(self, message: Json) -> None:
        """Whatever happens, the client gets one answer to this request."""
        id_, is_answered = message["id"], False
        try:
            async with self._room:
                async for told in self._exchange(message):
                    is_answered = is_answered or "method" not in told
                    self._tell(told if "method" in told else {**told, "id": id_})
            if not is_answered:
                self._tell(_error(id_, LOST, "The bot gave no answer."))
        except BridgeError as error:
            self._tell(_error(id_, LOST, str(error)))
        except Exception:  # boundary: the client is told, and the bridge goes on
            logger.exception("a message could not be carried")
            self._tell(_error(id_, BROKEN, "The bridge failed by a fault of its own."))

    async def _exchange(self, message: Json) -> AsyncGenerator[Json]:
        """What comes back for a message. What the bot did not get, or answer, is sent again for a while."""
        begun = asyncio.get_running_loop().time()
        for attempt in range(MOST_TRIES):
            session = self._session
            try:
                async with contextlib.aclosing(self._post(message)) as answers:
                    async for told in answers:
                        yield told
                        if "method" not in told:
                            return  # that was the answer
            except _SessionLostError:
                await self._open_again(session)
            except httpx2.TransportError as error:
                if asyncio.get_running_loop().time() - begun > PATIENCE:
                    raise BridgeError(_lost(error, self._url)) from None
                await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
            else:
                return
        raise BridgeError("The bot does not keep its sessions.")

    async def _post(self, message: Json) -> AsyncGenerator[Json]:
        async with self._http.stream("POST", self._url, json=message, headers=self._headers(message)) as answer:
            if message.get("method") == "initialize" and answer.is_success:
                self._session = answer.headers.get("mcp-session-id")
            if answer.status_code == 404 and self._session and _version_in(message) is None:
                raise _SessionLostError
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                async for event in httpx2.EventSource(answer, max_event_size=None):
                    if event.event == "message" and event.data:
                        yield self._heard(event.data, message)
                return
            body = (await answer.aread()).decode("utf-8", "replace")
            if sentence := _refusal(answer):
                raise BridgeError(sentence)
            if body.strip():
                yield self._heard(body, message)

    def _heard(self, text: str, message: Json) -> Json:
        try:
            told = _ANY.validate_python(json.loads(text))
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or "jsonrpc" not in told:
            raise BridgeError("What answered is no MCP endpoint; check the address.")
        if message.get("method") == "initialize" and isinstance(result := told.get("result"), dict):
            self._version = str(result.get("protocolVersion"))
        return told

    def _headers(self, message: Json) -> dict[str, str]:
        headers = {"Accept": "application/json, text/event-stream"}
        method, params = message.get("method"), message.get("params")
        if "id" in message and method:
            headers["Idempotency-Key"] = f"{self._instance}-{json.dumps(message['id'])}"
        if version := _version_in(message):
            headers |= {"MCP-Protocol-Version": _header(version), "Mcp-Method": _header(str(method))}
            name = params.get(NAMED.get(str(method), "")) if isinstance(params, dict) else None
            return {**headers, "Mcp-Name": _header(name)} if isinstance(name, str) else headers
        if method != "initialize":
            headers |= {"Mcp-Session-Id": self._session} if self._session else {}
            headers |= {"MCP-Protocol-Version": self._version} if self._version else {}
        return headers

    async def _open_again(self, lost: str | None) -> None:
        """The bot was started anew: say hello as the client did, which need not know."""
        async with self._opening:
            if self._session != lost or self._hello is None:
                return  # somebody else has opened it meanwhile
            async for _ in self._exchange({**self._hello, "id": f"again-{secrets.token_hex(4)}"}):
                pass
            async for _ in self._exchange({"jsonrpc": "2.0", "method": "notifications/initialized"}):
                pass

    async def _close(self) -> None:
        if self._session:
            headers = {"Mcp-Session-Id": self._session}
            with contextlib.suppress(httpx2.TransportError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._http.delete(self._url, headers=headers)

    def _tell(self, message: Json) -> None:
        self._write(json.dumps(message, separators=(",", ":")))


class _SessionLostError(Exception):
    """The bot does not know the session: it was started anew, or the session was idle for too long."""


REFUSALS = {
    401: "The bot does not take this token: it was revoked, has expired, or is none. /mcp token makes one.",
    403: "The bot does not take requests to this address; its operator sets mcp.serve.allowed_hosts.",
    421: "The bot does not take requests to this address; its operator sets mcp.serve.allowed_hosts.",
    413: "That request is larger than the bot takes.",
}


def _refusal(answer: httpx2.Response) -> str | None:
    """Of the HTTP layer, before anything read the message."""
    status = answer.status_code
    if status == 429:
        return f"Too many requests with this token; try again in {answer.headers.get('retry-after', '60')} s."
    if status >= 500:
        return f"The bot could not answer (HTTP {status}); try again soon."
    if 300 <= status < 400:
        return "That address leads elsewhere; give the address of the endpoint itself."
    return REFUSALS.get(status)


def _lost(error: httpx2.TransportError, url: str) -> str:
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return f"digmbot is not running at {url}; start it, with [mcp.serve] enabled, and try again."
    return f"The connection to digmbot at {url} was lost, and it is not known whether this took effect."


def _version_in(message: Mapping[str, JsonValue]) -> str | None:
    """The protocol version that a message of 2026-07-28 or later names itself."""
    match message:
        case {"params": {"_meta": {**meta}}}:
            version = meta.get(VERSION_KEY)
            return version if isinstance(version, str) else None
        case _:
            return None


def _header(value: str) -> str:
    """What a header cannot carry as it is goes in base64, as the specification says."""
    if _PLAIN.fullmatch(value):
        return value
    return f"=?base64?{base64.b64encode(value.encode('utf-8', 'replace')).decode()}?="


def _error(id_: JsonValue, code: int, sentence: str) -> Json:
    return {"jsonrpc": "2.0", "id": id_, "error": {"code": code, "message": sentence}}
