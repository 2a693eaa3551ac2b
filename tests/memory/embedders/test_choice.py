"""The embedder that the settings name is the one that works, and one that cannot says why in a sentence."""

from pathlib import Path

import pytest

from bot.embedding import embedder_spec
from bot.settings.running import Memory
from bot.starting import open_stores
from chat.clock import utc_now
from memory.embedders.e5 import is_installed
from memory.embedders.spec import EmbedderSpec, ModelFolder, Service, load
from tests.bot.settings.parts import FILLED_IN
from tests.bot.settings.parts import load as load_settings

MODELS = Path("models")


def test_by_default_the_multilingual_one_is_used_where_it_is_installed(models: Path) -> None:
    spec = embedder_spec(Memory(), models)

    assert load(spec).name == ("e5" if is_installed() else "minilm")
    assert embedder_spec(Memory(embedder="minilm"), models) == EmbedderSpec(models, "minilm")


def test_a_server_and_a_folder_are_described_by_their_keys(tmp_path: Path) -> None:
    memory = f'{FILLED_IN}\n[memory]\nembedder = "openai"\nopenai_base_url = "http://h/v1/embeddings/"\n'
    keys = 'openai_model = "m"\nopenai_api_key = "k"\nopenai_dimensions = 256\nquestion_prefix = "q: "'
    server = embedder_spec(load_settings(tmp_path, memory + keys).settings.memory, MODELS)
    folder = embedder_spec(Memory(embedder="onnx", onnx_folder=tmp_path, onnx_pooling="cls"), MODELS)

    assert server == EmbedderSpec(MODELS, Service("http://h/v1", "m", "k", 256, 64, "q: ", ""))
    assert folder == EmbedderSpec(MODELS, ModelFolder(tmp_path, "cls", None, None))


async def test_with_a_bad_folder_the_bot_starts_and_says_what_is_wrong(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = (
        f'{FILLED_IN}\n[storage]\ndata_dir = "{tmp_path}/data"\n[memory]\nembedder = "onnx"\nonnx_folder = "{tmp_path}"'
    )
    async with open_stores(load_settings(tmp_path, text).settings, utc_now) as stores:
        await stores.memory.settled()
        assert stores.memory.door.now is None

    told = [record for record in caplog.records if "search by meaning is off" in record.message]
    assert f"{tmp_path} has no model.onnx and no onnx/model.onnx; words still work" in told[0].message
    assert not any(record.exc_info for record in told)
