"""Asks for a click before a write that nobody literally asked for: `tools.approval.Approver` with Discord's buttons."""

import io
import logging

import discord

from bot.places import REST_FAILURES, Places, TextPlace
from bot.surface import nonce, why
from chat.people import Person
from tools.approval import ApprovalRequest, Decision
from tools.calls import Effect
from tools.context import ToolContext
from tools.surface import SurfaceError

logger = logging.getLogger(__name__)

QUOTABLE = 1500  # more than this is shown as a file, so that the question itself always fits


class DiscordApprover:
    """Asks in the channel of the request. Not as a reply: the one reply to a request is its answer."""

    def __init__(self, places: Places) -> None:
        self._places = places

    async def approve(self, request: ApprovalRequest, context: ToolContext) -> Decision:
        place = await self._places.find(context.channel.id)
        if place is None or isinstance(place, discord.ForumChannel):
            raise SurfaceError("the channel of the request is gone")
        question = _Question(context.asker, request.seconds)
        message = await self._ask(place, request, context, question)
        try:
            await question.wait()
        except BaseException:
            await _remove(message)
            raise
        await _close(message, request, context.asker, question.decision)
        return question.decision

    async def _ask(
        self, place: TextPlace | discord.DMChannel, request: ApprovalRequest, context: ToolContext, view: "_Question"
    ) -> discord.Message:
        files = [] if _fits(request) else [discord.File(io.BytesIO(request.text.encode()), "text.md")]
        try:
            return await place.send(
                f"{context.asker.name}, shall I? {request.reason}\n{_what(request)}",
                view=view,
                files=files,
                nonce=nonce(f"approval {request.key}"),
                suppress_embeds=True,
            )
        except REST_FAILURES as error:
            raise SurfaceError(why(error, "ask for a confirmation here")) from error


class _Question(discord.ui.View):
    """Two buttons, for one person."""

    def __init__(self, asker: Person, seconds: float) -> None:
        super().__init__(timeout=seconds)
        self.asker = asker
        self.decision = Decision.EXPIRED

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        if interaction.user.id == self.asker.id:
            return True
        await interaction.response.send_message(f"Only {self.asker.name} can decide this.", ephemeral=True)
        return False

    @discord.ui.button(label="Do it", style=discord.ButtonStyle.success)
    async def agree(self, interaction: discord.Interaction, _: "discord.ui.Button[_Question]") -> None:
        await self._decide(interaction, Decision.APPROVED)

    @discord.ui.button(label="No", style=discord.ButtonStyle.secondary)
    async def refuse(self, interaction: discord.Interaction, _: "discord.ui.Button[_Question]") -> None:
        await self._decide(interaction, Decision.REFUSED)

    async def _decide(self, interaction: discord.Interaction, decision: Decision) -> None:
        self.decision = decision
        await interaction.response.defer()
        self.stop()


def _fits(request: ApprovalRequest) -> bool:
    return len(request.text) <= QUOTABLE


def _what(request: ApprovalRequest) -> str:
    where = f" in <#{request.channel.id}>" if request.channel else ""
    mark = "⚠️ " if request.effect is Effect.DESTRUCTIVE else ""
    quoted = "\n".join(f"> {line}" for line in request.text.splitlines()) if _fits(request) else "(the attached text)"
    return f"{mark}**{request.title}**{where} (`{request.tool}`):\n{quoted}"


async def _close(message: discord.Message, request: ApprovalRequest, asker: Person, decision: Decision) -> None:
    ends = {
        Decision.APPROVED: f"✅ {asker.name} agreed",
        Decision.REFUSED: f"🚫 {asker.name} said no",
        Decision.EXPIRED: "⌛ Nobody decided in time",
    }
    try:
        await message.edit(content=f"{ends[decision]}. {_what(request)}", view=None)
    except REST_FAILURES as error:
        logger.info("a decided question still stands as message %s: %s", message.id, error)


async def _remove(message: discord.Message) -> None:
    try:
        await message.delete()
    except REST_FAILURES as error:
        logger.info("a withdrawn question still stands as message %s: %s", message.id, error)
