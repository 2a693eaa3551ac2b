"""The scripted model at its socket, asked through the agent's own loop, prompt and client, with the real tools."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from agent.loop import run_turn
from agent.openai_model import Endpoint, OpenAIModel
from agent.prompt_input import PromptInput
from agent.retries import Retries
from agent.tokens import Calibrations
from agent.turn import TurnLimits, TurnResult
from bot.demo.scripted_model import LABEL, NAME, scripted_model
from bot.demo.served import Served
from chat.messages import IncomingMessage, Message
from chat.people import Person
from reminders.service import Reminders
from reminders.store import ReminderStore
from reminders.tables import metadata
from reminders.values import Limits
from storage.database import Database
from tests.tools.test_recall import Shelf, Standing
from tests.tools.world import NOW, Town
from tools.channels import ChannelTools
from tools.context import ToolContext
from tools.directory import Directory
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import NativeTools
from tools.permission import Permissions
from tools.recall import RecallTools
from tools.reminders import ReminderTools


@dataclass(frozen=True)
class Talk:
    """A town to talk in, and its tools."""

    town: Town
    tools: NativeTools
    model: OpenAIModel

    async def ask(self, asker: Person, text: str, *, reply_to: Message | None = None) -> str:
        """What is answered, without the label that must be there."""
        context = self.town.ask(asker, text, reply_to=reply_to.id if reply_to else None)
        source = _prompt(context, reply_to)
        result = await run_turn(
            source,
            model=self.model,
            toolset=self.tools,
            context=context,
            limits=TurnLimits(),
            calibrations=Calibrations(),
        )
        assert isinstance(result, TurnResult), result
        assert result.text.endswith(f"\n-# {LABEL}")
        return result.text.removesuffix(f"\n-# {LABEL}")


def _prompt(context: ToolContext, reply_to: Message | None) -> PromptInput:
    incoming = IncomingMessage(context.request, context.channel, context.guild, context.bot, replied_to=reply_to)
    return PromptInput(
        incoming=incoming,
        system="You are {bot}.",
        now=NOW,
        zone=context.zone,
        context_size=8192,
        answer_tokens=1024,
    )


@asynccontextmanager
async def talking(folder: Path) -> AsyncGenerator[Talk]:
    town = Town()
    permissions = Permissions(surface=town)
    directory = Directory(surface=town, permissions=permissions)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(f"sqlite:///{folder / 'reminders.db'}"))
        await database.write(metadata.create_all)
        reminders = Reminders(ReminderStore(database), lambda: NOW, limits=Limits(per_person=3))
        tools = NativeTools(
            ChannelTools(directory=directory, permissions=permissions),
            MemberTools(surface=town, directory=directory, permissions=permissions),
            MessageTools(surface=town, directory=directory, permissions=permissions),
            RecallTools(
                memory=Shelf(town),
                verifier=Standing(),
                surface=town,
                directory=directory,
                permissions=permissions,
            ),
            ReminderTools(reminders=reminders, permissions=permissions),
        )
        url = await stack.enter_async_context(Served(scripted_model(word_seconds=0)))
        http = await stack.enter_async_context(httpx2.AsyncClient())
        endpoint = Endpoint(base_url=f"{url}/v1", model=NAME, read_seconds=5)
        yield Talk(town, tools, OpenAIModel(endpoint, http=http, retries=Retries(seconds=1)))
