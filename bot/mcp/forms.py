"""The buttons and forms of one question: who may press them, what they open, and what came of it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import discord
from pydantic import JsonValue

from bot.commands.tree import BROKEN, whisper
from bot.mcp.fields import MAX_TEXT, Field, Kind, Raw, WrongAnswerError, pages, read_value
from bot.mcp.quoting import inert, short
from bot.places import REST_FAILURES
from chat.people import Person
from mcp_servers.outside.people import Action, Answered

logger = logging.getLogger(__name__)

Interaction = discord.Interaction
Button = discord.ui.Button[discord.ui.View]

LABEL, DESCRIPTION, OPTION = 45, 100, 100  # what Discord takes of each, in characters
TOO_LATE = "This question has ended."


class Question:
    """What was answered so far, and the one answer in the end."""

    def __init__(self, server: str, asker: Person, fields: Sequence[Field]) -> None:
        self.server = server
        self.asker = asker
        self.pages = pages(fields)
        self.answered: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._typed: dict[str, Raw] = {}
        self._content: dict[str, JsonValue] = {}

    def typed(self, field: Field) -> Raw:
        return self._typed.get(field.name, field.default)

    def take(self, typed: Mapping[str, Raw], page: int) -> list[str]:
        """What is wrong with the answers on this page; with nothing wrong on the last one, the question is answered."""
        self._typed.update(typed)
        wrong: list[str] = []
        for field in self.pages[page]:
            self._content.pop(field.name, None)
            try:
                value = read_value(field, self.typed(field) if field.name in typed else ())
            except WrongAnswerError as error:
                wrong.append(str(error))
                continue
            if value is not None:
                self._content[field.name] = value
        if not wrong and page == len(self.pages) - 1:
            self.end(Action.ACCEPT, self._content)
        return wrong

    def end(self, action: Action, content: Mapping[str, JsonValue] | None = None) -> None:
        if not self.answered.done():
            self.answered.set_result(Answered(action, content or {}))


class QuestionView(discord.ui.View):
    """Below the question. Only its asker may press."""

    def __init__(self, question: Question, *, url: str | None = None) -> None:
        super().__init__(timeout=None)  # the question itself ends in time
        self._question = question
        self._add_answers(url)
        self.add_item(_Ending("Decline", Action.DECLINE, discord.ButtonStyle.secondary, question))
        self.add_item(_Ending("Cancel", Action.CANCEL, discord.ButtonStyle.secondary, question))

    def _add_answers(self, url: str | None) -> None:
        question, good = self._question, discord.ButtonStyle.success
        match [field for page in question.pages for field in page]:
            case _ if url is not None:
                self.add_item(discord.ui.Button[discord.ui.View](label="Open the page", url=url))
                self.add_item(_Ending("Done", Action.ACCEPT, good, question))
            case []:
                self.add_item(_Ending("Agree", Action.ACCEPT, good, question))
            case [Field(kind=Kind.YES_NO, name=name)]:
                self.add_item(_Ending("Yes", Action.ACCEPT, good, question, {name: True}))
                self.add_item(_Ending("No", Action.ACCEPT, discord.ButtonStyle.danger, question, {name: False}))
            case _:
                self.add_item(_Opening("Answer", question, 0))

    async def interaction_check(self, interaction: Interaction) -> bool:
        if interaction.user.id == self._question.asker.id:
            return True
        text = f"Only {inert(self._question.asker.name, 100)} can answer this."
        await interaction.response.send_message(text, ephemeral=True)
        return False


class _Ending(discord.ui.Button[discord.ui.View]):
    def __init__(
        self,
        label: str,
        action: Action,
        style: discord.ButtonStyle,
        question: Question,
        content: Mapping[str, JsonValue] | None = None,
    ) -> None:
        super().__init__(label=label, style=style)
        self._action = action
        self._question = question
        self._content = content

    async def callback(self, interaction: Interaction) -> None:
        self._question.end(self._action, self._content)
        await interaction.response.defer()


class _Opening(discord.ui.Button[discord.ui.View]):
    """Opens one form."""

    def __init__(self, label: str, question: Question, page: int) -> None:
        super().__init__(label=label, style=discord.ButtonStyle.primary)
        self._question = question
        self._page = page

    async def callback(self, interaction: Interaction) -> None:
        if self._question.answered.done():
            await interaction.response.send_message(TOO_LATE, ephemeral=True)
            return
        await interaction.response.send_modal(_Form(self._question, self._page))


class _Form(discord.ui.Modal):
    def __init__(self, question: Question, page: int) -> None:
        of = f" ({page + 1}/{len(question.pages)})" if len(question.pages) > 1 else ""
        super().__init__(title=short(question.server, LABEL - len(of) - 6) + " asks" + of, timeout=900)
        self._question = question
        self._page = page
        self._inputs = {field.name: _input(field, question.typed(field)) for field in question.pages[page]}
        for field in question.pages[page]:
            about = short(field.description, DESCRIPTION) or None
            label = discord.ui.Label[discord.ui.Modal](
                text=short(field.title, LABEL) or "…", description=about, component=self._inputs[field.name]
            )
            self.add_item(label)

    async def on_submit(self, interaction: Interaction) -> None:
        question, page = self._question, self._page
        if question.answered.done():
            await interaction.response.send_message(TOO_LATE, ephemeral=True)
            return
        typed = {field.name: _given(field, self._inputs[field.name]) for field in question.pages[page]}
        wrong = question.take(typed, page)
        if wrong:
            text = "\n".join(inert(sentence, 300) for sentence in wrong)
            view = _turning("Correct it", question, page)
            await interaction.response.send_message(text, view=view, ephemeral=True)
        elif page + 1 < len(question.pages):
            text = f"{len(question.pages) - page - 1} more to fill in."
            view = _turning("Continue", question, page + 1)
            await interaction.response.send_message(text, view=view, ephemeral=True)
        else:
            await interaction.response.defer()

    async def on_error(self, interaction: Interaction, error: Exception) -> None:
        if isinstance(error, REST_FAILURES):
            logger.info("an answer to a question of %s came to nothing: %s", self._question.server, error)
            return
        logger.error("an answer to a question of %s failed", self._question.server, exc_info=error)
        await whisper(interaction, BROKEN)


def _turning(label: str, question: Question, page: int) -> discord.ui.View:
    """In a message that only the asker sees."""
    view = discord.ui.View(timeout=900)
    view.add_item(_Opening(label, question, page))
    return view


Input = discord.ui.TextInput[discord.ui.Modal] | discord.ui.Select[discord.ui.Modal]


def _given(field: Field, item: Input) -> Raw:
    match item:
        case discord.ui.TextInput():
            return (item.value,)
        case _:
            offered = _offered(field)
            return tuple(value for number, (value, _) in enumerate(offered) if str(number) in item.values)


def _offered(field: Field) -> list[tuple[str, str]]:
    """Values and labels of a menu."""
    if field.kind is Kind.YES_NO:
        return [("yes", "Yes"), ("no", "No")]
    return [(each.value, each.label) for each in field.choices]


def _input(field: Field, typed: Raw) -> Input:
    if field.is_menu:
        return _menu(field, typed)
    is_long = field.kind is Kind.TEXT and not field.shape and (field.highest is None or field.highest > 200)
    longest = field.highest if field.kind is Kind.TEXT and field.highest else MAX_TEXT
    return discord.ui.TextInput(
        style=discord.TextStyle.paragraph if is_long else discord.TextStyle.short,
        required=field.required,
        default=", ".join(typed)[:MAX_TEXT] or None,
        max_length=int(min(max(longest, 1), MAX_TEXT)),
        placeholder=None if field.kind is Kind.TEXT else short(_hint(field), 100),
    )


def _menu(field: Field, typed: Raw) -> discord.ui.Select[discord.ui.Modal]:
    # Numbers stand for the values, which may be longer than Discord takes.
    options = [
        discord.SelectOption(label=short(label, OPTION) or "…", value=str(number), default=value in typed)
        for number, (value, label) in enumerate(_offered(field))
    ]
    several = field.kind is Kind.CHOICES
    most = int(min(field.highest or len(options), len(options))) if several else 1
    return discord.ui.Select(
        options=options, required=field.required, min_values=1 if field.required else 0, max_values=max(most, 1)
    )


def _hint(field: Field) -> str:
    return ", ".join(each.label for each in field.choices) if field.choices else f"a {field.kind}"
