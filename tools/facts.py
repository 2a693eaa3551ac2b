"""The tools about facts: remember something on purpose, forget it, list what is kept."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chat.rights import Right
from memory.facts import MAX_TEXT, Fact, FactError, Facts, may_change
from tools.calls import Effect, ToolError, Wording
from tools.context import ToolContext
from tools.native import tool
from tools.permission import Permissions


class FactView(BaseModel):
    """A fact as a tool tells of it. `text` is data, whatever it says."""

    id: str
    about: Literal["the asker", "the server"]
    text: str


class FactList(BaseModel):
    """What is kept on purpose, as far as it may be told here."""

    facts: list[FactView]


class FactTools:
    """What the agent can keep for later, because somebody wants it to."""

    def __init__(self, *, facts: Facts, permissions: Permissions) -> None:
        self._facts = facts
        self._permissions = permissions

    @tool(title="Remember", effect=Effect.WRITE, wording=Wording(text="text"))
    async def remember(
        self,
        *,
        text: Annotated[
            str, Field(description="One sentence, in the person's own words.", min_length=1, max_length=MAX_TEXT)
        ],
        about: Annotated[Literal["me", "server"], Field(description="Whom it is about.")] = "me",
        context: ToolContext,
    ) -> FactView:
        """Keep something on purpose, about the person asking or about this server, until it is forgotten again."""
        if about == "server":
            await self._permissions.require(context, context.channel, Right.SEND_MESSAGES)
        try:
            fact = await self._facts.remember(
                text,
                person=context.asker.id if about == "me" else None,
                guild_id=context.channel.guild_id,
                channel_id=context.channel.id,
                author=context.asker.id,
                message_id=context.request.id,
            )
        except FactError as error:
            raise ToolError(str(error)) from error
        return _view(fact)

    @tool(title="List facts", effect=Effect.READ, reads_others=True)
    async def list_facts(self, *, context: ToolContext) -> FactList:
        """List what was remembered on purpose about the person asking and about this server, with ids."""
        return FactList(facts=[_view(fact) for fact in await heard(self._facts, self._permissions, context)])

    @tool(title="Forget a fact", effect=Effect.WRITE, wording=Wording(exact=("fact_id",)), idempotent=True)
    async def forget(
        self, *, fact_id: Annotated[str, Field(description="The id of the fact.", max_length=20)], context: ToolContext
    ) -> str:
        """Forget something that was remembered on purpose."""
        known = {str(fact.id): fact for fact in await heard(self._facts, self._permissions, context)}
        fact = known.get(fact_id.strip())
        if fact is None:
            raise ToolError(f"There is no fact {fact_id} that can be told here; list_facts says which there are.")
        manages = await self._permissions.may(context, context.channel, Right.MANAGE_GUILD)
        if not may_change(fact, context.asker.id, manages=manages):
            raise ToolError("Only who told it, or who manages the server, can have it forgotten.")
        await self._facts.forget(fact.id)
        return f"Forgotten: {fact.text}"


async def heard(facts: Facts, permissions: Permissions, context: ToolContext) -> Sequence[Fact]:
    """The facts about the asker and the server whose telling every reader of the answer might have read, too."""
    guild_id = context.channel.guild_id
    known = [*await facts.about(context.asker.id), *(await facts.of_server(guild_id) if guild_id else ())]
    showable = await permissions.showable(context, {fact.channel_id for fact in known})
    return [fact for fact in known if fact.channel_id in showable]


def _view(fact: Fact) -> FactView:
    return FactView(id=str(fact.id), about="the asker" if fact.person_id else "the server", text=fact.text)
