"""What a server wants to know is asked of whoever asked for the call, and of nobody else."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from pydantic import JsonValue

from bot.mcp.elicitation import DiscordElicitor
from mcp_servers.outside.people import Action, Answered, Elicitation
from tests.bot.mcp.stage import Stage, buttons, labels, stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRIP: Mapping[str, JsonValue] = {
    "type": "object",
    "properties": {
        "town": {"type": "string", "title": "Town", "description": "Where to", "minLength": 2},
        "nights": {"type": "integer", "title": "Nights", "minimum": 1, "maximum": 30, "default": 2},
        "room": {"type": "string", "title": "Room", "enum": ["s", "d"], "enumNames": ["Single", "Double"]},
        "meals": {
            "type": "array",
            "title": "Meals",
            "items": {"anyOf": [{"const": "b", "title": "Breakfast"}, {"const": "l", "title": "Lunch"}]},
        },
        "mail": {"type": "string", "title": "Mail", "format": "email"},
        "window": {"type": "boolean", "title": "Window", "default": True},
    },
    "required": ["town", "nights", "mail"],
}
YES_NO: Mapping[str, JsonValue] = {"type": "object", "properties": {"sure": {"type": "boolean"}}, "required": ["sure"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("stage")) as made:
        yield made


def ask(there: Stage, message: str, schema: Mapping[str, JsonValue], **more: object) -> "asyncio.Task[Answered]":
    url, seconds = more.get("url"), more.get("seconds", 20.0)
    assert url is None or isinstance(url, str)
    assert isinstance(seconds, float)
    question = Elicitation("travel", message, schema, url=url, seconds=seconds)
    return asyncio.create_task(DiscordElicitor(there.places).elicit(question, there.context()))


async def answer(asked: "asyncio.Task[Answered]") -> Answered:
    async with asyncio.timeout(10):
        return await asked


async def test_a_form_is_filled_in_over_two_pages(there: Stage) -> None:
    asked = ask(there, "Where do you want to go?", TRIP)
    question = await there.question("Where do you want to go?")
    first = await there.open("mia", question, "Answer")
    assert [each["label"] for each in labels(first)] == ["Town", "Nights", "Room", "Meals", "Mail"]
    await there.send(
        "mia", first, Town="Bergen", Nights="3", Room="Double", Meals=["Breakfast", "Lunch"], Mail="mia@example.org"
    )
    more = await there.whispered("mia", "1 more to fill in")
    assert not asked.done()
    await there.send("mia", await there.open("mia", more, "Continue"))

    town: dict[str, JsonValue] = {
        "town": "Bergen",
        "nights": 3,
        "room": "d",
        "meals": ["b", "l"],
        "mail": "mia@example.org",
        "window": True,
    }
    assert await answer(asked) == Answered(Action.ACCEPT, town)
    closed = await there.shown(question, "✅ answered")
    assert not closed.components
    assert "Bergen" not in closed.content


async def test_what_is_optional_may_be_left_empty(there: Stage) -> None:
    schema: Mapping[str, JsonValue] = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "size": {"type": "number"}},
    }
    asked = ask(there, "Anything to say?", schema)
    form = await there.open("mia", await there.question("Anything to say?"), "Answer")
    await there.send("mia", form)

    assert await answer(asked) == Answered(Action.ACCEPT, {})


async def test_a_wrong_answer_is_explained_and_can_be_corrected(there: Stage) -> None:
    asked = ask(there, "And where to now?", TRIP)
    form = await there.open("mia", await there.question("And where to now?"), "Answer")
    await there.send("mia", form, Town="Oslo", Nights="many", Mail="nowhere")
    told = await there.whispered("mia", "Nights must be a whole number")
    assert "Mail must be an e-mail address" in told.content

    again = await there.open("mia", told, "Correct it")
    filled = [str(dict(each)["component"]) for each in labels(again)]
    assert any("Oslo" in each for each in filled)
    await there.send("mia", again, Nights="4", Mail="mia@example.org")
    more = await there.whispered("mia", "1 more to fill in", after=told.id)
    await there.send("mia", await there.open("mia", more, "Continue"), Window="No")

    content = (await answer(asked)).content
    assert content == {"town": "Oslo", "nights": 4, "mail": "mia@example.org", "window": False}


@pytest.mark.parametrize(("label", "sure"), [("Yes", True), ("No", False)])
async def test_a_yes_or_no_is_two_buttons(there: Stage, label: str, sure: bool) -> None:
    asked = ask(there, f"Are you sure ({label})?", YES_NO)
    await there.press("mia", await there.question(f"Are you sure ({label})?"), label)

    assert await answer(asked) == Answered(Action.ACCEPT, {"sure": sure})


@pytest.mark.parametrize(("label", "action"), [("Decline", Action.DECLINE), ("Cancel", Action.CANCEL)])
async def test_nobody_has_to_answer(there: Stage, label: str, action: Action) -> None:
    asked = ask(there, f"May I ({label})?", TRIP)
    await there.press("mia", await there.question(f"May I ({label})?"), label)

    assert await answer(asked) == Answered(action, {})


async def test_only_the_asker_may_answer(there: Stage) -> None:
    asked = ask(there, "For Mia alone?", YES_NO)
    question = await there.question("For Mia alone?")
    await there.press("bob", question, "Yes")
    await there.whispered("bob", "Only mia can answer this.")
    assert not asked.done()
    await there.press("mia", question, "No")

    assert (await answer(asked)).content == {"sure": False}


async def test_a_question_that_nobody_answers_ends(there: Stage) -> None:
    asked = ask(there, "Is anybody there?", YES_NO, seconds=0.3)
    question = await there.question("Is anybody there?")

    assert await answer(asked) == Answered(Action.CANCEL, {})
    assert not (await there.shown(question, "⌛ not answered")).components


async def test_an_answer_that_comes_too_late_is_none(there: Stage) -> None:
    asked = ask(there, "Quickly, where to?", TRIP, seconds=1.0)
    form = await there.open("mia", await there.question("Quickly, where to?"), "Answer")
    assert (await answer(asked)).action is Action.CANCEL
    await there.send("mia", form, Town="Oslo", Mail="mia@example.org")

    await there.whispered("mia", "This question has ended.")


async def test_a_cancelled_call_takes_its_question_away(there: Stage) -> None:
    asked = ask(there, "Are you still there?", YES_NO)
    question = await there.question("Are you still there?")
    asked.cancel()
    await asyncio.wait({asked})

    assert question.id not in there.box.state.contents.messages


async def test_what_a_server_says_has_no_effect(there: Stage) -> None:
    evil = "@everyone **Bold**\n-# small [click](https://evil.example) <@1> `x`\n# Big\n" + "*" * 5000
    asked = ask(there, evil, YES_NO)
    question = await there.question("Never type passwords")
    body = question.content

    assert not question.mention_everyone
    assert question.mentions == []
    assert "**Bold**" not in body
    assert "https://evil.example" not in body
    assert r"\[click\](" in body
    assert all(line.startswith("> ") for line in body.splitlines()[1:-1])
    assert len(body) <= 2000
    await there.press("mia", question, "Cancel")
    await answer(asked)


async def test_a_page_to_open_is_shown_plainly_and_never_fetched(there: Stage) -> None:
    url = "https://pay.example/checkout?id=7"
    asked = ask(there, "Please pay", {}, url=url)
    question = await there.question("Please pay")

    assert "a page of **pay.example**" in question.content
    assert f"`{url}`" in question.content
    assert [each.get("url") for each in buttons(question)] == [url, None, None, None]
    await there.press("mia", question, "Done")
    assert await answer(asked) == Answered(Action.ACCEPT, {})


@pytest.mark.parametrize(
    "url",
    [
        "http://pay.example/",
        "javascript:alert(1)",
        "https://user@pay.example/",
        "https://p.example/`x",
        "https://[",
        "",
    ],
)
async def test_no_other_page_is_shown(there: Stage, url: str) -> None:
    assert await answer(ask(there, "Open this", {}, url=url)) == Answered(Action.DECLINE, {})


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"deep": {"type": "object"}}},
        {"properties": {"list": {"type": "array", "items": {"type": "string"}}}},
        {"properties": ["name"]},
        {"properties": {"name": "string"}},
        {"properties": {f"f{number}": {"type": "string"} for number in range(26)}},
    ],
)
async def test_what_no_form_can_ask_is_declined(there: Stage, schema: Mapping[str, JsonValue]) -> None:
    assert await answer(ask(there, "Strange", schema)) == Answered(Action.DECLINE, {})


async def test_where_the_bot_cannot_write_nobody_is_asked(there: Stage) -> None:
    there.box.faults.answer(403, method="POST", path="/messages$", who="digm")
    assert await answer(ask(there, "Can you hear me?", YES_NO)) == Answered(Action.CANCEL, {})
