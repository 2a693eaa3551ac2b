"""`python -m bench`: what is promised about speed and size, measured one after the other, in one table."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

Figures = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Row:
    """A promise and what was seen of it."""

    what: str
    target: str
    seen: str
    met: bool


def measured(name: str) -> Figures:
    """The figures of `python -m bench.NAME --json`."""
    done = subprocess.run([sys.executable, "-m", f"bench.{name}", "--json"], check=True, stdout=subprocess.PIPE)
    figures: Figures = json.loads(done.stdout)
    return figures


def number(figures: JsonValue, *path: str) -> float:
    for key in path:
        figures = figures[key] if isinstance(figures, dict) else None
    if not isinstance(figures, int | float):
        raise TypeError(f"there is no figure {'.'.join(path)}")
    return figures


def mention_rows(figures: Figures) -> Iterator[Row]:
    def ratio(what: str, *path: str, most: float, plus: float = 0.0) -> Row:
        ours, floor = number(figures, *path, "ms"), number(figures, *path, "floor_ms")
        spread = figures[path[0]]
        inner = spread[path[1]] if isinstance(spread, dict) else None
        told = inner.get("spread") if isinstance(inner, dict) else ""
        target = f"≤ {most} × floor" + (f" + {plus:g} ms" if plus else "")
        seen = f"{ours:g} ms / {floor:g} ms = {number(figures, *path, 'ratio'):g} {told}"
        return Row(what, target, seen, ours <= most * floor + plus)

    yield ratio("mention → model request, p50", "short", "request", most=1.5, plus=15)
    yield ratio("short answer: first text", "short", "first", most=1.2)
    yield ratio("short answer: final text", "short", "final", most=1.2)
    yield ratio("streamed answer: first text", "streamed", "first", most=1.2)
    yield ratio("streamed answer: final text", "streamed", "final", most=1.2)
    calls = number(figures, "short", "rest_calls")
    yield Row("REST calls of a short answer", "≤ 2", f"{calls:g}", calls <= 2)
    slow, answered = number(figures, "burst", "ratio"), number(figures, "burst", "answered")
    seen = f"{answered:g} answered, slowest {slow:g} × floor's"
    yield Row("50 mentions over 10 channels", "all, ≤ 2 × floor's slowest", seen, answered == 50 and slow <= 2)


def startup_rows(figures: Figures) -> Iterator[Row]:
    ready, floor = number(figures, "ready_s"), number(figures, "floor_ready_s")
    yield Row("start to ready, warm", "≤ 3 s", f"{ready:g} s (floor {floor:g} s)", ready <= 3)
    helped = number(figures, "help_s")
    yield Row("digmbot --help", "≤ 0.5 s", f"{helped:g} s (python {number(figures, 'python_s'):g} s)", helped <= 0.5)
    idle = number(figures, "idle_mb")
    yield Row("idle memory, embedder loaded", "≤ 300 MB", f"{idle:g} MB", idle <= 300)


def lag_rows(figures: Figures) -> Iterator[Row]:
    busy, quiet = number(figures, "lag_ms", "p99"), number(figures, "floor_lag_ms", "p99")
    worst = number(figures, "lag_ms", "max")
    seen = f"{busy:g} ms, max {worst:g} ms (quiet {quiet:g} ms)"
    yield Row("loop lag p99 at 100 messages/s", "≤ 20 ms", seen, busy <= 20)


def embedder_rows(figures: Figures) -> Iterator[Row]:
    for name, floor, least in (("minilm", "its file as shipped", 2.0), ("e5", "its package's engine", 2.0)):
        ratio, rate = number(figures, name, "ratio"), number(figures, name, "batch")
        yield Row(f"{name}: texts/s against {floor}", f"≥ {least:g} ×", f"{ratio:g} × ({rate:g}/s)", ratio >= least)


def scale_rows(figures: Figures) -> Iterator[Row]:
    def ratio(what: str, key: str, target: str, *, met: Callable[[float], bool]) -> Row:
        middle = number(figures, key, "ratio")
        seen = f"{middle:g} [{number(figures, key, 'least'):g}, {number(figures, key, 'most'):g}]"
        return Row(f"{what}, {number(figures, 'messages'):g} messages", target, seen, met(middle))

    yield ratio("recall / sum of its parts, p50", "recall_p50_to_parts", "≤ 1.2", met=lambda seen: seen <= 1.2)
    yield ratio("recall / sum of its parts, p99", "recall_p99_to_parts", "≤ 3", met=lambda seen: seen <= 3)
    yield ratio("indexing / bare embedder", "indexing_to_embedder", "≥ 0.85", met=lambda seen: seen >= 0.85)
    yield ratio("recall in a backfill / before", "recall_busy_to_quiet", "≤ 1.3", met=lambda seen: seen <= 1.3)
    lag, worst = number(figures, "loop_lag_ms", "p99"), number(figures, "loop_lag_ms", "max")
    met = lag <= 20 and worst <= 100
    yield Row("loop lag in a backfill", "p99 ≤ 20 ms, max ≤ 100 ms", f"{lag:g} ms, {worst:g} ms", met)


def mcp_out_rows(figures: Figures) -> Iterator[Row]:
    for spec, row in figures.items():
        ratio, spread = number(row, "ratio"), row.get("spread") if isinstance(row, dict) else ""
        seen = f"{number(row, 'ms'):g} ms / {number(row, 'floor_ms'):g} ms = {ratio:g} {spread}"
        yield Row(f"a tool call over our MCP endpoint, {spec}", "≤ 1.5 × the library's own server", seen, ratio <= 1.5)


def mcp_in_rows(figures: Figures) -> Iterator[Row]:
    over = number(figures, "call", "over_ms")
    seen = f"{over:g} ms ({number(figures, 'call', 'p50_ms'):g} / {number(figures, 'call', 'floor_p50_ms'):g} ms)"
    yield Row("call of an outside program, over the bare client, p50", "≤ 2 ms", seen, over <= 2)
    back = number(figures, "back_s")
    yield Row("outside address that is back, used again, worst", "≤ 2 s", f"{back:g} s", back <= 2)
    restart, own = number(figures, "restart", "s"), number(figures, "restart", "floor_s")
    seen = f"{restart:g} s (its own start {own:g} s)"
    yield Row("outside program that died, used again, p50", "≤ 2 s and its start", seen, restart <= 2 + own)
    ratio, ready = number(figures, "start", "ratio"), number(figures, "start", "ready_s")
    seen = f"{ratio:g} × ({ready:g} / {number(figures, 'start', 'without_s'):g} s)"
    yield Row("start to ready with 20 outside servers, 5 of no use", "≤ 1.1 × without", seen, ratio <= 1.1)
    stop = number(figures, "start", "stop_s")
    yield Row(
        "stop with them, worst", "≤ 5 s over", f"{stop:g} s", stop <= 5 + number(figures, "start", "stop_without_s")
    )


BENCHES: tuple[tuple[str, Callable[[Figures], Iterator[Row]]], ...] = (
    ("mention", mention_rows),
    ("startup", startup_rows),
    ("lag", lag_rows),
    ("embedders", embedder_rows),
    ("memory_scale", scale_rows),
    ("mcp_out", mcp_out_rows),
    ("mcp_in", mcp_in_rows),
)


def main() -> None:
    print("| what | target | seen | |\n|---|---|---|---|", flush=True)
    for name, rows in BENCHES:
        for row in rows(measured(name)):
            print(f"| {row.what} | {row.target} | {row.seen} | {'met' if row.met else 'missed'} |", flush=True)


if __name__ == "__main__":
    main()
