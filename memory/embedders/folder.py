"""A model folder as they are published: an ONNX file, its tokenizer, and what sentence-transformers says of both."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError
from tokenizers import Tokenizer

from memory.embedders import EmbedderError
from memory.embedders.spec import ModelFolder, Pooling
from memory.embedders.transformer import Reading, Transformer, tokens_of

MAX_TOKENS = 512  # what most such models read at most; a chat line has a tenth of it
# The quick forms first, as they are usually named; then the plain one.
MODELS = ("model.onnx", "onnx/model_quantized.onnx", "onnx/model_int8.onnx", "onnx/model.onnx")
FLAGS = {"mean_tokens": "mean", "cls_token": "cls"}
SAMPLE = "Who suggested the new logo, and when? – Кто предложил новый логотип? 新しいロゴ"


M = TypeVar("M", bound=BaseModel)


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Pooling(RootModel[dict[str, object]]):
    """1_Pooling/config.json"""

    root: dict[str, object] = {}

    def kinds(self) -> set[str]:
        """What it asks for, in older (a flag for each kind) and newer files (one name)."""
        flags = {key.removeprefix("pooling_mode_") for key, value in self.root.items() if value is True}
        named = self.root.get("pooling_mode")
        return {FLAGS.get(flag, flag) for flag in flags - {"include_prompt"}} | ({str(named)} if named else set())


class _Prompts(_Lenient):
    """config_sentence_transformers.json"""

    prompts: dict[str, str] = {}


class _Module(_Lenient):
    type: str = ""


class _Modules(RootModel[list[_Module]]):
    """modules.json"""

    root: list[_Module] = []


class _Lengths(_Lenient):
    """How long a text may be, under the names that three files give it."""

    max_seq_length: int | None = Field(default=None, gt=0)
    model_max_length: float | None = Field(default=None, gt=0)


@dataclass(frozen=True, slots=True)
class _Described:
    """What is needed to use the model, from the folder or, where given, from the settings."""

    pooling: Pooling
    before_question: str
    before_passage: str
    max_tokens: int


def load_folder(folder: ModelFolder) -> Transformer:
    """Raises `EmbedderError` with a sentence for whatever is wrong with the folder."""
    path = folder.path
    if not path.is_dir():
        raise EmbedderError(f"{path} is no folder; give the one with model.onnx and tokenizer.json in it")
    model, tokenizer = _model(path), _tokenizer(path)
    described = _described(folder)
    reading = Reading(
        tokens_of(tokenizer, described.max_tokens),
        described.max_tokens,
        before_passage=described.before_passage,
        before_question=described.before_question,
    )
    try:
        embedder = Transformer(model, reading, name=_name(model, path, described), pooling=described.pooling)
    except EmbedderError:
        raise
    except Exception as error:  # boundary: onnxruntime raises many kinds for a file that it cannot use
        raise EmbedderError(f"{model} cannot be used: {' '.join(str(error).split())[:300]}") from error
    embedder.embed_question(SAMPLE)  # a tokenizer of another model shows here
    return embedder


def _model(path: Path) -> Path:
    for name in MODELS:
        if (path / name).is_file():
            return path / name
    found = sorted(path.glob("onnx/model*.onnx"))
    if not found:
        raise EmbedderError(f"{path} has no model.onnx and no onnx/model.onnx")
    if len(found) > 1:
        names = ", ".join(model.name for model in found)
        raise EmbedderError(f"{path} has several models ({names}); keep one, as {path / 'model.onnx'}")
    return found[0]


def _tokenizer(path: Path) -> Tokenizer:
    file = path / "tokenizer.json"
    if not file.is_file():
        raise EmbedderError(f"{path} has no tokenizer.json; a vocabulary alone (vocab.txt, *.model) is not enough")
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # boundary: tokenizers raises nothing more special
        raise EmbedderError(f"{file} cannot be read: {' '.join(str(error).split())[:300]}") from error


def _described(folder: ModelFolder) -> _Described:
    path = folder.path
    for module in _read(path / "modules.json", _Modules).root:
        if module.type.endswith(".Dense"):
            raise EmbedderError(f"{path} ends in a dense layer, which its ONNX file does not have; use another model")
    prompts = _read(path / "config_sentence_transformers.json", _Prompts).prompts
    passage = prompts.get("passage", prompts.get("document", ""))
    return _Described(
        pooling=folder.pooling or _pooling(path / "1_Pooling" / "config.json"),
        before_question=prompts.get("query", "") if folder.before_question is None else folder.before_question,
        before_passage=passage if folder.before_passage is None else folder.before_passage,
        max_tokens=int(min(_lengths(path))),
    )


def _pooling(file: Path) -> Pooling:
    match sorted(_read(file, _Pooling).kinds()):
        case [] | ["mean"]:
            return "mean"
        case ["cls"]:
            return "cls"
        case kinds:
            raise EmbedderError(f"{file} wants {' and '.join(kinds)} pooling; mean and cls are known")


def _lengths(path: Path) -> Iterator[float]:
    yield MAX_TOKENS
    for name in ("sentence_bert_config.json", "tokenizer_config.json"):
        lengths = _read(path / name, _Lengths)
        yield from filter(None, (lengths.max_seq_length, lengths.model_max_length))


def _read(file: Path, kind: type[M]) -> M:
    """What the file says, and what `kind` supposes where there is no such file."""
    if not file.is_file():
        return kind()
    try:
        return kind.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise EmbedderError(f"{file} is not as sentence-transformers writes it; mend or remove it") from error


def _name(model: Path, path: Path, described: _Described) -> str:
    """The same for the same vectors: any other file or pooling makes others."""
    digest = hashlib.sha256(repr(described).encode())
    for file in (*sorted(model.parent.glob(f"{model.name}*")), path / "tokenizer.json"):
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return f"onnx-{digest.hexdigest()[:12]}"
