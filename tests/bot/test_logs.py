"""Lines that tell: readable on a terminal, JSON elsewhere, each with its run."""

import asyncio
import io
import json
import logging
from collections.abc import Generator

import pytest
from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel, ValidationError

from bot.logs import run_id, set_up_logging
from bot.settings.running import Logging
from bot.settings.secrets import Redactor

NOTHING = Redactor([])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def root_logger() -> Generator[logging.Logger]:
    """The process's own logging, put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


def wishes(**values: object) -> Logging:
    return Logging.model_validate(values)


def test_elsewhere_each_line_is_one_object() -> None:
    stream = io.StringIO()
    set_up_logging(wishes(), NOTHING, stream=stream)
    try:
        {}["gone"]
    except KeyError:
        logging.getLogger("memory.recall").exception("no %s", "luck", extra={"guild": 7})

    line = json.loads(stream.getvalue())
    assert list(line)[:4] == ["timestamp", "level", "logger", "event"]
    assert (line["level"], line["logger"], line["event"], line["guild"]) == ("error", "memory.recall", "no luck", 7)
    assert "KeyError: 'gone'" in line["exception"]


def test_on_a_terminal_lines_are_read_by_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    set_up_logging(wishes(), NOTHING, stream=stream)
    logging.getLogger("bot").warning("hello %s", "there")

    assert "hello there" in stream.getvalue()
    assert "\x1b[" in stream.getvalue()
    assert "{" not in stream.getvalue()


def test_who_wants_no_colours_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    set_up_logging(wishes(), NOTHING, stream=stream)
    logging.getLogger("bot").warning("hello")

    assert "\x1b[" not in stream.getvalue()


async def test_lines_of_a_run_carry_its_id_and_no_others_do() -> None:
    stream = io.StringIO()
    set_up_logging(wishes(), NOTHING, stream=stream)

    async def run(name: str) -> None:
        with run_id(name):
            await asyncio.sleep(0)
            await asyncio.to_thread(logging.getLogger("agent").info, "working on %s", name)

    await asyncio.gather(run("a"), run("b"))
    logging.getLogger("agent").info("idle")

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {(line["event"], line.get("run")) for line in lines} == {
        ("working on a", "a"),
        ("working on b", "b"),
        ("idle", None),
    }


def told_by(stream: io.StringIO, *parts: str) -> list[str]:
    for part in parts:
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger(part).log(level, "%s %s", part, logging.getLevelName(level).lower())
    return [json.loads(line)["event"] for line in stream.getvalue().splitlines()]


def test_parts_have_their_own_levels_and_libraries_are_quiet() -> None:
    stream = io.StringIO()
    set_up_logging(wishes(levels={"memory": "DEBUG", "tools": "error"}), NOTHING, stream=stream)

    assert told_by(stream, "memory.recall", "tools", "discord.http", "sqlalchemy.engine", "bot") == [
        "memory.recall debug",
        "memory.recall info",
        "memory.recall warning",
        "discord.http warning",
        "sqlalchemy.engine warning",
        "bot info",
        "bot warning",
    ]


def test_after_a_reload_only_the_new_levels_count() -> None:
    set_up_logging(wishes(levels={"memory": "debug"}), NOTHING, stream=io.StringIO())
    stream = io.StringIO()
    set_up_logging(wishes(level="warning"), NOTHING, stream=stream)

    assert told_by(stream, "memory", "httpx2") == ["memory warning", "httpx2 warning"]


def test_an_mcp_server_adds_no_handler_of_its_own(root_logger: logging.Logger) -> None:
    stream = io.StringIO()
    set_up_logging(wishes(), NOTHING, stream=stream)
    MCPServer("probe", version="1", log_level="WARNING")
    logging.getLogger("bot").info("once")

    assert len(root_logger.handlers) == 1
    assert len(stream.getvalue().splitlines()) == 1


class Age(BaseModel):
    years: int


def test_what_a_validation_repeats_of_its_input_is_left_out() -> None:
    stream = io.StringIO()
    set_up_logging(wishes(), NOTHING, stream=stream)
    written = {"years": "elder, input_type=x]\nflower"}
    try:
        Age.model_validate(written)
    except ValidationError:
        logging.getLogger("bot").exception("it is no age")

    assert "elder" not in stream.getvalue()
    assert "flower" not in stream.getvalue()
    assert "unable to parse string as an integer" in stream.getvalue()
    assert json.loads(stream.getvalue())["level"] == "error"
