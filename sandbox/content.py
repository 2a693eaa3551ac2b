"""What a message may contain: limits as Discord checks them, who is really mentioned, components made complete."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.errors import ApiError, invalid_form
from sandbox.models import Guild, Payload

MAX_CONTENT = 2000
MAX_EMBEDS = 10
MAX_EMBED_TEXT = 6000
MAX_ROWS = 5
MAX_V2_COMPONENTS = 40
_USER = re.compile(r"<@!?(\d{1,19})>")
_ROLE = re.compile(r"<@&(\d{1,19})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")
_ACTION_ROW, _BUTTON, _STRING_SELECT, _CONTAINER = 1, 2, 3, 17
_SELECTS = range(3, 9)

Problem = tuple[tuple[str | int, ...], str, str]


@dataclass(frozen=True, slots=True)
class AllowedMentions:
    """Which mentions in the text are meant. `everything` is the default of a message that does not say."""

    parse: frozenset[str] = frozenset()
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    replied_user: bool = False


EVERYTHING = AllowedMentions(frozenset({"users", "roles", "everyone"}), replied_user=True)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Whom a message pings."""

    users: list[int]
    roles: list[int]
    everyone: bool


def mentioned(
    content: str, allowed: AllowedMentions, guild: Guild | None, known: set[int], *, may_mention_all: bool
) -> Mentioned:
    """`known` are the users that exist for this channel; `may_mention_all` is MENTION_EVERYONE."""
    named = [int(found) for found in dict.fromkeys(_USER.findall(content))]
    users = [one for one in named if one in known and ("users" in allowed.parse or one in allowed.users)]
    roles: list[int] = []
    for found in dict.fromkeys(_ROLE.findall(content)):
        role = guild.roles.get(int(found)) if guild else None
        if role is None or (role.id not in allowed.roles and "roles" not in allowed.parse):
            continue
        if role.mentionable or may_mention_all:
            roles.append(role.id)
    everyone = may_mention_all and "everyone" in allowed.parse and bool(_EVERYONE.search(content))
    return Mentioned(users, roles, everyone)


def check(content: str, embeds: list[Payload], components: list[Payload], *, is_v2: bool) -> None:
    """Raises Discord's `Invalid Form Body` with everything that is too long or does not belong together."""
    problems: list[Problem] = []
    if len(content) > MAX_CONTENT:
        problems.append((("content",), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_CONTENT} or fewer in length."))
    if len(embeds) > MAX_EMBEDS:
        problems.append((("embeds",), "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_EMBEDS} or fewer in length."))
    if sum(map(_embed_text, embeds)) > MAX_EMBED_TEXT:
        problems.append((("embeds",), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"))
    if is_v2 and (content or embeds):
        text = "The 'content' and 'embeds' fields cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        problems.append((("content",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text))
    problems += _component_problems(components, is_v2=is_v2)
    if problems:
        raise invalid_form(problems)


def _component_problems(components: list[Payload], *, is_v2: bool) -> Iterator[Problem]:
    if not is_v2 and len(components) > MAX_ROWS:
        yield ("components",), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MAX_ROWS} in length."
    flat = list(walk(components))
    if is_v2 and len(flat) > MAX_V2_COMPONENTS:
        yield ("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "The total number of components exceeds 40."
    seen: set[object] = set()
    for component in flat:
        custom_id = component.get("custom_id")
        if custom_id is not None and custom_id in seen:
            yield ("components",), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
        if isinstance(custom_id, str) and len(custom_id) > 100:
            yield ("components",), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length."
        seen.add(custom_id)
        label = component.get("label")
        if component.get("type") == _BUTTON and isinstance(label, str) and len(label) > 80:
            yield ("components",), "BASE_TYPE_BAD_LENGTH", "Must be 80 or fewer in length."
    if not is_v2:
        yield from _row_problems(components)


def _row_problems(components: list[Payload]) -> Iterator[Problem]:
    for index, row in enumerate(components):
        if row.get("type") != _ACTION_ROW:
            yield ("components", index, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).'
        elif not 1 <= len(_below(row)) <= 5:
            yield ("components", index, "components"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length."


def walk(components: list[Payload]) -> Iterator[Payload]:
    """Every component, outer before inner."""
    for component in components:
        yield component
        yield from walk(_below(component))


def _below(component: Payload) -> list[Payload]:
    found = component.get("components")
    inner = as_payloads(found)
    for key in ("accessory", "component"):
        inner = inner + as_payloads([component[key]] if key in component else [])
    return inner


def as_payloads(found: object) -> list[Payload]:
    if not isinstance(found, list):
        return []
    return [_as_payload(item) for item in found if isinstance(item, dict)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _as_payload(item: dict[str, object]) -> Payload:
    return item


def completed(components: list[Payload]) -> list[Payload]:
    """With the ids and defaults that Discord fills in."""
    taken = {component.get("id") for component in walk(components)}
    numbers = (number for number in range(1, 10_000) if number not in taken)
    for component in walk(components):
        if not component.get("id"):
            component["id"] = next(numbers)
        if component.get("type") in _SELECTS:
            component.setdefault("min_values", 1)
            component.setdefault("max_values", 1)
        if component.get("type") == _CONTAINER:
            component.setdefault("accent_color", None)
            component.setdefault("spoiler", False)
    return components


def completed_embeds(embeds: list[Payload]) -> list[Payload]:
    for embed in embeds:
        embed["type"] = "rich"
        for entry in as_payloads(embed.get("fields")):
            entry.setdefault("inline", False)
    return embeds


def _embed_text(embed: Payload) -> int:
    total = sum(len(text) for key in ("title", "description") if isinstance(text := embed.get(key), str))
    for entry in as_payloads(embed.get("fields")):
        total += len(str(entry.get("name", ""))) + len(str(entry.get("value", "")))
    for key in ("footer", "author"):
        for inner in as_payloads([embed.get(key)]):
            total += len(str(inner.get("text", inner.get("name", ""))))
    return total


def too_fast(retry_after: float) -> ApiError:
    """Somebody writes faster than the channel's slow mode allows."""
    error = ApiError(429, 20016, "This action cannot be performed due to slowmode rate limit")
    error.body["retry_after"] = round(retry_after, 3)
    error.body["global"] = False
    return error
