"""How the sandbox refuses: Discord's status, code and message, and the tree of what was wrong with a form."""

from collections.abc import Iterable

from sandbox.models import Payload


class ApiError(Exception):
    """A refusal as Discord words it."""

    def __init__(self, status: int, code: int, message: str, errors: Payload | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.body: Payload = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


_UNKNOWN = {
    "account": 10001,
    "application": 10002,
    "channel": 10003,
    "guild": 10004,
    "member": 10007,
    "message": 10008,
    "overwrite": 10009,
    "role": 10011,
    "user": 10013,
    "emoji": 10014,
    "webhook": 10015,
    "ban": 10026,
    "interaction": 10062,
    "application command": 10063,
    "voice state": 10065,
}


def unknown(what: str) -> ApiError:
    return ApiError(404, _UNKNOWN[what], f"Unknown {what.title()}")


def unauthorized() -> ApiError:
    return ApiError(401, 0, "401: Unauthorized")


def missing_access() -> ApiError:
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    return ApiError(403, 50013, "Missing Permissions")


def cannot_execute() -> ApiError:
    return ApiError(403, 50003, "Cannot execute action on a DM channel")


def empty_message() -> ApiError:
    return ApiError(400, 50006, "Cannot send an empty message")


def too_large() -> ApiError:
    return ApiError(413, 40005, "Request entity too large")


def invalid_form(problems: Iterable[tuple[Iterable[str | int], str, str]]) -> ApiError:
    """`problems` are (path, code, message), such as (("content",), "BASE_TYPE_MAX_LENGTH", "Must be …")."""
    tree: Payload = {}
    for path, code, message in problems:
        _put(tree, [str(part) for part in path], {"code": code, "message": message})
    return ApiError(400, 50035, "Invalid Form Body", tree)


def _put(tree: Payload, path: list[str], leaf: Payload) -> None:
    if not path:
        found = tree.setdefault("_errors", [])
        if isinstance(found, list):
            found.append(leaf)  # pyright: ignore[reportUnknownMemberType]
        return
    below = tree.setdefault(path[0], {})
    if isinstance(below, dict):
        _put(below, path[1:], leaf)  # pyright: ignore[reportUnknownArgumentType]
