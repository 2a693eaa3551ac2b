"""Memory with 10⁴, 10⁵ or 10⁶ messages: `python -m bench.memory_scale --messages N [--json] [--folder KEPT]`.

Archive and full text are written as the bot writes them. The vectors of the mass are real ones blended, and written
straight: embedding a million texts takes hours. Each step is a process of its own; memory and its bare parts alternate.
Recall is asked on a server of a fifth of the messages (a twentieth of a million), for an audience that may read four
channels of five; its parts are the embedder, a Chroma query for 100, and a full-text query of the server for 100.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.__main__ import Figures, number
from bench.scale_steps import STEPS, Step

ROUNDS = 3
PARTS = ("embed", "vectors", "words")


def measured(folder: Path, count: int, embedder: str) -> Figures:
    def step(name: str, seed: int = 0) -> Figures:
        command = [sys.executable, "-m", "bench.memory_scale", "--step", name, "--seed", str(seed)]
        command += ["--messages", str(count), "--folder", str(folder), "--embedder", embedder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        figures: Figures = json.loads(done.stdout)
        print(name, json.dumps(figures), file=sys.stderr, flush=True)
        return figures

    filled: Figures = {}
    if not (folder / "filled").exists():
        filled = {"archive": step("fill_archive"), "vectors": step("fill_vectors")}
        (folder / "filled").touch()
    rounds = [{name: step(name, seed) for name in ("recall", "bare", "ingest")} for seed in range(ROUNDS)]
    return {"messages": count, "embedder": embedder, **filled, **told(rounds)}


def told(rounds: Sequence[dict[str, Figures]]) -> Figures:
    """Medians of the rounds; ratios with their smallest and largest."""

    def middle(step: str, *path: str) -> float:
        return round(median(number(each[step], *path) for each in rounds), 2)

    def ratio(over: Sequence[float], under: Sequence[float]) -> Figures:
        ratios = sorted(o / u for o, u in zip(over, under, strict=True))
        return {"ratio": round(median(ratios), 2), "least": round(ratios[0], 2), "most": round(ratios[-1], 2)}

    def each(step: str, *path: str) -> list[float]:
        return [number(figures[step], *path) for figures in rounds]

    def parts(percentile: str) -> list[float]:
        return [sum(number(figures["bare"], "parts_ms", part, percentile) for part in PARTS) for figures in rounds]

    return {
        "recall_ms": {p: middle("recall", "recall_ms", p) for p in ("p50", "p99", "max")},
        "parts_p50_ms": {part: middle("bare", "parts_ms", part, "p50") for part in PARTS},
        "recall_p50_to_parts": ratio(each("recall", "recall_ms", "p50"), parts("p50")),
        "recall_p99_to_parts": ratio(each("recall", "recall_ms", "p99"), parts("p99")),
        "first_answer_s": {how: middle("recall", "first_answer_s", how) for how in ("words", "loaded", "meaning")},
        "rss_mb": {step: middle(step, "rss_mb") for step in ("recall", "bare", "ingest")},
        "indexed_per_second": middle("ingest", "indexed_per_second"),
        "indexing_to_embedder": ratio(each("ingest", "indexed_per_second"), each("bare", "rate")),
        "loop_lag_ms": {p: middle("ingest", "loop_lag_ms", p) for p in ("p99", "max")},
        "recall_busy_to_quiet": ratio(
            each("ingest", "recall_busy_ms", "p50"), each("ingest", "recall_quiet_ms", "p50")
        ),
        "disk_bytes_a_message": middle("ingest", "disk_bytes_a_message"),
    }  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--messages", type=int, default=10_000)
    options.add_argument("--embedder", choices=("minilm", "e5"), default="e5")
    options.add_argument("--folder", type=Path, help="keep what was generated there, and use it again")
    options.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.step:
        step = Step(chosen.folder, chosen.messages, seed=chosen.seed, embedder=chosen.embedder)
        print(json.dumps(asyncio.run(STEPS[chosen.step](step))))
        return
    with tempfile.TemporaryDirectory() as passing:
        folder = chosen.folder or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        figures = measured(folder, chosen.messages, chosen.embedder)
    print(json.dumps(figures) if chosen.json else json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
