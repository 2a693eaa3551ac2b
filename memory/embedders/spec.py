"""Which embedder, as a value that another process can be given; and how it is loaded.

Nothing heavy is imported until `load` is called: onnxruntime alone takes half a second.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, assert_never

from memory.embedders import Embedder


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


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder with an ONNX model and its tokenizer."""

    path: Path


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """Which embedder. It can be pickled; its `repr` shows no secret."""

    models: Path
    """Where derived models are kept: they can be made again."""
    which: Literal["minilm", "e5"] | Service | ModelFolder = "minilm"


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
        case ModelFolder(path):
            from memory.embedders.folder import load_folder  # noqa: PLC0415

            return load_folder(path)
        case Service() as service:
            from memory.embedders.service import load_service  # noqa: PLC0415

            return load_service(service)
        case _ as never:
            assert_never(never)
