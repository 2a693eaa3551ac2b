"""As much of Discord's REST as one channel's messages need, on loopback, for discord.py to talk to."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler
from discord.http import Route

from bot.gateway import point_at
from tests.bot.discord_objects import BOT, GENERAL, Wire, as_wire, message_json, user

CHANNEL = "/api/v10/channels/{channel}"


@dataclass
class ChannelRest:
    """Messages by id as they are now; `sent` is every body that came in, `faults` are statuses for the next calls."""

    messages: dict[str, str] = field(default_factory=dict[str, str])
    files: list[str] = field(default_factory=list[str])
    sent: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    faults: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """HTTP status and Discord's code."""
    typed: int = 0
    _nonces: dict[str, str] = field(default_factory=dict[str, str])

    def routes(self) -> list[web.RouteDef]:
        one = f"{CHANNEL}/messages/{{message}}"
        return [
            web.get("/api/v10/users/@me", self._me),
            web.get("/api/v10/oauth2/applications/@me", self._application),
            web.post(f"{CHANNEL}/typing", self._typing),
            web.post(f"{CHANNEL}/messages", self._post),
            web.patch(one, self._patch),
            web.delete(one, self._delete),
        ]

    async def _me(self, _: web.Request) -> web.Response:
        return answer(user(BOT, "digmbot", bot=True))

    async def _application(self, _: web.Request) -> web.Response:
        about = {"icon": None, "description": "", "bot_public": True, "bot_require_code_grant": False}
        return answer({"id": "1", "name": "digmbot", "verify_key": "", "owner": user(1, "owner"), **about})

    async def _typing(self, _: web.Request) -> web.Response:
        self.typed += 1
        return web.Response(status=204)

    async def _body(self, request: web.Request) -> dict[str, object]:
        if self.faults:
            status, code = self.faults.pop(0)
            raise FaultError(status, code)
        if not request.content_type.startswith("multipart/"):
            body = as_wire(await request.json())
        else:
            form = await request.post()
            body = as_wire(json.loads(str(form["payload_json"])))
            uploads = [part for part in form.values() if isinstance(part, web.FileField)]
            self.files += [upload.file.read().decode() for upload in uploads]
        self.sent.append(body)
        return body

    async def _post(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        nonce = str(body.get("nonce"))
        if nonce not in self._nonces or not body.get("enforce_nonce"):
            self._nonces[nonce] = str(len(self._nonces) + 1)
            self.messages[self._nonces[nonce]] = str(body["content"])
        return self._message(self._nonces[nonce])

    async def _patch(self, request: web.Request) -> web.Response:
        body = await self._body(request)
        message_id = request.match_info["message"]
        if message_id not in self.messages:
            raise FaultError(404, 10008)
        self.messages[message_id] = str(body["content"])
        return self._message(message_id)

    async def _delete(self, request: web.Request) -> web.Response:
        if self.messages.pop(request.match_info["message"], None) is None:
            raise FaultError(404, 10008)
        return web.Response(status=204)

    def _message(self, message_id: str) -> web.Response:
        said: dict[str, object] = {"id": message_id, "content": self.messages[message_id], "components": []}
        return answer(message_json(GENERAL, said))


def answer(body: object, status: int = 200) -> web.Response:
    # discord.py wants exactly this type; aiohttp's own helper adds a charset.
    return web.Response(status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


class FaultError(Exception):
    """An error as Discord words it: HTTP status and code."""


@web.middleware
async def with_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except FaultError as error:
        status, code = error.args
        return answer({"code": code, "message": "as told"}, status)


@asynccontextmanager
async def connected() -> AsyncGenerator[tuple[ChannelRest, Wire]]:
    """The stand-in, and a discord.py client that is logged in to it."""
    rest = ChannelRest()
    application = web.Application(middlewares=[with_faults])
    application.add_routes(rest.routes())
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    before = Route.BASE
    point_at(api_url=f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10", gateway_url=None, cdn_url=None)
    try:
        async with Wire() as client:
            await client.login("token")
            yield rest, client
    finally:
        Route.BASE = before
        await runner.cleanup()
