"""How answers are made, changed while the bot runs: the next run goes by it, those that run are left alone."""

from dataclasses import replace

from bot.models import Models
from bot.refusals import Refusals
from bot.runs import Manner, Runs
from bot.settings.model import Settings
from bot.settings.secrets import parts_of
from bot.wishes import manner_of

LIMITS = ("steps", "run_seconds", "run_tokens", "tool_result_tokens")


class AnsweringApplier:
    """`bot.reloading.Applier` for the models and their prompts, the limits of a run and `memory.recall_share`."""

    def __init__(self, runs: Runs, models: Models, refusals: Refusals) -> None:
        self._runs = runs
        self._models = models
        self._refusals = refusals

    def apply(self, settings: Settings) -> str:
        before = self._runs.manner
        after = _with_the_new(before, manner_of(settings))
        self._runs.manner = after
        is_other_model = self._models.change(settings)
        told = {
            "llm_reply.system": before.system != after.system,
            "the model": is_other_model or before.takes_images != after.takes_images,
            "refusals": self._refusals.change(settings),
            "[limits] of a run": before.limits != after.limits,
            "memory.recall_share": before.recall_tokens != after.recall_tokens and not is_other_model,
        }
        return f"answers: {', '.join(name for name, is_new in told.items() if is_new)}" if any(told.values()) else ""

    def taken(self, before: Settings, after: Settings) -> Settings:
        wanted = parts_of(after.limits)
        limits = {name: wanted[name] for name in LIMITS}
        return before.model_copy(
            update={
                "llm_general": after.llm_general,
                "llm_reply": after.llm_reply,
                "llm_permission_denied": after.llm_permission_denied,
                "limits": before.limits.model_copy(update=limits),
                "memory": before.memory.model_copy(update={"recall_share": after.memory.recall_share}),
            }
        )


def _with_the_new(before: Manner, after: Manner) -> Manner:
    """The time zone and whether answers are streamed stay until the next start."""
    return replace(after, zone=before.zone, stream=before.stream)
