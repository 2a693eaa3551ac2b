"""Whole turns against a scripted server, and what to read of them."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from agent.loop import run_turn
from agent.prompt_input import PromptInput
from agent.tokens import Calibrations
from agent.turn import Progress, TurnFailed, TurnLimits, TurnResult
from tests.agent.scripted_server import (
    Reply,
    Request,
    ScriptedServer,
)
from tests.agent.stage import Shelf, context, model_at, request
from tools.calls import ToolCall
from tools.context import ToolContext


async def noon(_: ToolCall, __: ToolContext) -> str:
    return "It is noon."


async def turn(
    *script: Reply,
    shelf: Shelf | None = None,
    limits: TurnLimits | None = None,
    source: PromptInput | None = None,
    progress: Progress | None = None,
    calibrations: Calibrations | None = None,
) -> tuple[TurnResult | TurnFailed, ScriptedServer]:
    source = source or request()
    async with model_at(*script) as (model, server):
        result = await run_turn(
            source,
            model=model,
            toolset=shelf or Shelf({"get_time": noon}),
            context=context(source),
            limits=limits or TurnLimits(),
            calibrations=calibrations or Calibrations(),
            progress=progress,
        )
    return result, server


def answer(result: TurnResult | TurnFailed) -> TurnResult:
    assert isinstance(result, TurnResult)
    return result


def failure(result: TurnResult | TurnFailed) -> TurnFailed:
    assert isinstance(result, TurnFailed)
    return result


def messages(request: Request) -> Sequence[Mapping[str, JsonValue]]:
    sent = request.body["messages"]
    assert isinstance(sent, list)
    return [each for each in sent if isinstance(each, dict)]
