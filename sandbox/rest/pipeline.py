"""The way of every REST request: read, disturbed if a test wants so, signed, counted, answered, recorded."""

import asyncio
import json
import logging
import re
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sandbox.content import as_payloads
from sandbox.drafts import Upload
from sandbox.errors import ApiError, too_large, unauthorized
from sandbox.faults import FaultSwitches, RestFault
from sandbox.limits import RateLimits
from sandbox.models import Payload, User
from sandbox.requests import RequestLog, Served
from sandbox.rest.calls import Answer, Call, Endpoint, Reply, Routes, Sent, read_json
from sandbox.state import State

logger = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 60 * 1024 * 1024
_READS_CONTENT = 1 << 18 | 1 << 19
_FILE_PART = re.compile(r"files\[(\d+)\]|file(\d*)")
_COMMON = {"Via": "1.1 sandbox", "Cache-Control": "no-store"}
# A header discord.py looks for: without Via it takes a 429 for a ban by Cloudflare.


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: int
    body: object
    headers: dict[str, str]


class Pipeline:
    """Serves /api/v10."""

    def __init__(
        self, *, state: State, routes: Routes, faults: FaultSwitches, limits: RateLimits, log: RequestLog
    ) -> None:
        self._state = state
        self._routes = routes
        self._faults = faults
        self._limits = limits
        self._log = log

    async def serve(self, request: Request) -> Response:
        # The raw path: an emoji or a name may hold an escaped slash.
        raw = request.scope.get("raw_path", b"").decode("ascii", "replace").split("?")[0]
        path = "/" + "/".join(raw.split("/")[3:])
        user = self._signed(request)
        sent, refused = Sent(), None
        try:
            sent = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except ApiError as error:
            refused = error
        fault = self._faults.take(request.method, path, user.username if user else None)
        if fault is not None and fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.status is not None and not fault.after_effect:
            outcome = _broken(fault.status, fault)
        elif refused is not None:
            outcome = _Outcome(refused.status, refused.body, {})
        else:
            outcome = await self._answer(request, path, user, sent)
            if fault is not None and fault.status is not None:
                outcome = _broken(fault.status, fault)
        who = user.username if user else None
        self._log.add(Served(request.method, path, _logged(sent), who, self._state.clock(), outcome.status))
        return _response(outcome)

    def _signed(self, request: Request) -> User | None:
        """Bots sign as `Bot <token>`, people with the bare token, as their own clients do."""
        scheme, _, rest = request.headers.get("authorization", "").strip().partition(" ")
        token, as_bot = (rest.strip(), True) if scheme == "Bot" else (scheme, False)
        user = self._state.user_of_token(token)
        return user if user is not None and user.bot == as_bot else None

    async def _answer(self, request: Request, path: str, user: User | None, sent: Sent) -> _Outcome:
        headers: dict[str, str] = {}
        try:
            endpoint, params = self._routes.find(request.method, path)
            _demand_signature(endpoint, user)
            params = {name: unquote(value) for name, value in params.items()}
            if user is not None:
                headers = self._counted(endpoint, user, params)
            call = Call(params, request.query_params, sent, user, user is None or self._reads_content(user))
            return _outcome(await endpoint.handler(call), headers)
        except _TooSoonError as early:
            return early.outcome
        except ApiError as error:
            return _Outcome(error.status, error.body, headers)
        except Exception:  # boundary: a mistake of the sandbox is a 500 for its client
            logger.exception("%s %s failed inside the sandbox", request.method, path)
            return _Outcome(500, {"message": "500: Internal Server Error", "code": 0}, headers)

    def _reads_content(self, user: User) -> bool:
        application = self._state.contents.applications.get(user.id)
        return not user.bot or application is None or bool(application.flags & _READS_CONTENT)

    def _counted(self, endpoint: Endpoint, user: User, params: dict[str, str]) -> dict[str, str]:
        major = params.get("channel") or params.get("guild") or params.get("webhook") or ""
        route = f"{endpoint.method} {endpoint.path}"
        allowance = self._limits.use(user.id, route, major, endpoint.bucket)
        if allowance.retry_after is None:
            return allowance.headers()
        body: Payload = {
            "message": "You are being rate limited.",
            "retry_after": allowance.retry_after,
            "global": False,
        }
        headers = {**allowance.headers(), "Retry-After": str(allowance.retry_after), "X-RateLimit-Scope": "user"}
        raise _TooSoonError(_Outcome(429, body, headers))


def _demand_signature(endpoint: Endpoint, user: User | None) -> None:
    if endpoint.signed and user is None:
        raise unauthorized()


class _TooSoonError(Exception):
    def __init__(self, outcome: _Outcome) -> None:
        super().__init__("rate limited")
        self.outcome = outcome


def _outcome(answer: Answer, headers: dict[str, str]) -> _Outcome:
    match answer:
        case None:
            return _Outcome(204, None, headers)
        case Reply(status, body):
            return _Outcome(status, body, headers)
        case _:
            return _Outcome(200, answer, headers)


def _broken(status: int, fault: RestFault) -> _Outcome:
    if status == 429:
        body: Payload = {
            "message": "You are being rate limited.",
            "retry_after": fault.retry_after,
            "global": False,
            "code": 0,
        }
        return _Outcome(429, body, {"Retry-After": str(fault.retry_after), "X-RateLimit-Scope": "user"})
    return _Outcome(status, {"message": f"{status}: switched on by a fault switch", "code": 0}, {})


def _response(outcome: _Outcome) -> Response:
    if outcome.status == 204:
        return Response(status_code=204, headers={**_COMMON, **outcome.headers})
    # Exactly this content type: discord.py compares it whole and would take anything longer for text.
    return Response(
        json.dumps(outcome.body),
        status_code=outcome.status,
        headers={**_COMMON, **outcome.headers, "Content-Type": "application/json"},
    )


async def _read(request: Request) -> Sent:
    if int(request.headers.get("content-length", "0")) > MAX_REQUEST_BYTES:
        async for _ in request.stream():
            pass  # taken in and forgotten: who is still sending would not hear the answer
        raise too_large()
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return Sent(read_json(await request.body()))
    try:
        async with request.form(max_files=20, max_fields=20) as form:
            files: dict[int, Upload] = {}
            data: object = None
            for name, part in form.multi_items():
                if isinstance(part, UploadFile):
                    found = _FILE_PART.fullmatch(name)
                    number = int(found[1] or found[2] or len(files)) if found else len(files)
                    content = await part.read()
                    files[number] = Upload(part.filename or "unknown", content, part.content_type)
                elif name == "payload_json":
                    data = read_json(part.encode())
    except MultiPartException:
        raise ApiError(400, 50035, "Invalid Form Body") from None
    return Sent({} if data is None else data, files)


def _logged(sent: Sent) -> object:
    found: list[Payload] = as_payloads([sent.data])
    if not sent.files or not found:
        return sent.data
    return {**found[0], "files": [upload.filename for upload in sent.files.values()]}
