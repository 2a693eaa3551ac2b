"""The client that the suite looks at: our connections to outside servers, used as a run of the agent uses them.

The suite starts `python -m tests.conformance.client ADDRESS` and says in the environment which scenario it is. Whatever
tools there are, each is called once; what a server asks is answered with its own defaults. Who has to sign in does so
with the library's provider and a browser that clicks yes.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Mapping
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl, JsonValue, TypeAdapter

from chat.clock import utc_now
from chat.ids import RoleId, UserId
from mcp_servers.outside.manager import Outside
from mcp_servers.outside.people import Action, Answered, Elicitation, Sampled, SamplingWish
from mcp_servers.outside.toolset import OutsideTools
from mcp_servers.outside.transports import TIMEOUT
from mcp_servers.outside.wishes import Address, ServerWish
from tests.tools.world import Town
from tools.calls import ToolCall
from tools.context import ToolContext

NAME = "suite"
REDIRECT = "http://localhost:3000/callback"
CLIENT_ID_DOCUMENT = "https://conformance-test.local/client-metadata.json"
ECHO = f"{NAME}__json_schema_echo"
SECONDS = 60.0
JSON = TypeAdapter(dict[str, JsonValue])


class Yes:
    """Answers what servers ask: with the defaults of the fields, or whatever fits."""

    async def elicit(self, question: Elicitation, context: ToolContext) -> Answered:  # noqa: ARG002
        fields = question.schema.get("properties")
        named = fields if isinstance(fields, dict) else {}
        return Answered(Action.ACCEPT, {name: some(each) for name, each in named.items()})

    async def sample(self, wish: SamplingWish, context: ToolContext) -> Sampled:  # noqa: ARG002
        return Sampled("Paris", "suite")


def some(schema: JsonValue) -> JsonValue:  # noqa: PLR0911 - one line a type
    """A value that fits a schema."""
    match schema:
        case {"default": value}:
            return value
        case {"enum": [first, *_]}:
            return first
        case {"type": "number" | "integer"}:
            return 5
        case {"type": "boolean"}:
            return True
        case {"type": "array"}:
            return []
        case {"type": "object", "properties": dict(fields)}:
            return {name: some(each) for name, each in fields.items()}
        case {"type": "object"}:
            return {}
        case _:
            return "some text"


class Memory(TokenStorage):
    """Sign-ins of this run; a client that is registered already, where the suite names one."""

    def __init__(self, known: OAuthClientInformationFull | None) -> None:
        self._tokens: OAuthToken | None = None
        self._client = known

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._client = client_info


class Browser:
    """Somebody who opens the page, and is sent back at once."""

    def __init__(self) -> None:
        self._back = ""

    async def open(self, url: str) -> None:
        async with httpx2.AsyncClient() as http:
            answer = await http.get(url, follow_redirects=False)
        self._back = urljoin(url, answer.headers["location"])

    async def result(self) -> AuthorizationCodeResult:
        given = {name: values[0] for name, values in parse_qs(urlsplit(self._back).query).items()}
        return AuthorizationCodeResult(code=given["code"], state=given.get("state"), iss=given.get("iss"))


class SuiteHttp:
    """The HTTP client of the connection: signs in when the server wants it."""

    def __init__(self, known: OAuthClientInformationFull | None) -> None:
        self._storage = Memory(known)
        self._browser = Browser()

    def client(self, wish: ServerWish, person: UserId | None) -> httpx2.AsyncClient:  # noqa: ARG002 - there is one
        assert isinstance(wish.at, Address)
        auth = OAuthClientProvider(
            wish.at.url,
            OAuthClientMetadata(client_name="digmbot", redirect_uris=[AnyUrl(REDIRECT)]),
            self._storage,
            redirect_handler=self._browser.open,
            callback_handler=self._browser.result,
            client_metadata_url=CLIENT_ID_DOCUMENT,
        )
        return httpx2.AsyncClient(auth=auth, timeout=TIMEOUT)


def known_client(given: Mapping[str, JsonValue]) -> OAuthClientInformationFull | None:
    match given:
        case {"client_id": str(id_), "client_secret": str(secret)}:
            return OAuthClientInformationFull(
                client_id=id_,
                client_secret=secret,
                redirect_uris=[AnyUrl(REDIRECT)],
                token_endpoint_auth_method="client_secret_basic",
            )
        case _:
            return None


async def use(outside: Outside, given: Mapping[str, JsonValue]) -> None:
    async def no_roles(_: ToolContext) -> frozenset[RoleId]:
        return frozenset()

    town, tools = Town(), OutsideTools(outside, roles_of=no_roles)
    context = town.ask(town.ada)
    await outside.settled(SECONDS)
    for state in outside.states():
        print(state)
    wanted = given.get("toolCalls")
    specs = {spec.name: spec for spec in await tools.specs(context)}
    calls = {name: some(dict(spec.parameters)) for name, spec in specs.items()}
    if isinstance(wanted, list):
        calls = {f"{NAME}__{each['name']}": each["arguments"] for each in wanted if isinstance(each, dict)}
    if ECHO in calls:
        calls[ECHO] = {"schema": await schema_of(outside, town.ada.id, "json_schema_2020_12_tool")}
    for name, arguments in calls.items():
        if name in specs:
            result = await tools.call(ToolCall("1", name, json.dumps(arguments)), context)
            print(name, result.is_error, result.content[:500])


async def schema_of(outside: Outside, person: UserId, tool: str) -> JsonValue:
    """As our connection hands it on, before it is made fit for a model."""
    connection = outside.connection(NAME, person)
    assert connection is not None
    listed = await connection.ask(lambda client: client.list_tools())
    return next(dict(each.input_schema) for each in listed.tools if each.name == tool)


async def main(url: str) -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    given = JSON.validate_json(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}")
    wish = ServerWish(NAME, Address(url, allow_private=True), reads=("*",))
    outside = Outside(wishes=[wish], http=SuiteHttp(known_client(given)), elicitor=Yes(), sampler=Yes(), clock=utc_now)
    serving = asyncio.create_task(outside.serve())
    await asyncio.sleep(0)
    try:
        async with asyncio.timeout(SECONDS):
            await use(outside, given)
    finally:
        serving.cancel()
        await asyncio.wait([serving])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[-1]))
