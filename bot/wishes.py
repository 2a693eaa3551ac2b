"""The operator's settings in the words of the parts that carry them out."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from agent.turn import TurnLimits
from bot.attachments import AttachmentLoader
from bot.departures import Departures
from bot.gateway import Gateway
from bot.gathering import Gatherer, ZoneOf
from bot.history import History
from bot.runs import Manner
from bot.settings.model import Settings
from bot.surface import DiscordSurface
from bot.toolbox import Bounds
from bot.walker import Walker
from chat.clock import Clock
from memory.opening import OpenMemory
from reminders.values import Limits
from tools.permission import Permissions
from tools.verifying import Verifier


def manner_of(settings: Settings) -> Manner:
    use, limits = settings.llm_reply, settings.limits
    return Manner(
        system=use.system,
        context_size=use.context_size,
        answer_tokens=use.answer_tokens,
        recall_tokens=int(use.context_size * settings.memory.recall_share),
        limits=TurnLimits(
            steps=limits.steps,
            seconds=limits.run_seconds,
            tokens=limits.run_tokens,
            tool_result_tokens=limits.tool_result_tokens,
        ),
        zone=ZoneInfo(settings.general.time_zone),
        stream=settings.discord.stream_replies,
        takes_images=settings.reply_vision,
    )


def history_of(settings: Settings, surface: DiscordSurface) -> History:
    wanted = settings.history
    return History(
        lambda channel, limit: surface.history(channel, limit=limit),
        backfill=wanted.channel_backfill_message_count,
        maximum=wanted.channel_max_message_count,
    )


def gatherer_of(
    settings: Settings,
    memory: OpenMemory,
    *,
    history: History,
    permissions: Permissions,
    verifier: Verifier,
    zone_of: ZoneOf,
    attachments: AttachmentLoader,
) -> Gatherer:
    return Gatherer(
        history=history,
        memory=memory.recall,
        permissions=permissions,
        attachments=attachments,
        facts=memory.facts,
        verifier=verifier,
        zone_of=zone_of,
        recall_messages=settings.memory.recall_messages,
        recall_seconds=settings.memory.recall_seconds,
    )


def reminder_limits_of(settings: Settings) -> Limits:
    wanted = settings.reminders
    return Limits(
        per_person=wanted.max_per_person,
        per_guild=wanted.max_per_server,
        horizon=timedelta(days=wanted.horizon_days),
    )


def bounds_of(settings: Settings) -> Bounds:
    return Bounds(settings.tools, settings.limits.tool_seconds, settings.mcp.tool_tokens)


def walker_of(settings: Settings, client: Gateway, memory: OpenMemory, departures: Departures, clock: Clock) -> Walker:
    wanted = settings.memory
    return Walker(
        client,
        client.places,
        memory=memory,
        departures=departures,
        most=wanted.backfill_messages,
        clock=clock,
        slow_seconds=wanted.backfill_seconds,
    )
