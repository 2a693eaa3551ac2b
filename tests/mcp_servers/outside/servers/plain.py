"""A server made with the mcp library: `python plain.py stdio` or `python plain.py http PORT`."""

import asyncio
import base64
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import mcp_types as types
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import Context, Elicit, Image, MCPServer, Resolve
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Sample
from pydantic import AnyHttpUrl, BaseModel

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class OneToken(TokenVerifier):
    async def verify_token(self, token: str) -> AccessToken | None:
        return AccessToken(token=token, client_id="bot", scopes=[]) if token == "open-sesame" else None


class Colour(BaseModel):
    colour: str


async def ask_colour(why: str) -> Elicit[Colour]:
    return Elicit(f"Which colour for {why}?", Colour)


async def ask_model(about: str) -> Sample:
    message = types.SamplingMessage(role="user", content=types.TextContent(text=f"Write about {about}"))
    return Sample([message], max_tokens=50, system_prompt="Be brief.")


def made(*, guarded: str = "") -> MCPServer:
    auth = (
        AuthSettings(
            issuer_url=AnyHttpUrl("https://auth.invalid"),
            resource_server_url=AnyHttpUrl(guarded),
            required_scopes=[],
            validate_token_resource=False,
        )
        if guarded
        else None
    )
    server = MCPServer("plain", log_level="ERROR", auth=auth, token_verifier=OneToken() if auth else None)

    add_simple(server)
    add_slow(server)
    add_showing(server)
    add_asking(server)
    return server


def add_simple(server: MCPServer) -> None:
    @server.tool(title="Say it back", annotations=types.ToolAnnotations(read_only_hint=True))
    async def echo(text: str) -> str:
        """The same text."""
        return text

    @server.tool(annotations=types.ToolAnnotations(destructive_hint=True))
    async def erase(what: str) -> str:
        """Erase something."""
        return f"erased {what}"

    @server.tool()
    async def fail() -> str:
        """Never works."""
        raise ToolError("the disk is full")

    @server.tool()
    async def environment() -> dict[str, str]:
        """What it was started with."""
        return {"cwd": str(Path.cwd()), **os.environ}


def add_slow(server: MCPServer) -> None:
    @server.tool()
    async def slow(steps: int, seconds: float, context: Context, mark: str = "") -> str:
        """Takes its time, and says how far it is."""
        try:
            for step in range(steps):
                await context.report_progress(step + 1, steps, "copying **files**")
                await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            if mark:
                Path(mark).write_text("cancelled")  # noqa: ASYNC240 - this server has one guest
            raise
        return "done"

    @server.tool()
    async def hang() -> str:
        """Takes too long, and says nothing."""
        await asyncio.sleep(3600)
        return "at last"

    @server.tool()
    async def crash() -> str:
        """Ends the server."""
        os.kill(os.getpid(), signal.SIGKILL)
        return "not reached"


def add_showing(server: MCPServer) -> None:
    @server.tool()
    async def picture() -> list[Image | str]:
        """Shows a pixel."""
        return ["here it is", Image(data=PIXEL, format="png")]

    @server.tool()
    async def huge(characters: int) -> str:
        """Says a lot."""
        return "x" * characters

    @server.resource("note://one", title="The first note", mime_type="text/plain")
    async def note() -> str:
        """A note."""
        return "buy milk"

    @server.resource("note://pixel", mime_type="image/png")
    async def pixel() -> bytes:
        """A picture."""
        return PIXEL

    @server.prompt(title="Greet somebody")
    async def greet(name: str) -> str:
        """A greeting."""
        return f"Greet {name} warmly."


def add_asking(server: MCPServer) -> None:
    @server.tool()
    async def paint(why: str, answer: Annotated[Colour, Resolve(ask_colour)]) -> str:
        """Asks for a colour first."""
        return f"{why} in {answer.colour}"

    @server.tool()
    async def write(about: str, text: Annotated[types.CreateMessageResult, Resolve(ask_model)]) -> str:
        """Has our model write."""
        content = text.content
        return f"{about}: {content.text if isinstance(content, types.TextContent) else '?'} ({text.model})"

    @server.tool()
    async def grow(context: Context) -> str:
        """Adds a tool."""

        async def grown() -> str:
            """It was not there before."""
            return "grown"

        server.tool(name="grown")(grown)
        await context.session.send_tool_list_changed()
        await context.notify_tools_changed()
        return "there is one more"


def main(transport: str, port: int = 0) -> None:
    if transport == "stdio":
        made().run()
    else:
        guarded = f"http://127.0.0.1:{port}/mcp" if transport == "guarded" else ""
        made(guarded=guarded).run("sse" if transport == "sse" else "streamable-http", host="127.0.0.1", port=port)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
