"""The suite's tools that ask for input by answering (2026-07-28): the mcp library's own server says this as well."""

from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolResult,
    CreateMessageResult,
    ElicitResult,
    InputRequests,
    InputRequiredResult,
    ListRootsResult,
    TextContent,
)

from tests.conformance.theirs import Ctx, done, needs, question, roots, sampling

Answer = CallToolResult | InputRequiredResult


def answered(ctx: Ctx, key: str, field: str) -> str | None:
    """What the client's person said; None when it was not said, or is no such answer."""
    given = (ctx.input_responses or {}).get(key)
    value = (given.content or {}).get(field) if isinstance(given, ElicitResult) else None
    return None if value is None else str(value)


def add_rounds(server: MCPServer) -> None:
    @server.tool()
    async def test_input_required_result_elicitation(ctx: Ctx) -> Answer:
        """Ask for a name."""
        name = answered(ctx, "user_name", "name")
        return done(f"Hello, {name}!") if name else needs({"user_name": question("What is your name?", "name")})

    @server.tool()
    async def test_streaming_elicitation(ctx: Ctx) -> Answer:
        """Ask for a name after some progress."""
        await ctx.report_progress(1)
        name = answered(ctx, "user_name", "name")
        return done(f"Hello, {name}!") if name else needs({"user_name": question("What is your name?", "name")})

    @server.tool()
    async def test_input_required_result_sampling(ctx: Ctx) -> Answer:
        """Ask the client's model."""
        said = (ctx.input_responses or {}).get("capital_question")
        if isinstance(said, CreateMessageResult) and isinstance(said.content, TextContent):
            return done(said.content.text)
        return needs({"capital_question": sampling("What is the capital of France?", 100)})

    @server.tool()
    async def test_input_required_result_list_roots(ctx: Ctx) -> Answer:
        """Ask for the client's roots."""
        given = (ctx.input_responses or {}).get("client_roots")
        if isinstance(given, ListRootsResult):
            return done(f"Roots: {', '.join(str(root.uri) for root in given.roots)}")
        return needs({"client_roots": roots()})

    @server.tool()
    async def test_missing_capability(ctx: Ctx) -> str:
        """Need sampling."""
        if ctx.client_capabilities is None or ctx.client_capabilities.sampling is None:
            needed: dict[str, dict[str, dict[str, str]]] = {"requiredCapabilities": {"sampling": {}}}
            raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "This tool needs sampling.", needed)
        return "It is there."


def add_states(server: MCPServer) -> None:
    @server.tool()
    async def test_input_required_result_request_state(ctx: Ctx) -> Answer:
        """Ask, and remember by the state that comes back."""
        if ctx.request_state == "asked" and answered(ctx, "confirm", "ok"):
            return done("state-ok")
        return needs({"confirm": question("Please confirm", "ok", "boolean")}, "asked")

    @server.tool()
    async def test_input_required_result_tampered_state(ctx: Ctx) -> Answer:
        """Ask with a state that must come back as it was."""
        if ctx.request_state == "sealed":
            return done("state-ok")
        return needs({"confirm": question("Please confirm", "ok", "boolean")}, "sealed")


def add_several(server: MCPServer) -> None:
    @server.tool()
    async def test_input_required_result_multiple_inputs(ctx: Ctx) -> Answer:
        """Ask three things at once."""
        wanted: InputRequests = {
            "user_name": question("What is your name?", "name"),
            "greeting": sampling("Generate a greeting", 50),
            "client_roots": roots(),
        }
        if ctx.request_state == "three" and set(wanted) <= set(ctx.input_responses or {}):
            return done("All three are there.")
        return needs(wanted, "three")

    @server.tool()
    async def test_input_required_result_multi_round(ctx: Ctx) -> Answer:
        """Ask one thing after the other."""
        name, colour = answered(ctx, "step1", "name"), answered(ctx, "step2", "color")
        if ctx.request_state == "round 1" and name:
            return needs({"step2": question("Step 2: What is your favorite color?", "color")}, f"round 2 {name}")
        if (ctx.request_state or "").startswith("round 2 ") and colour:
            return done(f"{(ctx.request_state or '').removeprefix('round 2 ')} likes {colour}.")
        return needs({"step1": question("Step 1: What is your name?", "name")}, "round 1")

    @server.tool()
    async def test_input_required_result_capabilities(ctx: Ctx) -> Answer:
        """Ask only what the client can answer."""
        can = ctx.client_capabilities
        wanted: InputRequests = {}
        if can is not None and can.sampling is not None:
            wanted["greeting"] = sampling("Generate a greeting", 50)
        if can is not None and can.elicitation is not None:
            wanted["user_name"] = question("What is your name?", "name")
        if can is not None and can.roots is not None:
            wanted["client_roots"] = roots()
        return needs(wanted) if wanted and not ctx.input_responses else done("Nothing to ask.")
