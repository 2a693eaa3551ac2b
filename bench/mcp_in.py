"""Outside MCP servers: what a call costs over the bare client, how soon a server is used again that is back, and what
twenty of them do to the start. `python -m bench.mcp_in [--json]`.

Of the twenty, fifteen are programs that work and five are of no use: two that answer nothing, one that ends at once,
one that is not there, one whose port is closed.
"""

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
from mcp import Client, StdioServerParameters, stdio_client
from pydantic import JsonValue

from bench.measure import Spread
from bench.stage import digmbot, stage
from chat.channels import Channel, ChannelKind
from chat.clock import utc_now
from chat.ids import ChannelId, MessageId, RoleId, UserId
from chat.messages import Message
from chat.people import Person
from mcp_servers.outside.manager import Outside
from mcp_servers.outside.state import State
from mcp_servers.outside.toolset import OutsideTools
from mcp_servers.outside.transports import PlainHttp
from mcp_servers.outside.wishes import Address, Program, Protocol, ServerWish
from tools.calls import ToolCall
from tools.context import ToolContext

CALLS = 300
ROUNDS = 5
AWAY_SECONDS = (0.3, 1.1, 2.7, 4.2, 6.9)  # so that the tries stand at different moments
STARTS = 7
SETTLE_SECONDS = 5.0
ECHO = ("-m", "bench.mcp_echo")


def context() -> ToolContext:
    ada, bot = Person(UserId(1), "ada"), Person(UserId(2), "digmbot", is_bot=True)
    place = Channel(ChannelId(3), None, "ada", ChannelKind.DM)
    request = Message(MessageId(4), place.id, None, ada, "echo", created_at=datetime.now(UTC))
    return ToolContext(ada, bot, None, place, request, "run", ZoneInfo("UTC"))


async def no_roles(_: ToolContext) -> frozenset[RoleId]:
    return frozenset()


@asynccontextmanager
async def outside(wish: ServerWish) -> AsyncGenerator[tuple[Outside, OutsideTools]]:
    made = Outside(wishes=[wish], http=PlainHttp(), clock=utc_now)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(made.serve())
        await until(lambda: is_up(made))
        yield made, OutsideTools(made, roles_of=no_roles)
        serving.cancel()


def is_up(made: Outside) -> bool:
    return made.states()[0].state is State.UP


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.005)


async def overhead() -> dict[str, JsonValue]:
    """Milliseconds of a call, in turns: through the toolset, and of the library's client with nothing around it."""
    ours: list[float] = []
    bare: list[float] = []
    here, call = context(), ToolCall("call", "echo__echo", '{"text": "hello"}')
    wish = ServerWish("echo", Program(sys.executable, (*ECHO, "stdio"), cwd=Path.cwd()))
    parameters = StdioServerParameters(command=sys.executable, args=[*ECHO, "stdio"])
    async with outside(wish) as (_, tools), Client(stdio_client(parameters)) as client:
        for _ in range(ROUNDS):
            for taken, once in (
                (ours, lambda: tools.call(call, here)),
                (bare, lambda: client.call_tool("echo", {"text": "hello"})),
            ):
                for _ in range(CALLS):
                    begun = time.perf_counter()
                    await once()
                    taken.append((time.perf_counter() - begun) * 1000)
    mine, floor = Spread.of(ours), Spread.of(bare)
    return {
        "p50_ms": mine.p50,
        "p99_ms": mine.p99,
        "floor_p50_ms": floor.p50,
        "floor_p99_ms": floor.p99,
        "over_ms": round(mine.p50 - floor.p50, 3),
        "over_p99_ms": round(mine.p99 - floor.p99, 3),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def web(port: int) -> Generator[None]:
    """A server that listens once this is entered."""
    running = subprocess.Popen([sys.executable, *ECHO, "http", str(port)], stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.005)
            else:
                break
        yield
    finally:
        running.kill()
        running.wait()


async def back(protocol: Protocol) -> float:
    """Seconds from when a killed server on the network listens again until it is up again here, at worst."""
    port = free_port()
    wish = ServerWish("echo", Address(f"http://127.0.0.1:{port}/mcp"), protocol=protocol)
    call, taken = ToolCall("call", "echo__echo", '{"text": "hello"}'), list[float]()
    with ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, web(port))
        async with outside(wish) as (made, tools):
            for away in AWAY_SECONDS:
                stack.close()
                await tools.call(call, context())  # its death while idle may go unnoticed
                await asyncio.sleep(away)
                await asyncio.to_thread(stack.enter_context, web(port))
                begun = time.perf_counter()
                await until(lambda: is_up(made))
                taken.append(time.perf_counter() - begun)
    return round(max(taken), 2)


async def restarted() -> dict[str, JsonValue]:
    """Seconds from the death of a program until it is up again, and what its own start takes with nothing around it."""
    wish = ServerWish("echo", Program(sys.executable, (*ECHO, "stdio"), cwd=Path.cwd()))
    parameters = StdioServerParameters(command=sys.executable, args=[*ECHO, "stdio"])
    taken: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        async with Client(stdio_client(parameters)) as client:
            await client.list_tools()
            bare.append(time.perf_counter() - begun)
        async with outside(wish) as (made, _tools):
            children = psutil.Process().children(recursive=True)
            victim = next(each for each in children if "leash.py" not in str(each.cmdline()))
            victim.kill()
            begun = time.perf_counter()
            await until(lambda made=made: not is_up(made))
            await until(lambda made=made: is_up(made))
            taken.append(time.perf_counter() - begun)
    return {"s": round(statistics.median(taken), 2), "floor_s": round(statistics.median(bare), 2)}


def twenty() -> dict[str, str]:
    """The settings of twenty servers, as variables."""
    deaf = json.dumps(["-c", "import time; time.sleep(3600)"])
    echo = json.dumps(
        [
            "-c",
            f"import sys; sys.path.insert(0, {str(Path.cwd())!r}); from bench.mcp_echo import server; server().run()",
        ]
    )
    servers = {f"echo{number}": (sys.executable, echo) for number in range(15)}
    servers |= {
        "deaf1": (sys.executable, deaf),
        "deaf2": (sys.executable, deaf),
        "ends": ("false", "[]"),
        "missing": ("no-such-program", "[]"),
    }
    variables: dict[str, str] = {}
    for name, (command, args) in servers.items():
        variables[f"DIGMBOT_MCP__SERVERS__{name.upper()}__COMMAND"] = command
        variables[f"DIGMBOT_MCP__SERVERS__{name.upper()}__ARGS"] = args
    variables["DIGMBOT_MCP__SERVERS__CLOSED__URL"] = f"http://127.0.0.1:{free_port()}/mcp"
    variables["DIGMBOT_MCP__SERVERS__CLOSED__ALLOW_PRIVATE"] = "true"
    return variables


async def starts() -> dict[str, JsonValue]:
    """Seconds from the start of the process until the gateway is ready, and until it has ended, with and without."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        async with stage(archived=100) as on:
            async with digmbot(on, home):
                pass  # the first start makes the database
            ready: dict[bool, list[float]] = {True: [], False: []}
            ended: dict[bool, list[float]] = {True: [], False: []}
            for _ in range(STARTS):
                for servers, more in ((False, {}), (True, twenty())):
                    begun = time.perf_counter()
                    async with digmbot(on, home, more=more):
                        ready[servers].append(time.perf_counter() - begun)
                        await asyncio.sleep(SETTLE_SECONDS)
                        begun = time.perf_counter()
                    ended[servers].append(time.perf_counter() - begun)
    with_, without = statistics.median(ready[True]), statistics.median(ready[False])
    return {
        "ready_s": round(with_, 2),
        "without_s": round(without, 2),
        "ratio": round(with_ / without, 3),
        "stop_s": round(max(ended[True]), 2),
        "stop_without_s": round(max(ended[False]), 2),
    }


async def measured() -> dict[str, JsonValue]:
    return {
        "call": await overhead(),
        "back_s": max(await back(Protocol.AUTO), await back(Protocol.LEGACY)),
        "restart": await restarted(),
        "start": await starts(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    figures = asyncio.run(measured())
    parser.parse_args()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
