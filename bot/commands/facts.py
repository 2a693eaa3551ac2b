"""Facts by hand: the list with its buttons, the form, and "Remember this" in a message's menu."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.commands.asking import Interaction
from bot.commands.tree import BROKEN, whisper
from bot.render import to_message
from chat.ids import ChannelId, GuildId, MessageId, UserId
from memory.facts import MAX_TEXT, Fact, FactError, Facts, may_change
from memory.rules import Rules
from tools.context import ToolContext
from tools.permission import Permissions

SHOWN = 25  # what a Discord menu holds
MAX_LABEL = 100
SECONDS = 600.0


async def told_facts(facts: Facts, permissions: Permissions, context: ToolContext) -> Sequence[Fact]:
    """All about the person, and what of the server was told where they may read: only they see it."""
    mine = await facts.about(context.asker.id)
    servers: Sequence[Fact] = await facts.of_server(context.guild.id) if context.guild else ()
    readable = await permissions.readable(context, {fact.channel_id for fact in servers})
    return [*mine, *(fact for fact in servers if fact.channel_id in readable)]


@dataclass(frozen=True, slots=True)
class Told:
    """Where something was told, and by whom it is remembered."""

    author: UserId
    guild_id: GuildId | None
    channel_id: ChannelId
    message_id: MessageId


class FactList(discord.ui.View):
    """Choose one, then change or forget it. Only its person sees it at all."""

    def __init__(self, listed: Sequence[Fact], *, facts: Facts, person: UserId, manages: bool) -> None:
        super().__init__(timeout=SECONDS)
        self._facts = facts
        self._listed = {str(fact.id): fact for fact in listed[-SHOWN:]}
        self._person = person
        self._manages = manages
        self._chosen: Fact | None = None
        self.choice.options = [
            discord.SelectOption(label=_label(fact), value=id_) for id_, fact in self._listed.items()
        ]

    @property
    def told(self) -> list[str]:
        return [
            f"{'about you' if fact.person_id else 'of this server'}: {discord.utils.escape_markdown(fact.text)}"
            for fact in self._listed.values()
        ]

    @discord.ui.select(placeholder="Which one?", options=[discord.SelectOption(label="-")])
    async def choice(self, interaction: Interaction, select: "discord.ui.Select[FactList]") -> None:
        self._chosen = self._listed.get(select.values[0])
        await interaction.response.defer()

    @discord.ui.button(label="Change", style=discord.ButtonStyle.secondary)
    async def change(self, interaction: Interaction, _: "discord.ui.Button[FactList]") -> None:
        if fact := await self._may(interaction):
            await interaction.response.send_modal(FactForm(facts=self._facts, text=fact.text, fact=fact))

    @discord.ui.button(label="Forget", style=discord.ButtonStyle.danger)
    async def forget(self, interaction: Interaction, _: "discord.ui.Button[FactList]") -> None:
        if fact := await self._may(interaction):
            await self._facts.forget(fact.id)
            await whisper(interaction, f"Forgotten: {discord.utils.escape_markdown(fact.text)}")

    async def on_error(self, interaction: Interaction, error: Exception, item: "discord.ui.Item[FactList]", /) -> None:
        if not isinstance(error, FactError):
            await super().on_error(interaction, error, item)  # logs it
        await whisper(interaction, str(error) if isinstance(error, FactError) else BROKEN)

    async def _may(self, interaction: Interaction) -> Fact | None:
        if self._chosen is None:
            await whisper(interaction, "Choose one in the list first.")
        elif not may_change(self._chosen, self._person, manages=self._manages):
            await whisper(interaction, "Only who told it, or who manages the server, can change that.")
        else:
            return self._chosen
        return None


class FactForm(discord.ui.Modal):
    """The text of a fact: a new one of `about` (None: the server's), or `fact` in other words."""

    def __init__(self, *, facts: Facts, text: str, fact: Fact | None = None, told: "Told | None" = None) -> None:
        super().__init__(title="Remember this" if fact is None else "Change a fact", timeout=SECONDS)
        self._facts = facts
        self._fact = fact
        self._told = told
        self.text = discord.ui.TextInput["FactForm"](
            label="What to remember", style=discord.TextStyle.paragraph, default=text[:MAX_TEXT], max_length=MAX_TEXT
        )
        self.add_item(self.text)
        self.whose = discord.ui.TextInput["FactForm"](label="About: me or server", default="me", max_length=10)
        if told is not None and told.guild_id is not None:
            self.add_item(self.whose)

    async def on_submit(self, interaction: Interaction, /) -> None:
        if self._fact is not None:
            await self._facts.edit(self._fact.id, self.text.value)
            await whisper(interaction, "Changed.")
            return
        if self._told is None:
            return
        whose = self.whose.value.strip().casefold()
        if whose not in {"me", "server"}:
            await whisper(interaction, 'Write "me" or "server" in the second field; nothing was kept.')
            return
        fact = await self._facts.remember(
            self.text.value,
            person=None if whose == "server" else self._told.author,
            guild_id=self._told.guild_id,
            channel_id=self._told.channel_id,
            author=self._told.author,
            message_id=self._told.message_id,
        )
        await whisper(interaction, f"I will remember: {discord.utils.escape_markdown(fact.text)}")

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:
        if not isinstance(error, FactError):
            await super().on_error(interaction, error)  # logs it
        await whisper(interaction, str(error) if isinstance(error, FactError) else BROKEN)


def remember_this(facts: Facts, rules: Rules) -> discord.app_commands.ContextMenu:
    """The entry in the menu of a message."""

    async def remember(interaction: Interaction, message: discord.Message) -> None:
        if rules.opted_out_since(UserId(message.author.id)) and message.author != interaction.user:
            await whisper(interaction, "Its author wants nothing of theirs to be stored.")
            return
        told = Told(
            UserId(interaction.user.id),
            GuildId(interaction.guild_id) if interaction.guild_id else None,
            ChannelId(message.channel.id),
            MessageId(message.id),
        )
        said = to_message(message)
        text = said.text if message.author == interaction.user else f"{said.author.name}: {said.text}"
        await interaction.response.send_modal(FactForm(facts=facts, text=text, told=told))

    return discord.app_commands.ContextMenu(name="Remember this", callback=remember)


def _label(fact: Fact) -> str:
    return fact.text if len(fact.text) <= MAX_LABEL else f"{fact.text[: MAX_LABEL - 1]}…"
