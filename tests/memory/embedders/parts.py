"""What the embedders are tested with: lines and questions about them, and an embedding server on loopback."""

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

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
OTHER_LANGUAGES = {
    "wer ist krank?": "Olga: ich bleibe heute mit Fieber im Bett",
    "¿quién dibujó el símbolo de la empresa?": "Ana: el nuevo logotipo lo hizo Kenji",
    "когда переезжает база данных?": "Миа: в четверг ночью переходим на Postgres 17",
    "今日のお昼は何？": "ボブ：食堂は正午にピザが出ます",
    "qui part à l'étranger cet été ?": "Léna : je pars deux semaines au Portugal en août",
}

Payload = dict[str, object]
Answer = tuple[int, object]
"""An HTTP status, and what is sent as JSON; text is sent as it is."""


@dataclass
class EmbeddingServer:
    """Answers by its script, then by `usual`; keeps what it was asked."""

    usual: Callable[[Payload], Answer]
    script: list[Answer] = field(default_factory=list[Answer])
    asked: list[Payload] = field(default_factory=list[Payload])
    keys: list[str] = field(default_factory=list[str])
    retry_after: str | None = None
    url: str = ""

    def answer(self, payload: Payload, key: str) -> Answer:
        self.asked.append(payload)
        self.keys.append(key)
        return self.script.pop(0) if self.script else self.usual(payload)


def texts_of(payload: Payload) -> list[str]:
    texts = payload["input"]
    assert isinstance(texts, list)
    return [str(text) for text in texts]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def answer_with(vectors: Sequence[object]) -> Answer:
    """In reverse order, which their indices undo."""
    data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
    return 200, {"object": "list", "data": data[::-1], "model": "m"}


@contextmanager
def serving(server: EmbeddingServer) -> Generator[EmbeddingServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path != "/v1/embeddings":
                status, body = 404, {"error": {"message": "no such page"}}
            else:
                status, body = server.answer(payload, self.headers.get("authorization", ""))
            sent = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(sent)))
            if server.retry_after is not None:
                self.send_header("retry-after", server.retry_after)
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
            yield server
        finally:
            http.shutdown()
            thread.join(5)
