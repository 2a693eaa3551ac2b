"""Log lines: readable on a terminal, JSON elsewhere, with the id of the run they belong to, and without any secret."""

import logging
import os
import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Protocol, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Libraries that tell every request or heartbeat at info; `[logging] levels` overrides it.
QUIET_LIBRARIES = "alembic apscheduler chromadb discord httpcore2 httpx httpx2 mcp openai sqlalchemy uvicorn"
QUIET = {
    **dict.fromkeys(QUIET_LIBRARIES.split(), "warning"),
    # Tracebacks with a server's raw words: of a sign-in that did not end well, of a program that prints what is no MCP.
    "mcp.client.auth": "critical",
    "mcp.client.stdio": "critical",
    "mcp.client.streamable_http": "critical",
}


# What pydantic's errors repeat of what they were given, which may be what people wrote.
_INPUT = re.compile(
    r"(\binput_value=).*(, input_type=\w+\])", re.DOTALL
)  # to the last: the input may hold the end, too


class Wishes(Protocol):
    """The `[logging]` section."""

    @property
    def level(self) -> str: ...
    @property
    def levels(self) -> Mapping[str, str]: ...
    @property
    def format(self) -> str: ...


class Redact(Protocol):
    """Takes secrets out of a text."""

    def __call__(self, text: str, /) -> str: ...


class _SecretFree(logging.Formatter):
    """The last to touch a line, so that no message, argument or traceback gets past."""

    def __init__(self, inner: logging.Formatter, redact: Redact) -> None:
        super().__init__()
        self._inner = inner
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        text = self._redact(self._inner.format(record))
        return text if record.levelno <= logging.DEBUG else _INPUT.sub(r"\1…\2", text)


def set_up_logging(wishes: Wishes, redact: Redact, *, stream: TextIO | None = None) -> None:
    """Send every log line of the process to `stream` (standard error). May be called again with new wishes.

    To be called before anything else that logs: where the root has no handler yet, `mcp` installs one of its own.
    """
    target = stream or sys.stderr
    on_terminal = target is not None and target.isatty()  # there is no standard error under pythonw
    text = wishes.format == "text" or (wishes.format == "auto" and on_terminal)
    colours = text and on_terminal and not os.environ.get("NO_COLOR")
    handler = logging.StreamHandler(target)
    handler.setFormatter(_SecretFree(_formatter(text=text, colours=colours), redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(wishes.level.upper())
    _set_levels(wishes)
    logging.captureWarnings(capture=True)


def _set_levels(wishes: Wishes) -> None:
    """Parts that are not named any more, after a reload, follow the root again."""
    for part in [name for name, known in logging.root.manager.loggerDict.items() if isinstance(known, logging.Logger)]:
        logging.getLogger(part).setLevel(logging.NOTSET)
    quiet = {} if wishes.level == "debug" else QUIET
    loudest = logging.getLevelNamesMapping()[wishes.level.upper()]
    for part, level in {**quiet, **wishes.levels}.items():
        chosen = logging.getLevelNamesMapping()[level.upper()]
        logging.getLogger(part).setLevel(chosen if part in wishes.levels else max(chosen, loudest))


def _formatter(*, text: bool, colours: bool) -> logging.Formatter:
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if text else "iso", utc=not text),
        structlog.processors.StackInfoRenderer(),
    ]
    rendered: list[Processor] = (
        # Plain tracebacks: rich ones print local variables, and with them what people wrote.
        [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)]
        if text
        else [structlog.processors.format_exc_info, _visible, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
    )


def _visible(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Time, level and part first, whatever else a line carries."""
    first = ("timestamp", "level", "logger", "event")
    ordered = {name: event[name] for name in first if name in event}
    return {**ordered, **event}


@contextmanager
def run_id(run: str) -> Generator[None]:
    """Put the run's id on every line that is logged within, also by tasks that are started within."""
    with structlog.contextvars.bound_contextvars(run=run):
        yield
