"""One outside MCP server as the operator writes it. What does not go together is told at its own key."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.settings.base import Section, Snowflake, WebUrl, checked_url

ValueT = TypeVar("ValueT")

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")  # a token of RFC 9110
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
MADE_BY_US = {"host", "content-length", "content-type", "accept", "transfer-encoding", "connection", "mcp-session-id"}


def server_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("a server's name has up to 32 of a-z 0-9 _ - and begins with a letter or digit; rename it")
    if "__" in name:
        raise ValueError("a server's name has no __, which stands between it and its tools; rename it")
    return name


def server_address(value: str) -> str:
    """As it is written: to many servers `/mcp` and `/mcp/` are not the same."""
    checked_url(value, "https", "http")
    if "#" in value:
        raise ValueError("has a # in it, and what follows is never sent; leave it out")
    return value


def header_name(name: str) -> str:
    if not HEADER.fullmatch(name):
        raise ValueError("is no name of a header; write one like Authorization")
    if name.lower() in MADE_BY_US:
        raise ValueError("is a header that the connection itself sets; remove it")
    return name


def variable_name(name: str) -> str:
    if not VARIABLE.fullmatch(name):
        raise ValueError("is no name of an environment variable; write one like API_KEY")
    return name


def header_value(value: SecretStr) -> SecretStr:
    """RFC 9110, within what every server takes: h11 refuses the rest in words that repeat the value."""
    text = value.get_secret_value()
    if text != text.strip() or not all(" " <= letter <= "~" for letter in text):
        raise ValueError("has line breaks, outer blanks or other than plain ASCII letters in it; write it on one line")
    return value


def variable_value(value: SecretStr) -> SecretStr:
    if "\0" in value.get_secret_value():
        raise ValueError("has a null character in it; leave it out")
    return value


ServerName = Annotated[str, AfterValidator(server_name)]
ServerUrl = Annotated[str, AfterValidator(server_address)]
Headers = dict[Annotated[str, AfterValidator(header_name)], Annotated[SecretStr, AfterValidator(header_value)]]
Variables = dict[Annotated[str, AfterValidator(variable_name)], Annotated[SecretStr, AfterValidator(variable_value)]]
Plain = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=10_000)]
# The names are the servers' own: since 2025-11-25 with dots and slashes, too.
ToolGlob = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./:*?\[\]!-]+$", max_length=200)]
Scope = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]+$", max_length=200)]  # RFC 6749, 3.3


class McpTools(Section):
    """Which of a server's tools are used, by the names that the server gives them."""

    allow: tuple[ToolGlob, ...] = Field(default=("*",), description="Patterns of the tools that are offered.")
    deny: tuple[ToolGlob, ...] = Field(
        default=(), description='Patterns of the tools that are not, whatever `allow` says: ["delete_*"].'
    )
    read: tuple[ToolGlob, ...] = Field(
        default=(),
        description="Patterns of the tools that, you are sure, only read: they never need a click. What a server "
        "says of its own tools is not taken for that.",
    )


class McpServer(Section):
    """A server whose tools the model may use, as `NAME__tool`: a program (`command`) or an address (`url`)."""

    # `command` and `url` come first: what goes with one of them is checked in the order of the fields.
    command: str | None = Field(
        default=None,
        description="A program to start and to speak to over its standard streams: a name on the PATH, or a path.",
        min_length=1,
        max_length=4096,
        pattern=r"^[^\x00]+$",
    )
    url: ServerUrl | None = Field(
        default=None,
        description="The address of a server on the network, exactly as it is given out. Keys go into `headers`.",
        validate_default=True,
        json_schema_extra={"elsewhere": ["serverUrl", "endpoint"]},
    )
    enabled: bool = Field(
        default=True,
        description="When false, the server is left alone.",
        json_schema_extra={"elsewhere": ["disabled"]},
    )
    args: tuple[Plain, ...] = Field(
        default=(),
        description="For `command`: its arguments. Others on this machine can see them, so no secrets.",
        max_length=200,
    )
    env: Variables = Field(
        default={},
        description="For `command`: environment variables, besides HOME, PATH and the like. All are secrets.",
        json_schema_extra={"example": '{ API_KEY = "…" }'},
    )
    cwd: Path | None = Field(default=None, description="For `command`: the folder it runs in.")
    transport: Literal["http", "sse"] = Field(
        default="http",
        description="For `url`: http is streamable HTTP; sse is what servers spoke before 2025.",
        json_schema_extra={"elsewhere": ["type"]},
    )
    headers: Headers = Field(
        default={},
        description="For `url`: headers of every request. All are secrets.",
        json_schema_extra={"example": '{ Authorization = "Bearer …" }', "names": "headers"},
    )
    allow_private: bool = Field(
        default=False, description="For `url`: whether it may lead to this machine or into a private network."
    )
    auth: Literal["none", "bot", "user", "client"] = Field(
        default="none",
        description="For `url`: who signs in (OAuth). none: nobody; bot: an owner, once, for all; user: each person, "
        "and calls run under their account; client: the bot itself, with `client_id` and `client_secret`.",
    )
    client_id: str | None = Field(
        default=None,
        description="For `auth`: the client that is registered there; else the bot registers itself.",
        min_length=1,
        max_length=1000,
        pattern=r"^[ -~]+$",
    )
    client_secret: SecretStr | None = Field(default=None, description="For `auth`: its secret.", min_length=1)
    issuer: WebUrl | None = Field(
        default=None,
        description="For `auth`: the only authorisation server that is taken; else the first that the server names.",
    )
    scopes: tuple[Scope, ...] = Field(
        default=(), description="For `auth`: what to ask for; else what the server names.", max_length=100
    )
    timeout: float = Field(
        default=60.0,
        description="Time for one call, in seconds; it starts anew with each progress that the server tells.",
        gt=0,
        le=3600,
    )
    approval: Literal["never", "writes", "always"] = Field(
        default="writes",
        description="Which calls need the asker's click. writes: those that change something, as for the bot's own "
        "tools; never: none; always: each, also of what only reads.",
    )
    guilds: tuple[Snowflake, ...] = Field(
        default=(), description="Ids of the Discord servers where it may be used; everywhere when empty."
    )
    roles: tuple[Snowflake, ...] = Field(
        default=(), description="Ids of the roles that may use it, so not in direct messages; everybody when empty."
    )
    protocol: Literal["auto", "legacy"] = Field(
        default="auto",
        description="auto: the newest that both sides speak; legacy: no question, for servers that answer nothing "
        "they do not know and would cost ten seconds at each connection.",
    )
    # Last, because a table of TOML cannot be gone back to.
    tools: McpTools = Field(default_factory=McpTools, json_schema_extra={"elsewhere": ["alwaysAllow", "autoApprove"]})

    @field_validator("url")
    @classmethod
    def is_one_kind(cls, url: str | None, info: ValidationInfo) -> str | None:
        if "command" not in info.data:  # it is wrong, and told
            return url
        if url is None and info.data["command"] is None:
            raise ValueError("the server needs `command`, a program to start, or `url`, an address; write one of them")
        if url is not None and info.data["command"] is not None:
            raise ValueError("a server has either `command` or `url`; remove one of them")
        return url

    @field_validator("args", "env", "cwd")
    @classmethod
    def has_a_program(cls, value: ValueT, info: ValidationInfo) -> ValueT:
        if info.data.get("url") is not None and info.data.get("command", "") is None:
            raise ValueError(f"{info.field_name} goes with `command`, and this server has a `url`; remove it")
        return value

    @field_validator("transport", "headers", "allow_private", "auth", "client_id", "client_secret", "issuer", "scopes")
    @classmethod
    def has_an_address(cls, value: ValueT, info: ValidationInfo) -> ValueT:
        if info.data.get("command") is not None and info.data.get("url", "") is None:
            raise ValueError(f"{info.field_name} goes with `url`, and this server has a `command`; remove it")
        return value

    @field_validator("auth")
    @classmethod
    def signs_in_once(cls, auth: str, info: ValidationInfo) -> str:
        headers: dict[str, SecretStr] = info.data.get("headers", {})
        if auth != "none" and "authorization" in map(str.lower, headers):
            raise ValueError("signing in makes the Authorization header; remove that header, or `auth`")
        return auth

    @field_validator("client_id", "client_secret", "issuer", "scopes")
    @classmethod
    def is_for_signing_in(cls, value: ValueT, info: ValidationInfo) -> ValueT:
        if info.data.get("auth") == "none":
            raise ValueError(
                f'{info.field_name} goes with `auth`; write auth = "bot", "user" or "client", or remove it'
            )
        return value

    @field_validator("headers")
    @classmethod
    def each_header_is_there_once(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        lower = [name.lower() for name in headers]
        if twice := sorted({name for name in lower if lower.count(name) > 1}):
            raise ValueError(f"{twice[0]} is given twice; capital letters make no difference")
        return headers

    @model_validator(mode="after")
    def can_sign_in_by_itself(self) -> Self:
        if self.auth == "client" and not (self.client_id and self.client_secret):
            raise ValueError('auth = "client" needs client_id and client_secret (or client_secret_file); write both')
        return self
