"""Commands, clicks, choices and forms: from a person to the bot and back."""

import pytest

from sandbox.interactions import ANSWER_WITHIN
from tests.sandbox.clients import Json, Rest, Socket, Visit

ECHO = {
    "name": "echo",
    "description": "Say it again",
    "options": [
        {"type": 3, "name": "text", "description": "What", "required": True, "autocomplete": True},
        {"type": 6, "name": "who", "description": "To whom"},
    ],
}
BUTTON = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}


class Stage:
    """A person and a bot that know each other."""

    def __init__(self, visit: Visit, mia: Socket, bot: Socket) -> None:
        self.visit, self.mia, self.bot = visit, mia, bot
        self.person, self.app = visit.rest("mia"), visit.rest("digm")
        self.app_id = str(visit.box.person("digm").id)

    async def register(self, *commands: Json) -> Json:
        return (await self.app.ask("PUT", f"/applications/{self.app_id}/commands", list(commands))).data

    async def begin(self, kind: int, data: Json, message_id: str | None = None) -> Json:
        body = {
            "type": kind,
            "application_id": self.app_id,
            "guild_id": str(self.visit.box.state.guild_named("Workshop").id),
            "channel_id": str(self.person.channel("general")),
            "nonce": f"nonce-{kind}",
            "data": data,
            "message_id": message_id,
        }
        answer = await self.person.ask("POST", "/interactions", body)
        assert answer.status == 204, answer.data
        return await self.bot.event("INTERACTION_CREATE")

    async def answer(self, event: Json, kind: int, data: Json = None) -> Json:
        path = f"/interactions/{event['id']}/{event['token']}/callback?with_response=1"
        return await Rest(self.visit.http, self.visit.box, None).ask("POST", path, {"type": kind, "data": data})

    async def run_echo(self, text: str) -> Json:
        (command,) = await self.register(ECHO)
        options = [{"type": 3, "name": "text", "value": text}]
        return await self.begin(2, {"id": command["id"], "name": "echo", "type": 1, "options": options})


@pytest.fixture
async def stage(visit: Visit) -> Stage:
    return Stage(visit, await visit.socket("mia"), await visit.socket("digm"))


async def test_a_command_is_found_run_and_answered(stage: Stage) -> None:
    event = await stage.run_echo("hello")
    assert event["data"]["options"] == [{"type": 3, "name": "text", "value": "hello"}]
    assert event["member"]["user"]["username"] == "mia"
    guild = event["guild_id"]
    index = await stage.person.ask("GET", f"/guilds/{guild}/application-command-index")
    assert [one["name"] for one in index.data["application_commands"]] == ["echo"]
    answer = await stage.answer(event, 4, {"content": "hello"})
    assert answer.data["resource"]["message"]["content"] == "hello"
    assert (await stage.mia.event("MESSAGE_CREATE"))["interaction_metadata"]["user"]["username"] == "mia"
    assert (await stage.mia.event("INTERACTION_SUCCESS"))["nonce"] == "nonce-2"
    assert (await stage.answer(event, 4, {"content": "again"})).data["code"] == 40060


async def test_an_ephemeral_answer_reaches_its_person_only(stage: Stage) -> None:
    ada = await stage.visit.socket("ada")
    event = await stage.run_echo("psst")
    await stage.answer(event, 4, {"content": "only you", "flags": 64})
    seen = await stage.mia.event("MESSAGE_CREATE")
    assert (seen["content"], seen["flags"] & 64) == ("only you", 64)
    await stage.person.say("general", "for all")
    assert (await ada.event("MESSAGE_CREATE"))["content"] == "for all"
    listed = await stage.person.ask("GET", f"/channels/{stage.person.channel('general')}/messages")
    assert "only you" not in [message["content"] for message in listed.data]
    hook = f"/webhooks/{stage.app_id}/{event['token']}/messages/@original"
    await stage.app.ask("PATCH", hook, {"content": "still only you"})
    assert (await stage.mia.event("MESSAGE_UPDATE"))["content"] == "still only you"
    assert (await stage.app.ask("DELETE", hook)).status == 204
    await stage.mia.event("MESSAGE_DELETE")


async def test_thinking_becomes_the_answer_and_more_may_follow(stage: Stage) -> None:
    event = await stage.run_echo("slowly")
    await stage.answer(event, 5)
    thinking = await stage.mia.event("MESSAGE_CREATE")
    assert thinking["flags"] & 128
    hook = f"/webhooks/{stage.app_id}/{event['token']}"
    await stage.app.ask("PATCH", f"{hook}/messages/@original", {"content": "done"})
    update = await stage.mia.event("MESSAGE_UPDATE")
    assert (update["id"], update["content"], update["flags"] & 128) == (thinking["id"], "done", 0)
    more = await stage.app.ask("POST", f"{hook}?wait=true", {"content": "and more"})
    assert more.data["content"] == "and more"
    assert (await stage.app.ask("POST", f"/webhooks/{stage.app_id}/wrong", {"content": "x"})).data["code"] == 10015


async def test_a_click_reaches_the_bot_with_its_message_and_updates_it(stage: Stage) -> None:
    said = await stage.app.say("general", "ready?", components=[BUTTON])
    event = await stage.begin(3, {"component_type": 2, "custom_id": "go"}, message_id=said["id"])
    assert (event["message"]["id"], event["data"]["custom_id"]) == (said["id"], "go")
    await stage.answer(event, 7, {"content": "gone", "components": []})
    update = await stage.mia.event("MESSAGE_UPDATE")
    assert (update["content"], update["components"]) == ("gone", [])
    refused = await stage.person.ask(
        "POST",
        "/interactions",
        {
            "type": 3,
            "application_id": stage.app_id,
            "guild_id": event["guild_id"],
            "channel_id": said["channel_id"],
            "message_id": said["id"],
            "data": {"component_type": 2, "custom_id": "go"},
        },
    )
    assert refused.data["code"] == 50035  # the button is no longer there


async def test_choices_while_typing_go_to_the_person(stage: Stage) -> None:
    (command,) = await stage.register(ECHO)
    options = [{"type": 3, "name": "text", "value": "he", "focused": True}]
    event = await stage.begin(4, {"id": command["id"], "name": "echo", "type": 1, "options": options})
    await stage.answer(event, 8, {"choices": [{"name": "hello", "value": "hello"}]})
    offered = await stage.mia.event("APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE")
    assert (offered["nonce"], offered["choices"][0]["name"]) == ("nonce-4", "hello")


async def test_a_form_is_shown_filled_in_and_sent(stage: Stage) -> None:
    event = await stage.run_echo("form")
    field = {"type": 4, "custom_id": "why", "label": "Why?", "style": 1}
    form = {"custom_id": "f1", "title": "Reasons", "components": [{"type": 1, "components": [field]}]}
    await stage.answer(event, 9, form)
    shown = await stage.mia.event("INTERACTION_MODAL_CREATE")
    assert (shown["title"], shown["id"]) == ("Reasons", event["id"])
    filled = [{"type": 1, "components": [{"type": 4, "custom_id": "why", "value": "because"}]}]
    sent = await stage.begin(5, {"id": shown["id"], "custom_id": "f1", "components": filled})
    assert sent["data"]["components"][0]["components"][0]["value"] == "because"
    assert (await stage.answer(sent, 4, {"content": "thanks"})).status == 200


async def test_a_person_chosen_in_a_command_comes_resolved(stage: Stage) -> None:
    (command,) = await stage.register(ECHO)
    bob = str(stage.visit.box.person("bob").id)
    options = [{"type": 3, "name": "text", "value": "hi"}, {"type": 6, "name": "who", "value": bob}]
    event = await stage.begin(2, {"id": command["id"], "name": "echo", "type": 1, "options": options})
    assert event["data"]["resolved"]["users"][bob]["username"] == "bob"
    assert bob in event["data"]["resolved"]["members"]


async def test_an_unanswered_interaction_fails_after_three_seconds(stage: Stage) -> None:
    assert ANSWER_WITHIN < 5
    event = await stage.run_echo("anybody?")
    assert (await stage.mia.event("INTERACTION_FAILURE"))["nonce"] == "nonce-2"
    assert (await stage.answer(event, 4, {"content": "too late"})).data["code"] == 10062


async def test_commands_need_the_right_and_their_options(stage: Stage) -> None:
    admin_only = {**ECHO, "name": "purge", "default_member_permissions": "8"}
    (echo, purge) = await stage.register(ECHO, admin_only)
    base = {
        "type": 2,
        "application_id": stage.app_id,
        "guild_id": str(stage.visit.box.state.guild_named("Workshop").id),
        "channel_id": str(stage.person.channel("general")),
    }
    for data, code in [
        ({"id": purge["id"], "name": "purge", "type": 1}, 50013),
        ({"id": echo["id"], "name": "echo", "type": 1}, 50035),
        ({"id": "77", "name": "nothing", "type": 1}, 10063),
    ]:
        assert (await stage.person.ask("POST", "/interactions", {**base, "data": data})).data["code"] == code
    bad = await stage.app.ask("PUT", f"/applications/{stage.app_id}/commands", [{"name": "Two Words"}])
    assert bad.data["code"] == 50035
