"""MCP both ways: the outside servers whose tools the bot uses, and the endpoint where it offers its own."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bot.settings.base import Section, WebUrl
from bot.settings.servers import McpServer, ServerName

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}|\[?[0-9A-Fa-f:.]{2,45}\]?")

EXAMPLE = """\
[mcp.servers.time]
command = "uvx"
args = ["mcp-server-time"]
tools.read = ["*"]"""


def host_name(name: str) -> str:
    if not HOST.fullmatch(name):
        raise ValueError("is no host; write a name like mcp.example.org or an address, without scheme and port")
    return name


Host = Annotated[str, AfterValidator(host_name)]


class McpServe(Section):
    """The endpoint for MCP clients. Each of them acts under the rights of the person whose token it has."""

    enabled: bool = Field(default=False, description="Whether there is one.")
    host: Host = Field(default="127.0.0.1", description="The address to listen at; normally this machine alone.")
    port: int = Field(default=8848, description="The port to listen at; 0 takes a free one.", ge=0, le=65_535)
    allow_remote: bool = Field(
        default=False,
        description="Must be true when `host` is not this machine: then put a proxy with TLS in front, since tokens "
        "would go over the network in the clear.",
    )
    allowed_hosts: tuple[Host, ...] = Field(
        default=(),
        description='Names by which it is reached besides localhost, like ["mcp.example.org"]; requests for others are '
        "refused.",
        max_length=100,
    )
    public_url: WebUrl | None = Field(
        default=None, description="How clients reach it, when a proxy stands before it: https://mcp.example.org."
    )
    callback_url: WebUrl | None = Field(
        default=None,
        description="Where browsers come back after signing in to an outside server, when that is not below "
        "`public_url`.",
    )
    calls_per_minute: int = Field(default=60, description="Calls of one token in a minute.", ge=1, le=100_000)

    @model_validator(mode="after")
    def is_meant_to_be_reached(self) -> Self:
        if self.enabled and self.host not in LOOPBACK and not self.allow_remote:
            raise ValueError(
                "host is not this machine alone: write allow_remote = true if others may reach it, or 127.0.0.1"
            )
        return self


class Mcp(Section):
    """MCP both ways: tools of outside servers for the bot, and its own for other programs. docs/mcp.md shows how."""

    tool_tokens: int = Field(
        default=4000,
        description="How many tokens the descriptions of outside tools may take in a request; with more, the best "
        "matches and a tool that finds the others are offered. 0: always those.",
        ge=0,
        le=1_000_000,
    )
    serve: McpServe = Field(default_factory=McpServe)
    servers: dict[ServerName, McpServer] = Field(
        default={},
        description="The outside servers, each under a name of up to 32 of a-z 0-9 _ -.",
        json_schema_extra={"block": EXAMPLE},
        max_length=200,
    )
