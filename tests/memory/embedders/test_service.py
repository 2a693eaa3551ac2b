"""An embedding server with OpenAI's interface: what it may do wrong, and what is made of it."""

import base64
import pickle
import socket
from collections.abc import Generator
from pathlib import Path

import httpx2
import numpy as np
import pytest

from memory.embedders import EmbedderAwayError, EmbedderError
from memory.embedders.service import ServiceEmbedder
from memory.embedders.spec import EmbedderSpec, Service
from tests.memory.embedders.parts import Answer, EmbeddingServer, Payload, answer_with, serving, texts_of

KEY = "sk-very-secret"
BUSY: Answer = (503, {"error": {"message": "loading"}})


def by_length(payload: Payload) -> Answer:
    return answer_with([[float(len(text)), 1.0, 0.0] for text in texts_of(payload)])


@pytest.fixture
def server() -> Generator[EmbeddingServer]:
    with serving(EmbeddingServer(by_length)) as running:
        yield running


def embedder(
    server: EmbeddingServer, *, dimensions: int | None = 3, batch: int = 64, before: str = ""
) -> ServiceEmbedder:
    service = Service(server.url, "m", KEY, dimensions, batch, before_question=before, before_passage=before)
    return ServiceEmbedder(service, httpx2.Client(trust_env=False), pauses=(0.01, 0.01))


def test_it_asks_in_batches_and_puts_the_answers_in_order_at_length_one(server: EmbeddingServer) -> None:
    vectors = embedder(server, batch=2).embed(["a", "bb", "ccc", "dddd", "eeeee"])

    assert np.allclose(vectors[:, 0] / vectors[:, 1], [1, 2, 3, 4, 5])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert [asked["input"] for asked in server.asked] == [["a", "bb"], ["ccc", "dddd"], ["eeeee"]]
    assert server.asked[0] == {"model": "m", "input": ["a", "bb"], "dimensions": 3}
    assert set(server.keys) == {f"Bearer {KEY}"}


def test_without_a_key_none_is_sent_and_without_dimensions_the_server_is_asked_once(server: EmbeddingServer) -> None:
    keyless = ServiceEmbedder(Service(server.url, "m"), httpx2.Client(trust_env=False))

    assert (keyless.dimension, len(server.asked), server.keys) == (3, 1, [""])
    assert "dimensions" not in server.asked[0]


def test_prefixes_are_put_before_and_empty_or_endless_texts_are_made_fit_to_send(server: EmbeddingServer) -> None:
    prefixed = embedder(server, before="about: ")
    prefixed.embed_question("tea")
    embedder(server).embed(["", " \n", "x" * 100_000])

    first, second = server.asked
    assert texts_of(first) == ["about: tea"]
    assert [len(text) for text in texts_of(second)] == [1, 1, 2000]


def test_vectors_may_come_as_base64(server: EmbeddingServer) -> None:
    packed = base64.b64encode(np.array([3, 4, 0], "<f4").tobytes()).decode()
    server.script = [answer_with([packed])]

    assert np.allclose(embedder(server).embed(["a"]), [[0.6, 0.8, 0]])


def test_a_busy_server_is_asked_again(server: EmbeddingServer) -> None:
    server.script = [(429, {"error": {"message": "slow down"}}), BUSY]

    assert embedder(server).embed(["a"]).shape == (1, 3)
    assert len(server.asked) == 3


def test_one_that_stays_busy_or_is_away_is_told_as_such(server: EmbeddingServer) -> None:
    server.script = [BUSY] * 3
    with pytest.raises(EmbedderAwayError, match=r"is busy or broken \(HTTP 503\)"):
        embedder(server).embed(["a"])

    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server.url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(EmbedderAwayError, match=r"cannot be reached \(ConnectError\)"):
            embedder(server).embed(["a"])


def test_a_question_does_not_wait_for_a_server_that_wants_long_pauses(server: EmbeddingServer) -> None:
    server.script, server.retry_after = [BUSY] * 3, "20"

    with pytest.raises(EmbedderAwayError):
        embedder(server).embed_question("a")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {"error": {"message": f"bad key {KEY}"}}), "refuses the key (HTTP 401: bad key …)"),
        ((404, {"error": "model not found"}), "not of this model (HTTP 404: model not found)"),
        ((400, {"detail": "no\nmatryoshka"}), "refuses the request (HTTP 400: no matryoshka)"),
        ((400, "<html>"), "refuses the request (HTTP 400);"),
        ((302, ""), "refuses the request (HTTP 302);"),
        ((200, "<html>"), "something that is not the vectors asked for"),
        ((200, {"error": "no"}), "something that is not the vectors asked for"),
        (answer_with([]), "something that is not the vectors asked for"),
        (answer_with([[1.0, 0.0, 0.0]] * 2), "something that is not the vectors asked for"),
        (answer_with([[]]), "something that is not the vectors asked for"),
        (answer_with(["!"]), "something that is not the vectors asked for"),
        (answer_with([["a"]]), "something that is not the vectors asked for"),
        (answer_with([[0.0, 0.0, 0.0]]), "zero, infinite or no numbers"),
        (answer_with([[1.0, 2.0]]), "answers with 2 dimensions instead of 3; set memory.openai_dimensions"),
    ],
)
def test_what_is_wrong_is_one_sentence_without_the_key(server: EmbeddingServer, answer: Answer, sentence: str) -> None:
    server.script = [answer]

    with pytest.raises(EmbedderError) as told:
        embedder(server).embed(["a"])

    assert not isinstance(told.value, EmbedderAwayError)
    assert sentence in str(told.value)
    assert KEY not in str(told.value)
    assert "\n" not in str(told.value)


def test_another_model_server_or_size_is_another_space(server: EmbeddingServer) -> None:
    names = {embedder(server).name, embedder(server, dimensions=4).name, embedder(server, before="q: ").name}

    assert len(names) == 3
    assert embedder(server).name in names


def test_what_another_process_is_given_keeps_the_key_to_itself(tmp_path: Path) -> None:
    spec = EmbedderSpec(tmp_path, Service("http://127.0.0.1:1/v1", "m", KEY))

    assert pickle.loads(pickle.dumps(spec)) == spec
    assert KEY not in repr(spec)
