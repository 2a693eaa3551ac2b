"""What every embedder keeps, whatever model is behind it."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from memory.embedders import Embedder
from tests.memory.embedders.parts import OTHER_LANGUAGES, PAIRS

NEARLY_THE_SAME = 0.95
"""Arithmetic in int8 rounds by the largest number of a batch, so company changes a text's vector a little. Measured:
0.977 for the worst of 100 lines; two different lines are at most 0.9 alike."""

ODD = ["", " ", "\0", "\ud800", "日本語 ไทย عربي 🙂 \u200b", "<s> [CLS] </s> [PAD]", "a\n\n\tb"]


def test_questions_find_their_paraphrases(embedder: Embedder) -> None:
    lines = embedder.embed(list(PAIRS.values()))

    found = [int((lines @ embedder.embed_question(question)).argmax()) for question in PAIRS]

    assert found == list(range(len(PAIRS)))


@pytest.mark.parametrize(
    "texts", [[], ODD, ["x" * 100_000, "word " * 20_000, "語" * 5000], [f"word {n} " * (n % 90) for n in range(50)]]
)
def test_every_list_of_texts_has_unit_vectors_in_order(texts: Sequence[str], embedder: Embedder) -> None:
    vectors = embedder.embed(texts)

    assert vectors.shape == (len(texts), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    for text, vector in zip(texts, vectors, strict=True):
        assert float(vector @ embedder.embed([text])[0]) > NEARLY_THE_SAME


@pytest.mark.parametrize("question", [*ODD, "why " * 5000])
def test_every_question_has_a_unit_vector(question: str, embedder: Embedder) -> None:
    vector = embedder.embed_question(question)

    assert vector.shape == (embedder.dimension,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-4)


def test_what_is_said_twice_has_the_same_vector_also_from_many_threads(embedder: Embedder) -> None:
    texts = [*PAIRS, *PAIRS.values(), *OTHER_LANGUAGES.values()]
    alone = embedder.embed(texts)

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(embedder.embed, [texts] * 8))

    assert all(np.array_equal(alone, each) for each in together)


def test_text_behind_what_a_model_reads_changes_nothing(embedder: Embedder) -> None:
    long = "the ship sails on and on " * 400

    a, b = embedder.embed([long + "to the moon"])[0], embedder.embed([long + "into the harbour"])[0]

    assert np.array_equal(a, b)


def test_a_name_can_be_part_of_a_collection_s(embedder: Embedder) -> None:
    assert re.fullmatch(r"[a-z0-9_-]{2,40}", embedder.name)
