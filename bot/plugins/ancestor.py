"""What digmbot-rs kept: `state.toml`, as its `persistent_state.rs` writes it.

    [vc_notify]
    followers = ["80351110224678912"]      # of every server, since it knew no difference

    [rivals_ratings]
    ada = 1200

    [rivals_ratings_owners]
    ada = "80351110224678912"

Its library writes ids as text; numbers are taken as well, and any of the three tables may be missing.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from bot.plugins.store import DatabaseStore
from chat.ids import UserId
from storage.database import Database

LARGEST = 5_000_000
FOLLOWERS, RATINGS = "vc-notify", "rivals"


class StateError(Exception):
    """The file is no such state: what is wrong, without its name."""


def snowflake(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def one_word(name: str) -> str:
    if len(name) > 100 or not name.strip():
        raise ValueError("is no name of a player")
    return name


Id = Annotated[int, BeforeValidator(snowflake), Field(gt=0, lt=2**63, strict=True)]
Player = Annotated[str, AfterValidator(one_word)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class Followers(_Section):
    """The table `vc_notify`."""

    followers: frozenset[Id] = frozenset()


class State(_Section):
    """The file."""

    vc_notify: Followers = Followers()
    rivals_ratings: dict[Player, Annotated[int, Field(ge=0, le=1_000_000, strict=True)]] = {}
    rivals_ratings_owners: dict[Player, Id] = {}


@dataclass(frozen=True, slots=True)
class TakenOver:
    """How much came over, and how much was here already."""

    followers: int = 0
    ratings: int = 0
    kept: int = 0


def read_state(file: Path) -> State:
    """Raises StateError."""
    try:
        content = file.read_bytes()
        if len(content) > LARGEST:
            raise StateError("is too large to be a state of digmbot-rs")
        return State.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except OSError as error:
        raise StateError(f"cannot be read ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise StateError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except ValueError as error:  # no UTF-8, no TOML
        raise StateError("is no TOML; give the file state.toml from ~/.config/digmbot") from error


async def take_over(state: State, database: Database, *, replace: bool = False) -> TakenOver:
    """Raises PluginError when the storage is full or cannot be used."""
    followers, kept = 0, 0
    store = DatabaseStore(database, FOLLOWERS)
    for person in sorted(state.vc_notify.followers):
        if await store.get(f"follow:all:{person}"):
            kept += 1
            continue
        await store.put(f"follow:all:{person}", value=True, about=UserId(person))
        followers += 1
    ratings = 0
    store = DatabaseStore(database, RATINGS)
    for player, rating in sorted(state.rivals_ratings.items()):
        if not replace and await store.get(f"player:{player}") is not None:
            kept += 1
            continue
        owner = state.rivals_ratings_owners.get(player)
        value: JsonValue = {"rating": rating, "owner": owner}
        await store.put(f"player:{player}", value, about=UserId(owner) if owner else None)
        ratings += 1
    return TakenOver(followers, ratings, kept)
