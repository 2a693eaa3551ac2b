"""Where a browser ends after signing in: a page with one sentence, and one button."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mcp_servers.outside.pending import LONGEST, Pending, PendingSignIns, Return, read_return

CALLBACK_PATH = "/oauth/callback"

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",  # the address carries the code
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_UNKNOWN = "This sign-in is not known here, was used already, or has ended. Begin again in Discord."


def callback_route(pending: PendingSignIns) -> Route:
    """The callback, wherever there is an HTTP server to put it on."""

    async def answer(request: Request) -> Response:
        if request.method == "POST":
            return await _confirmed(request, pending)
        return _came_back(request, pending)

    return Route(CALLBACK_PATH, answer, methods=["GET", "POST"])


def _came_back(request: Request, pending: PendingSignIns) -> Response:
    came = read_return(request.url.query)
    waiting = pending.find(came.state) if came else None
    if came is None or waiting is None:
        return _page(_UNKNOWN, status=400)
    if came.error or not came.code:
        pending.came_back(came)
        return _page(f"Nothing was connected with {waiting.link.server}. You can close this page.")
    return _page(_question(waiting), form=_form(came))


async def _confirmed(request: Request, pending: PendingSignIns) -> Response:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            return _page(_UNKNOWN, status=400)
    came = read_return(body.decode("ascii", errors="replace"))
    waiting = pending.find(came.state) if came else None
    if came is None or waiting is None or not pending.came_back(came):
        return _page(_UNKNOWN, status=400)
    return _page(f"Thank you. Discord tells {waiting.name} how it ended; you can close this page.")


def _question(waiting: Pending) -> str:
    return (
        f"The Discord account {waiting.name} asked to be connected with {waiting.link.server}. "
        "If that is not you, close this page: somebody has sent you their link."
    )


def _form(came: Return) -> str:
    """Carries on what came in the address."""
    given = {"state": came.state, "code": came.code, **({"iss": came.issuer} if came.issuer is not None else {})}
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in given.items())
    return f'<form method="post">{fields}<button>That is me, connect it</button></form>'


def _page(sentence: str, *, form: str = "", status: int = 200) -> Response:
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>digmbot</title></head>'
    return HTMLResponse(f"{head}<body><p>{escape(sentence)}</p>{form}</body></html>", status, _HEADERS)
