"""The operator's settings in the words of the parts that carry them out."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from agent.turn import TurnLimits
from bot.history import History
from bot.runs import Manner
from bot.settings.model import Settings
from bot.surface import DiscordSurface
from reminders.values import Limits


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
    )


def history_of(settings: Settings, surface: DiscordSurface) -> History:
    wanted = settings.history
    return History(
        lambda channel, limit: surface.history(channel, limit=limit),
        backfill=wanted.channel_backfill_message_count,
        maximum=wanted.channel_max_message_count,
    )


def reminder_limits_of(settings: Settings) -> Limits:
    wanted = settings.reminders
    return Limits(
        per_person=wanted.max_per_person,
        per_guild=wanted.max_per_server,
        horizon=timedelta(days=wanted.horizon_days),
    )
