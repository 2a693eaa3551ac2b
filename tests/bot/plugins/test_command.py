"""One definition of a command: what it takes from words, and what is no definition."""

from typing import Annotated, Literal

import pytest

from bot.plugins.command import Call, Command, Malformed


async def everything(  # noqa: PLR0917 - all there is
    call: Call,
    what: Literal["up", "Down"],
    times: int,
    share: float = 0.5,
    loud: bool = False,
    text: Annotated[str | None, "what to say"] = None,
) -> str:
    return f"{call} {what} {times} {share} {loud} {text}"


COMMAND = Command(everything, "lift", "Lift something")


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("up 3", {"what": "up", "times": 3}),
        ("DOWN  -3  0.25", {"what": "Down", "times": -3, "share": 0.25}),
        (
            "up 3 1 yes two  words,\nand a line",
            {"what": "up", "times": 3, "share": 1.0, "loud": True, "text": "two  words,\nand a line"},
        ),
    ],
)
def test_words_become_what_the_function_takes(words: str, given: dict[str, object]) -> None:
    assert COMMAND.read(words) == given


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "what is missing"),
        ("sideways 3", "what is one of up, Down"),
        ("up", "times is missing"),
        ("up three", "times is a whole number"),
        ("up 1e9", "times is a whole number"),
        ("up 3 nan", "share is a number"),
        ("up 3 1 perhaps", "loud is yes or no"),
    ],
)
def test_what_it_does_not_take_is_named(words: str, why: str) -> None:
    with pytest.raises(Malformed, match=f"^{why}"):
        COMMAND.read(words)


def test_it_tells_how_it_is_written() -> None:
    assert COMMAND.told == "lift <up|Down> <times> [share] [loud] [text]"
    assert COMMAND.parameters[-1].about == "what to say"


async def lists(call: Call, names: list[str]) -> str:
    return f"{call}{names}"


async def fine(call: Call) -> str:
    return f"{call}"


def test_what_is_no_definition_is_refused_with_its_reason() -> None:
    with pytest.raises(ValueError, match="names must be str, int, float, bool or a Literal"):
        Command(lists, "lists", "Lists")
    with pytest.raises(ValueError, match="is no name for a command"):
        Command(fine, "Fine Things Here", "Too many words")
    with pytest.raises(ValueError, match="needs a description"):
        Command(fine, "fine", "")
