"""The page, the files of messages, and what the page asks the sandbox itself. Loopback only."""

import ipaddress
from pathlib import Path
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.models import Payload
from sandbox.state import State

STATIC = Path(__file__).parent / "static"


class _Fresh(StaticFiles):
    """The page's files, asked for anew each time: another version may be served from this address tomorrow."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


class Pages:
    """Serves the page; `notice` is a line it shows on top."""

    def __init__(self, *, state: State, api_url: str, gateway_url: str, notice: str | None) -> None:
        self._state = state
        self._info: Payload = {"api": api_url, "gateway": gateway_url, "notice": notice}
        self.static = _Fresh(directory=STATIC, check_dir=False)

    async def index(self, request: Request) -> Response:
        del request
        if not (STATIC / "index.html").is_file():
            return Response("The page is not installed; the API is at /api/v10.", media_type="text/plain")
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    async def info(self, request: Request) -> Response:
        del request
        return JSONResponse(self._info)

    async def people(self, request: Request) -> Response:
        del request
        return JSONResponse(
            [
                {
                    "id": str(user.id),
                    "username": user.username,
                    "global_name": user.global_name,
                    "bot": user.bot,
                    "token": None if user.bot else user.token,
                    "guild_ids": [str(guild.id) for guild in self._state.guilds_of(user.id)],
                }
                for user in self._state.contents.users.values()
            ]
        )

    async def file(self, request: Request) -> Response:
        """An attachment, as the CDN serves it."""
        number = request.path_params["attachment"]
        found = self._state.files.get(int(number)) if str(number).isdecimal() else None
        if found is None:
            return Response("This content is no longer available.", status_code=404, media_type="text/plain")
        name = str(request.path_params["filename"])
        kind = found.content_type
        headers = {
            "Content-Type": kind,
            "Cache-Control": "private, max-age=3600",
            "X-Content-Type-Options": "nosniff",
            # What somebody uploaded must not run as a page of this origin, which knows everybody's token.
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        if not kind.startswith(("image/", "text/plain", "audio/", "video/")) or "svg" in kind:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        return Response(found.content, headers=headers)


class LoopbackOnly:
    """Turns away requests whose Host or Origin is not this machine, as a web page elsewhere could send them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or self._local(HTTPConnection(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4003, "reason": "Only from this machine."})
        else:
            refusal = JSONResponse({"message": "Only from this machine.", "code": 0}, status_code=403)
            await refusal(scope, receive, send)

    @staticmethod
    def _local(connection: HTTPConnection) -> bool:
        host, origin = connection.headers.get("host", ""), connection.headers.get("origin")
        return _is_loopback(f"//{host}") and (origin is None or _is_loopback(origin))


def _is_loopback(url: str) -> bool:
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
