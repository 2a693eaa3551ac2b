"""One REST request on its way: who asks, for what, with which body; and what comes back."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams

from sandbox.drafts import Upload
from sandbox.errors import ApiError, invalid_form, unauthorized
from sandbox.limits import USUAL, Bucket
from sandbox.models import Payload, User
from sandbox.wire import Viewer

Model = TypeVar("Model", bound=BaseModel)
_CODES = {"missing": "BASE_TYPE_REQUIRED", "int_parsing": "NUMBER_TYPE_COERCE", "string_type": "STRING_TYPE_CONVERT"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a body that is not the usual 200 or 204."""

    status: int
    body: Payload


Answer = Payload | list[Payload] | Reply | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a request: the JSON part, and files by the number in `files[n]`."""

    data: object = None
    files: Mapping[int, Upload] = field(default_factory=dict[int, Upload])


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in."""

    params: Mapping[str, str]
    query: QueryParams
    sent: Sent
    caller: User | None
    reads_content: bool = True

    @property
    def user(self) -> User:
        if self.caller is None:
            raise unauthorized()
        return self.caller

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.user.id, self.reads_content)

    def id(self, name: str) -> int:
        """A path's id; `@me` stands for the caller."""
        text = self.params[name]
        if text == "@me":
            return self.user.id
        if not text.isdecimal() or len(text) > 19:
            raise invalid_form([((name,), "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')])
        return int(text)

    def number(self, name: str, *, default: int, least: int, most: int) -> int:
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdecimal() or not least <= int(text) <= most:
            text = f"int value should be between {least} and {most}."
            raise invalid_form([((name,), "NUMBER_TYPE_MAX", text)])
        return int(text)

    def snowflake(self, name: str) -> int | None:
        text = self.query.get(name)
        return int(text) if text is not None and text.isdecimal() else None

    def body(self, model: type[Model]) -> Model:
        """The JSON body in the form a route expects; raises Discord's `Invalid Form Body`."""
        return parsed(model, self.sent.data)


def parsed(model: type[Model], data: object) -> Model:
    try:
        return model.model_validate({} if data is None else data)
    except ValidationError as error:
        raise invalid_form(
            (item["loc"], _CODES.get(item["type"], "BASE_TYPE_INVALID"), item["msg"]) for item in error.errors()
        ) from None


def read_json(content: bytes) -> object:
    if not content:
        return None
    try:
        found: object = json.loads(content)
    except (ValueError, UnicodeDecodeError):
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None
    return found


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route: method and path below /api/v10, with `{names}`. `signed` ones need a token."""

    method: str
    path: str
    handler: Handler
    bucket: Bucket = USUAL
    signed: bool = True


@dataclass(slots=True)
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict[str, "_Node"])
    any: "_Node | None" = None
    endpoints: dict[str, tuple[Endpoint, list[str]]] = field(default_factory=dict[str, tuple[Endpoint, list[str]]])


class Routes:
    """Finds an endpoint segment by segment, so that many routes cost no more than few."""

    def __init__(self, endpoints: list[Endpoint]) -> None:
        self._root = _Node()
        for endpoint in endpoints:
            self._add(endpoint)

    def _add(self, endpoint: Endpoint) -> None:
        node, names = self._root, list[str]()
        for segment in endpoint.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.any = node = node.any or _Node()
            else:
                node = node.literal.setdefault(segment, _Node())
        if endpoint.method in node.endpoints:
            raise ValueError(f"two endpoints for {endpoint.method} {endpoint.path}")
        node.endpoints[endpoint.method] = (endpoint, names)

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """Raises Discord's 404 or 405."""
        methods: set[str] = set()
        for node, values in self._nodes(self._root, path.strip("/").split("/"), []):
            if method in node.endpoints:
                endpoint, names = node.endpoints[method]
                return endpoint, dict(zip(names, values, strict=True))
            methods.update(node.endpoints)
        if methods:
            raise ApiError(405, 0, "405: Method Not Allowed")
        raise ApiError(404, 0, "404: Not Found")

    def _nodes(self, node: _Node, segments: list[str], values: list[str]) -> list[tuple[_Node, list[str]]]:
        """Every node the path may mean, the most literal first."""
        if not segments:
            return [(node, values)]
        found: list[tuple[_Node, list[str]]] = []
        if below := node.literal.get(segments[0]):
            found += self._nodes(below, segments[1:], values)
        if node.any is not None and segments[0]:
            found += self._nodes(node.any, segments[1:], [*values, segments[0]])
        return found
