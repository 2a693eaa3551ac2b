"""What all sections have in common, and the kinds of value that more than one of them takes."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

PLACEHOLDER = "<TODO>"
# Servers are often given with the path of one call; the client wants what all calls have in common.
CALL_PATHS = re.compile(r"(/api/(generate|chat)|(/chat)?/completions)?/*$")


class Section(BaseModel):
    """A table of the file. Values are as TOML types them: `"8192"` is no number, `1` is not true."""

    # hide_input_in_errors: an error about one key would otherwise carry the whole table, token and all.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        protected_namespaces=(),
    )


def checked_url(value: str, *schemes: str) -> str:
    """The address without a trailing slash; raises `ValueError` that does not repeat it."""
    example = f"write it like {schemes[0]}://127.0.0.1:8000"
    if any(c.isspace() or not c.isprintable() for c in value):
        raise ValueError(f"has blanks or control characters; {example}")
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a broken IPv6 address
        good = False
        parts = urlsplit("")
    if not good:
        raise ValueError(f"is not an address of the kind {' or '.join(f'{s}://' for s in schemes)}; {example}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("has a name or password in it; write the address without, and secrets under their own key")
    return value.rstrip("/")


def web_address(value: str) -> str:
    return checked_url(value, "http", "https")


def gateway_address(value: str) -> str:
    return checked_url(value, "ws", "wss")


def openai_address(value: str) -> str:
    """Ollama's own addresses and those of single calls, turned into the base URL of the OpenAI-compatible API."""
    parts = urlsplit(web_address(value))
    path = CALL_PATHS.sub("", parts.path)
    return parts._replace(path=path or "/v1", query="", fragment="").geturl()


WebUrl = Annotated[str, AfterValidator(web_address)]
GatewayUrl = Annotated[str, AfterValidator(gateway_address)]
OpenAIUrl = Annotated[str, AfterValidator(openai_address)]
Snowflake = Annotated[int, Field(gt=0, lt=2**63)]
