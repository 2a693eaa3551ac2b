"""What memory's files hold, read beside the bot or after it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from memory.vectors import VectorStore
from tests.life.house import House

SPOKEN = {0, 19, 20, 23}
"""Discord's types of messages that somebody has written: plain, reply, command, menu."""


@dataclass(frozen=True, slots=True)
class Kept:
    """By message id: the text, and what each index knows."""

    texts: dict[int, str]
    full_text: set[int]


def kept(folder: Path) -> Kept:
    with closing(sqlite3.connect(folder / "digmbot.db")) as connection:
        texts = dict(connection.execute("SELECT id, text FROM messages"))
        full_text = {row[0] for row in connection.execute("SELECT rowid FROM messages_fts")}
    return Kept(texts, full_text)


def vectors(folder: Path, model: str, dimension: int) -> set[int]:
    """The ids in the vectors; the bot must have ended."""
    store = VectorStore.open(folder / "vectors", model=model, dimension=dimension)
    try:
        return {id_ for scope in store.scopes() for id_ in store.ids(scope)}
    finally:
        store.close()


def truth(home: House) -> dict[int, str]:
    """What stands on the sandbox in the channels that the bot may read."""
    state = home.box.state
    return {
        message.id: message.content
        for message in state.contents.messages.values()
        if message.type in SPOKEN and message.channel_id in state.contents.channels
    }


def differences(home: House) -> list[str]:
    """Where the archive is not what stands on the sandbox; empty when all is well."""
    there, here = truth(home), kept(home.folder / "data")
    return [
        *(f"missing: {there[id_]!r}" for id_ in there.keys() - here.texts.keys()),
        *(f"still there: {here.texts[id_]!r}" for id_ in here.texts.keys() - there.keys()),
        *(
            f"{here.texts[id_]!r} is now {there[id_]!r}"
            for id_ in there.keys() & here.texts
            if stale(there[id_], here.texts[id_])
        ),
        *(f"full text differs: {id_}" for id_ in here.full_text ^ here.texts.keys()),
    ]


def stale(there: str, here: str) -> bool:
    """The archive writes mentions as names: only plain words are compared."""
    return "<" not in there and there != here
