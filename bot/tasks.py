"""Tasks at their time: a run of the agent in the channel it was asked for in, with the rights its owner has then."""

import asyncio
import io
import logging
import secrets
from dataclasses import replace
from zoneinfo import ZoneInfo

import discord

from agent.turn import TurnFailed
from bot.delivery import be_sure_of
from bot.links import Links
from bot.logs import run_id
from bot.office import NotRun
from bot.places import REST_FAILURES, Places, TextPlace
from bot.reminder_buttons import buttons_for
from bot.render import to_channel, to_guild, to_person
from bot.reply import CUT_NOTE, NO_ANSWER, OVERFLOW_NAME
from bot.runs import Runs
from bot.text.clean import clean
from bot.text.links import links as links_in
from bot.text.split import LIMIT, plan, width
from chat.clock import Clock
from chat.ids import MessageId, snowflake_at
from chat.messages import IncomingMessage, Message
from chat.people import Person
from chat.rights import Right
from reminders.occasions import DeliveryFailed, Failed, Occasion, Ran, Refused, TaskOutcome
from reminders.values import Reminder
from reminders.wording import task_small_print
from tools.context import ToolContext
from tools.permission import Permissions
from tools.reading import Reading

logger = logging.getLogger(__name__)

OCCASION = (
    "This is a task that the person scheduled earlier, and its time is now. Carry it out and answer for the channel; "
    "nobody waits there for a question."
)
MODEL_TRIES = 8  # of the whole task, while the model gives no answer at all: about four minutes
SEND_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)


class TaskRuns:
    """`reminders.occasions.RunTask` over the agent and Discord."""

    def __init__(
        self,
        client: discord.Client,
        *,
        places: Places,
        permissions: Permissions,
        runs: Runs,
        links: Links,
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        """`zone`: of owners who have set none."""
        self._client = client
        self._places = places
        self._permissions = permissions
        self._runs = runs
        self._links = links
        self._zone = zone
        self._clock = clock

    async def run(self, occasion: Occasion) -> TaskOutcome:
        run = secrets.token_hex(4)
        with run_id(run):
            reminder = occasion.reminder
            place = await self._places.find(reminder.channel_id)
            if place is None and not self._places.is_gone(reminder.channel_id):
                raise DeliveryFailed("Discord could not be reached", retry=True)
            if place is None or isinstance(place, discord.ForumChannel):
                return Refused("The channel it was for is gone.")
            context = self._context(reminder, place, run, occasion.key)
            refusal = await self._refusal(context, place)
            return Refused(refusal) if refusal else await self._carry_out(occasion, place, context)

    async def _refusal(self, context: ToolContext, place: TextPlace | discord.DMChannel) -> str | None:
        if unwelcome := await self._permissions.unwelcome(context.asker, context.channel):
            return unwelcome
        if not await self._permissions.may(context, context.channel, Right.VIEW_CHANNEL):
            if not isinstance(place, discord.DMChannel):
                await be_sure_of(context.asker.id, place.guild)
            return "You can no longer see the channel that it was for."
        return await self._permissions.refusal(
            context.channel, [Right.SEND_MESSAGES], asker=context.asker, bot=context.bot
        )

    async def _carry_out(
        self, occasion: Occasion, place: TextPlace | discord.DMChannel, context: ToolContext
    ) -> TaskOutcome:
        request = context.request
        now = MessageId(snowflake_at(self._clock()))  # what was said in the channel until now comes before it
        incoming = IncomingMessage(replace(request, id=now), context.channel, context.guild, context.bot)
        reading = Reading()
        result = await self._runs.run(incoming, context, reading=reading, occasion=OCCASION)
        if isinstance(result, NotRun):
            return Refused(result.sentence)
        if isinstance(result, TurnFailed):
            logger.warning("task %s: the model gave no answer: %s", occasion.key, result.detail)
            if not result.steps and occasion.reminder.attempts < MODEL_TRIES:  # no tool has run yet
                raise DeliveryFailed(result.sentence, retry=True)
            return Failed(result.sentence)
        answer = await self._links.of(context, reading).settled(result.text)
        outcome = await self._say(occasion, place, clean(answer) or NO_ANSWER)
        if isinstance(outcome, Ran):
            self._runs.shown(context, [outcome.message_id])
        return outcome

    async def _say(self, occasion: Occasion, place: TextPlace | discord.DMChannel, answer: str) -> TaskOutcome:
        """In one message, the rest of a long answer as its file: so that it is there as a whole or not at all."""
        small_print = f"\n{task_small_print(occasion)}"
        planned = plan(answer, LIMIT - width(small_print), max_parts=1)
        for pause in (*SEND_PAUSES, None):
            rest = planned.overflow_text
            files = [discord.File(io.BytesIO(rest.encode("utf-8", "replace")), OVERFLOW_NAME)] if rest else []
            try:
                sent = await place.send(
                    planned.parts[0] + small_print,
                    files=files,
                    nonce=occasion.reminder.nonce,
                    allowed_mentions=discord.AllowedMentions.none(),
                    suppress_embeds=True,
                    view=buttons_for(occasion) or discord.utils.MISSING,
                )
                return Ran(MessageId(sent.id))
            except discord.Forbidden as error:
                if not files:
                    return Failed(f"It was done, and Discord refused its answer: {error.text}")
                planned = plan(answer, LIMIT - width(small_print), max_parts=1, note=CUT_NOTE)
                planned = replace(planned, overflow_text=None)
            except REST_FAILURES as error:
                logger.warning("the answer of task %s could not be sent: %s", occasion.key, error)
                if pause is None:
                    break
                await asyncio.sleep(pause)
        return Failed("It was done, but Discord did not take its answer.")

    def _context(self, reminder: Reminder, place: TextPlace | discord.DMChannel, run: str, root: str) -> ToolContext:
        """The request is the instruction, as its owner's own words, under the id of the message that asked for it."""
        guild = None if isinstance(place, discord.DMChannel) else place.guild
        member = guild.get_member(reminder.owner.id) if guild else None
        owner = to_person(member) if member else reminder.owner
        me = guild.me if guild else self._client.user
        if me is None:
            raise DeliveryFailed("Discord could not be reached", retry=True)
        asked_in = next(iter(links_in(f"{reminder.request_link} ")), None)
        request = Message(
            id=MessageId(asked_in.message_id) if asked_in else MessageId(snowflake_at(reminder.created_at)),
            channel_id=reminder.channel_id,
            guild_id=reminder.guild_id,
            author=owner,
            text=reminder.text,
            created_at=self._clock(),
            typed=reminder.text,
        )
        return ToolContext(
            asker=owner,
            bot=Person(to_person(me).id, me.display_name, is_bot=True),
            guild=to_guild(guild) if guild else None,
            channel=to_channel(place),
            request=request,
            run_id=run,
            zone=self._zone,
            root_key=root,
        )
