"""A server's prompt, filled in for one person."""

import asyncio
from collections.abc import Mapping

from mcp import MCPError
from pydantic import ValidationError

from chat.ids import UserId
from mcp_servers.outside.failures import Unavailable, cleaned
from mcp_servers.outside.manager import Outside

SECONDS = 30.0
MOST_CHARACTERS = 20_000


async def filled_in(outside: Outside, server: str, prompt: str, arguments: Mapping[str, str], *, person: UserId) -> str:
    """Its text: whatever the server says, which is nobody's order. Raises Unavailable for all that goes wrong."""
    wish = next((wish for wish in outside.wishes if wish.name == server), None)
    if wish is None:
        raise Unavailable("There is no such server any more.")
    try:
        async with asyncio.timeout(SECONDS):
            lines = await outside.prompt(server, prompt, arguments, person=person)
    except TimeoutError:
        raise Unavailable(f"{server} did not answer in time.") from None
    except MCPError as error:
        raise Unavailable(f"{server} says: {cleaned(error.message, wish).rstrip('.')}.") from None
    except ValidationError:
        raise Unavailable(f"{server} answered with something that is not MCP.") from None
    several = len(lines) > 1
    told = [f"{'Assistant' if line.is_assistant else 'User'}: {line.text}" if several else line.text for line in lines]
    text = "\n\n".join(told).strip()
    if not text:
        raise Unavailable(f"{server} made nothing of this prompt.")
    if len(text) > MOST_CHARACTERS:
        raise Unavailable(f"{server} made {len(text)} characters of this prompt, which is more than I take.")
    return text
