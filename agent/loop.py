"""The agent's loop: ask the model, carry out what it calls, until it answers."""

from dataclasses import replace

from agent.calling import Caller
from agent.clock import TurnClock
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
    clock = TurnClock(limits.seconds)
    context = replace(context, paused=clock.paused)
    steps = Steps(
        source, model=model, limits=limits, calibrations=calibrations, progress=watcher, elapsed=clock.elapsed
    )
    caller = Caller(toolset, context=context, result_tokens=limits.tool_result_tokens, progress=watcher)
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
