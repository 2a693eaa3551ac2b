"""A model folder of the operator's own."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from memory.embedders import EmbedderError
from memory.embedders.spec import EmbedderSpec, ModelFolder, load
from memory.embedders.transformer import Transformer

WORDS = ["[UNK]", "red", "green", "blue", "query", "passage", ":"]


def make_folder(
    folder: Path, *, rows: int = len(WORDS), inputs: tuple[str, ...] = ("input_ids", "attention_mask")
) -> Path:
    """A model that gives each word a direction of its own, and no more."""
    table = numpy_helper.from_array(np.eye(rows, 8, dtype=np.float32) + 0.01, "table")
    size = ["batch", "length"]
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", inputs[0]], ["last_hidden_state"])],
        "words",
        [helper.make_tensor_value_info(name, TensorProto.INT64, size) for name in inputs],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*size, 8])],
        [table],
    )
    folder.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer: dict[str, object] = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    return folder


def opened(folder: Path, **given: str) -> Transformer:
    embedder = load(EmbedderSpec(folder, ModelFolder(folder, **given)))  # pyright: ignore[reportArgumentType]
    assert isinstance(embedder, Transformer)
    return embedder


def write(folder: Path, name: str, content: object) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


def test_the_mean_of_all_words_is_the_vector_unless_the_folder_says_the_first(tmp_path: Path) -> None:
    mean = opened(make_folder(tmp_path / "m"))
    write(make_folder(tmp_path / "c"), "1_Pooling/config.json", {"pooling_mode_cls_token": True})
    cls = opened(tmp_path / "c")

    red, red_green = mean.embed(["red", "red green"])
    assert float(red @ red_green) < 0.9
    red, red_green = cls.embed(["red", "red green"])
    assert float(red @ red_green) == pytest.approx(1)
    assert float(np.dot(*opened(tmp_path / "m", pooling="cls").embed(["red", "red green"]))) == pytest.approx(1)


def test_prefixes_come_from_the_folder_or_the_settings(tmp_path: Path) -> None:
    prompts = {"prompts": {"query": "query: ", "document": "passage: "}}
    write(make_folder(tmp_path), "config_sentence_transformers.json", prompts)
    folder, settings = opened(tmp_path), opened(tmp_path, before_question="", before_passage="")

    assert float(folder.embed_question("red") @ settings.embed(["query: red"])[0]) == pytest.approx(1)
    assert float(folder.embed(["red"])[0] @ settings.embed_question("passage: red")) == pytest.approx(1)


def test_the_length_that_the_folder_names_is_kept(tmp_path: Path) -> None:
    write(make_folder(tmp_path), "sentence_bert_config.json", {"max_seq_length": 2})
    write(tmp_path, "tokenizer_config.json", {"model_max_length": 1e30})

    a, b = opened(tmp_path).embed(["red green", "red green blue"])

    assert np.array_equal(a, b)


def test_the_name_changes_with_anything_that_changes_vectors(tmp_path: Path) -> None:
    first = opened(make_folder(tmp_path / "a")).name
    shutil.copytree(tmp_path / "a", tmp_path / "copy")

    assert opened(tmp_path / "copy").name == first
    assert opened(tmp_path / "a", pooling="cls").name != first
    assert opened(make_folder(tmp_path / "b", rows=9)).name != first


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("model.onnx", None, "has no model.onnx and no onnx/model.onnx"),
        ("model.onnx", "no model", "cannot be used: "),
        ("tokenizer.json", None, "has no tokenizer.json"),
        ("tokenizer.json", "{}", "tokenizer.json cannot be read: "),
        ("modules.json", [{"type": "sentence_transformers.models.Dense"}], "ends in a dense layer"),
        ("1_Pooling/config.json", {"pooling_mode": "max"}, "wants max pooling; mean and cls are known"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "wants max_tokens pooling"),
        ("1_Pooling/config.json", "{", "is not as sentence-transformers writes it"),
        ("sentence_bert_config.json", {"max_seq_length": 0}, "is not as sentence-transformers writes it"),
        ("config_sentence_transformers.json", {"prompts": [1]}, "is not as sentence-transformers writes it"),
    ],
)
def test_a_bad_folder_is_refused_in_one_sentence(tmp_path: Path, name: str, content: object, sentence: str) -> None:
    make_folder(tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        write(tmp_path, name, content)

    with pytest.raises(EmbedderError) as told:
        opened(tmp_path)

    assert sentence in str(told.value)
    assert "\n" not in str(told.value)


def test_a_model_of_another_kind_and_a_tokenizer_of_another_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="wants attention_mask, pixels, and is no text encoder"):
        opened(make_folder(tmp_path / "a", inputs=("pixels", "attention_mask")))
    make_folder(tmp_path / "b", rows=1)
    with pytest.raises(EmbedderError, match="failed: "):
        opened(tmp_path / "b").embed(["red"])


def test_several_models_are_not_guessed_among_but_the_quick_one_of_the_usual_is_taken(tmp_path: Path) -> None:
    make_folder(tmp_path)
    (tmp_path / "onnx").mkdir()
    for name in ("model_a.onnx", "model_b.onnx"):
        shutil.copy(tmp_path / "model.onnx", tmp_path / "onnx" / name)
    (tmp_path / "model.onnx").rename(tmp_path / "kept")

    with pytest.raises(EmbedderError, match=r"several models \(model_a.onnx, model_b.onnx\)"):
        opened(tmp_path)
    (tmp_path / "kept").rename(tmp_path / "onnx" / "model_quantized.onnx")
    assert opened(tmp_path).dimension == 8


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"nowhere is no folder; give the one with model\.onnx"):
        opened(tmp_path / "nowhere")
