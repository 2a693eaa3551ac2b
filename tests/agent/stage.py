"""What the tests of the agent are played with: a model at a scripted server, a request, people, tools."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx2

from agent.openai_model import Endpoint, OpenAIModel
from agent.prompt_input import PromptInput
from agent.retries import Retries
from agent.transcript import SystemMessage, TextPart, TranscriptMessage, UserMessage
from chat.channels import Channel, ChannelKind, Guild
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import IncomingMessage, Message
from chat.people import Person
from tests.agent.scripted_server import Reply, ScriptedServer
from tools.calls import Effect, ToolCall, ToolResult, ToolSpec
from tools.context import ToolContext

MIA = Person(UserId(42), "Mia")
BOT = Person(UserId(99), "digmbot", is_bot=True)
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
GUILD = Guild(GuildId(7), "The Shed")
CHANNEL = Channel(ChannelId(5), GUILD.id, "ops", ChannelKind.TEXT, topic="deploys")
AT_ONCE = Retries(seconds=5, tries=3, first_pause=0.0)
HELLO: tuple[TranscriptMessage, ...] = (SystemMessage("Be kind."), UserMessage((TextPart("Hello?"),)))


def said(text: str, *, by: Person = MIA, number: int = 1, reply_to: int | None = None) -> Message:
    return Message(
        id=MessageId(1000 + number),
        channel_id=CHANNEL.id,
        guild_id=GUILD.id,
        author=by,
        text=text,
        created_at=NOW + timedelta(minutes=number - 60),
        reply_to=MessageId(1000 + reply_to) if reply_to else None,
    )


def request(text: str = "what is new?", *, by: Person = MIA, context_size: int = 4000) -> PromptInput:
    incoming = IncomingMessage(said(text, by=by, number=50), CHANNEL, GUILD, BOT)
    return PromptInput(
        incoming=incoming,
        system="You are {bot} and talk to {user}.",
        now=NOW,
        zone=BERLIN,
        context_size=context_size,
        answer_tokens=200,
    )


def context(source: PromptInput | None = None) -> ToolContext:
    incoming = (source or request()).incoming
    return ToolContext(
        asker=incoming.asker,
        bot=BOT,
        guild=GUILD,
        channel=CHANNEL,
        request=incoming.message,
        run_id="run",
        zone=BERLIN,
    )


def spec(name: str, *, effect: Effect = Effect.READ, description: str = "Does it.") -> ToolSpec:
    return ToolSpec(name, name.replace("_", " ").title(), description, {"type": "object", "properties": {}}, effect)


@dataclass
class Shelf:
    """A toolset: each tool is a function of the call."""

    tools: dict[str, Callable[[ToolCall, ToolContext], Awaitable[str | ToolResult]]]
    effect: Effect = Effect.READ
    carried_out: list[tuple[ToolCall, ToolContext]] = field(default_factory=list[tuple[ToolCall, ToolContext]])

    async def specs(self, context: ToolContext) -> Sequence[ToolSpec]:
        assert context.asker == MIA
        return [spec(name, effect=self.effect) for name in self.tools]

    async def call(self, call: ToolCall, context: ToolContext) -> ToolResult:
        self.carried_out.append((call, context))
        if call.name not in self.tools:
            return ToolResult(call.id, f"There is no tool called {call.name}.", is_error=True)
        answer = await self.tools[call.name](call, context)
        return answer if isinstance(answer, ToolResult) else ToolResult(call.id, answer)


@dataclass
class Ears:
    """Hears what a step says, and which calls it makes."""

    heard: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    called: list[tuple[int, list[str]]] = field(default_factory=list[tuple[int, list[str]]])
    titles: dict[str, str] = field(default_factory=dict[str, str])
    reported: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    first: asyncio.Event = field(default_factory=asyncio.Event)

    async def text(self, step: int, text: str) -> None:
        self.heard.append((step, text))
        self.first.set()

    async def calls(self, step: int, calls: Sequence[ToolCall], titles: Mapping[str, str]) -> None:
        self.called.append((step, [call.name for call in calls]))
        self.titles |= titles

    def doing(self, call: ToolCall, text: str) -> None:
        self.reported.append((call.name, text))


def read_request(prompt: str) -> str | None:
    """The words of the request in a prompt's last user message."""
    found = re.findall(r"^request (\{.*\})$", prompt, re.MULTILINE)
    match json.loads(found[-1]) if found else None:
        case {"text": str(text)}:
            return text
        case _:
            return None


@asynccontextmanager
async def model_at(
    *script: Reply, endpoint: Endpoint | None = None, retries: Retries = AT_ONCE
) -> AsyncGenerator[tuple[OpenAIModel, ScriptedServer]]:
    """A model whose server replies by this script."""
    server = ScriptedServer(*script)
    async with server.running(), httpx2.AsyncClient() as http:
        at = replace(endpoint or Endpoint(base_url="", model="tiny", read_seconds=5), base_url=server.url)
        yield OpenAIModel(at, http=http, retries=retries), server
