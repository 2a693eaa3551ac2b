"""How answers are made, changed while the bot runs: the next run goes by it, those that run are left alone."""

from dataclasses import replace

from bot.runs import Manner, Runs
from bot.settings.model import Settings
from bot.settings.secrets import parts_of
from bot.wishes import manner_of

LIMITS = ("steps", "run_seconds", "run_tokens", "tool_result_tokens")


class AnsweringApplier:
    """`bot.reloading.Applier` for `llm_reply.system`, the limits of a run and `memory.recall_share`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def apply(self, settings: Settings) -> str:
        before = self._runs.manner
        after = _with_the_new(before, manner_of(settings))
        self._runs.manner = after
        told = {
            "llm_reply.system": before.system != after.system,
            "[limits] of a run": before.limits != after.limits,
            "memory.recall_share": before.recall_tokens != after.recall_tokens,
        }
        return f"answers: {', '.join(name for name, is_new in told.items() if is_new)}" if any(told.values()) else ""

    def taken(self, before: Settings, after: Settings) -> Settings:
        wanted = parts_of(after.limits)
        limits = {name: wanted[name] for name in LIMITS}
        return before.model_copy(
            update={
                "llm_reply": before.llm_reply.model_copy(update={"system": after.llm_reply.system}),
                "limits": before.limits.model_copy(update=limits),
                "memory": before.memory.model_copy(update={"recall_share": after.memory.recall_share}),
            }
        )


def _with_the_new(before: Manner, after: Manner) -> Manner:
    """What the model was opened with stays until the next start."""
    return replace(before, system=after.system, limits=after.limits, recall_tokens=after.recall_tokens)
