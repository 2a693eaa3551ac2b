"""The agent's loop: ask the model, carry out what it calls, until it answers."""

import asyncio

from agent.calling import Caller
from agent.model import Model, ModelError
from agent.prompt_input import PromptInput
from agent.steps import Steps
from agent.tokens import Calibrations
from agent.turn import Progress, TurnFailed, TurnLimits, TurnResult, Unwatched
from tools.calls import Toolset
from tools.context import ToolContext


async def run_turn(
    source: PromptInput,
    *,
    model: Model,
    toolset: Toolset,
    context: ToolContext,
    limits: TurnLimits,
    calibrations: Calibrations,
    progress: Progress | None = None,
) -> TurnResult | TurnFailed:
    """Ask the model, carry out what it calls, until it answers in text or a limit is near.

    Cancelling it cancels everything under way. A model that fails is a `TurnFailed`, never an exception.
    """
    watcher = progress or Unwatched()
    steps = Steps(source, model=model, limits=limits, calibrations=calibrations, progress=watcher)
    caller = Caller(toolset, context=context, result_tokens=limits.tool_result_tokens, progress=watcher)
    clock = asyncio.timeout(limits.seconds)
    try:
        async with clock:
            while True:
                tools = await toolset.specs(context)
                near = steps.near_limit(tools)
                answer = await steps.ask(tools, near=near)
                calls = answer.message.tool_calls
                if near or not calls:
                    return steps.ended(answer, near)
                await watcher.calls(steps.number, calls, {tool.name: tool.title for tool in tools})
                steps.add(answer, await caller.carry_out(calls), tools)
    except ModelError as error:
        return steps.failed(error)
    except TimeoutError:
        if not clock.expired():
            raise
        return steps.out_of_time()
