"""The buttons of a question before an act: they work after any restart, for whoever may decide it."""

import logging
import re
from collections.abc import Callable

import discord

from bot.approval_store import Question, QuestionStore
from bot.approval_wording import closed
from bot.commands.tree import BROKEN, whisper
from bot.components import OURS
from bot.places import REST_FAILURES
from chat.clock import Clock
from chat.ids import UserId
from chat.rights import Right
from tools.approval import Decision
from tools.surface import Surface

logger = logging.getLogger(__name__)

Button = discord.ui.Button[discord.ui.View]
Decided = Callable[[str], None]

TEMPLATE = re.compile(rf"{OURS}approval:(?P<answer>yes|no):(?P<token>[0-9a-f]{{24}})", re.ASCII)
DECISIONS = {"yes": Decision.APPROVED, "no": Decision.REFUSED}
OVER = "This is not asked any more."


def buttons_of(token: str) -> discord.ui.View:
    """The view is never listened to: a press is known by its custom id."""
    view = discord.ui.View(timeout=None)
    for label, style, answer in (
        ("Do it", discord.ButtonStyle.success, "yes"),
        ("No", discord.ButtonStyle.secondary, "no"),
    ):
        view.add_item(discord.ui.Button(label=label, style=style, custom_id=f"{OURS}approval:{answer}:{token}"))
    view.stop()  # else discord.py would keep it for each message
    return view


class Deciding:
    """Writes down what is pressed, if the one who pressed may decide."""

    def __init__(
        self, *, store: QuestionStore, surface: Surface, decided: Decided, managers_may: bool, clock: Clock
    ) -> None:
        """`decided` is told the token. `managers_may`: besides the asker, who may manage the server."""
        self._store = store
        self._surface = surface
        self._decided = decided
        self._managers_may = managers_may
        self._clock = clock

    async def pressed(self, interaction: discord.Interaction, token: str, decision: Decision) -> None:
        try:
            asked = await self._store.by_token(token)
            if asked is None:
                await whisper(interaction, OVER)
                return
            if not await self._may_decide(UserId(interaction.user.id), asked):
                others = " or who may manage this server" if self._managers_may else ""
                await whisper(interaction, f"Only <@{asked.asker_id}>{others} can decide this.")
                return
            holds = await self._store.decide(token, decision, self._clock())
            self._decided(token)
            who = f"<@{interaction.user.id}>" if holds is decision else "Somebody else"
            await _show(interaction, holds or Decision.EXPIRED, who)
        except Exception:  # boundary: discord.py would only log it
            logger.exception("a press at a question failed")
            await whisper(interaction, BROKEN)

    async def _may_decide(self, person: UserId, asked: Question) -> bool:
        if person == asked.asker_id:
            return True
        if not self._managers_may or asked.guild_id is None:
            return False
        return Right.MANAGE_GUILD in await self._surface.rights(person, asked.channel_id)


def approval_button(deciding: Deciding) -> type[discord.ui.DynamicItem[Button]]:
    """For `Client.add_dynamic_items`: discord.py makes one of it for each press."""

    class ApprovalButton(discord.ui.DynamicItem[Button], template=TEMPLATE):
        def __init__(self, button: Button, token: str, decision: Decision) -> None:
            super().__init__(button)
            self._token = token
            self._decision = decision

        @classmethod
        async def from_custom_id(
            cls, _: discord.Interaction, item: discord.ui.Item[discord.ui.View], match: re.Match[str], /
        ) -> "ApprovalButton":
            if not isinstance(item, discord.ui.Button):
                raise TypeError("what was pressed is no button")
            return cls(item, match["token"], DECISIONS[match["answer"]])

        async def callback(self, interaction: discord.Interaction) -> None:
            await deciding.pressed(interaction, self._token, self._decision)

    return ApprovalButton


async def _show(interaction: discord.Interaction, decision: Decision, who: str) -> None:
    """The question, answered and without its buttons."""
    message = interaction.message
    try:
        if message is None or not message.components:  # pressed twice before it was changed
            await interaction.response.defer()
            return
        content = closed(message.content, decision, who)
        nobody = discord.AllowedMentions.none()
        await interaction.response.edit_message(content=content, view=None, allowed_mentions=nobody)
    except REST_FAILURES as error:
        logger.info("a decided question still stands: %s", error)
