"""Who has no access to a channel gets neither its messages nor its name, by nothing that the endpoint offers."""

import json
from collections.abc import Mapping, Sequence

import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_types import EmbeddedResource, PromptReference, ResourceTemplateReference, TextContent, TextResourceContents

from chat.channels import Channel
from chat.ids import GuildId
from chat.people import Person
from mcp_servers.offered.tokens import Scope
from tests.mcp_servers.offered.harbour import ERAS, Era, Harbour, later
from tests.tools.world import BASE, Town

NAME = "zanzibar"
WORDS = "quokka"
both_eras = pytest.mark.parametrize("era", ERAS)


def hide(town: Town) -> Channel:
    """A channel for leads, with a message in it; and a server that only Ada is on."""
    secret = town.add_channel(town.here, f"{NAME}-plans", {"lead": BASE, "bot": BASE}, category=f"{NAME} things")
    town.say(secret, town.ada, f"the {WORDS} is in the vault")
    elsewhere = town.add_guild(f"{NAME} club")
    town.add_member(elsewhere, "ada", person=town.ada)
    town.say(town.add_channel(elsewhere, f"{NAME}-hall"), town.ada, f"a {WORDS} for members")
    return secret


async def everything(client: Client, town: Town, secret: Channel) -> list[str]:
    """What comes back from each tool, resource, prompt and completion, asked for the hidden in many ways."""
    message = town.places[secret.id].messages[0]
    answers = await by_tools(client, secret, message.id, message.link)
    for guild in (secret.guild_id, *town.guilds):
        for uri in (
            f"discord://{guild}",
            f"discord://{guild}/{secret.id}",
            f"discord://{guild}/{secret.id}/{message.id}",
        ):
            answers.append(await resource(client, uri))
    answers.append(await resource(client, f"discord://@me/{secret.id}"))
    cursor = None
    while True:
        page = await client.list_resources(cursor=cursor)
        answers.append(page.model_dump_json())
        for listed in page.resources:
            answers.append(await resource(client, listed.uri))
        if (cursor := page.next_cursor) is None:
            break
    answers.append((await client.list_resource_templates()).model_dump_json())
    for listed in (await client.list_prompts()).prompts:
        for channel in (secret.name, str(secret.id), NAME, "", "general"):
            answers.append(await prompt(client, listed.name, channel))
    return answers + await by_completion(client, secret)


async def by_tools(client: Client, secret: Channel, message_id: int, link: str) -> list[str]:
    meant = [secret.name, f"#{secret.name}", str(secret.id), f"<#{secret.id}>", NAME, f"Town/{secret.name}"]
    words: Mapping[str, Sequence[object]] = {
        "channel": meant,
        "query": [WORDS, NAME, secret.name],
        "message": [str(message_id), link],
        "name": [None, NAME, "ada"],
        "before": [None],
        "server": ["Town", f"{NAME} club", None],
        "fact_id": ["1"],
        "reminder_id": ["1"],
        "zone": ["Europe/Berlin"],
        "text": ["hello"],
        "instruction": ["say hello"],
        "emoji": ["🙂"],
        "delay_seconds": [60],
    }
    answers: list[str] = []
    for each in (await client.list_tools()).tools:
        known: Mapping[str, object] = each.input_schema["properties"]
        first = {name: values[0] for name, values in words.items() if name in known}
        tried = [first] + [{**first, name: value} for name in first for value in words[name]]
        for given in tried:
            for some in (given, {name: value for name, value in given.items() if name != "channel"}):
                result = await client.call_tool(each.name, {k: v for k, v in some.items() if v is not None})
                answers.append(without_echo(result.model_dump_json(), some))
    return answers


def without_echo(answer: str, given: Mapping[str, object]) -> str:
    """What the caller wrote themselves may come back in a refusal."""
    for value in given.values():
        answer = answer.replace(f"“{value}”", "“…”").replace(f"'{value}'", "'…'")
        answer = answer.replace(json.dumps(f"“{value}”")[1:-1], "“…”")
    return answer


async def resource(client: Client, uri: str) -> str:
    try:
        contents = (await client.read_resource(uri)).contents
    except MCPError as error:
        return error.message
    return "".join(part.text for part in contents if isinstance(part, TextResourceContents))


async def prompt(client: Client, name: str, channel: str) -> str:
    try:
        messages = (await client.get_prompt(name, {"channel": channel})).messages
    except MCPError as error:
        return error.message.replace(f"“{channel}”", "“…”")
    parts = [message.content for message in messages]
    texts = [part.text for part in parts if isinstance(part, TextContent)]
    embedded = [part.resource for part in parts if isinstance(part, EmbeddedResource)]
    return "".join(texts + [each.text for each in embedded if isinstance(each, TextResourceContents)])


async def by_completion(client: Client, secret: Channel) -> list[str]:
    answers: list[str] = []
    prompts = [PromptReference(type="ref/prompt", name=name) for name in ("catch_me_up", "summarise_channel")]
    template = ResourceTemplateReference(type="ref/resource", uri="discord://{guild}/{channel}")
    for begun in ("", NAME, "z", str(secret.id)[:5]):
        answers += [
            (await client.complete(ref, {"name": "channel", "value": begun})).model_dump_json() for ref in prompts
        ]
        for name in ("guild", "channel"):
            for filled in (None, {"guild": str(secret.guild_id)}):
                done = await client.complete(template, {"name": name, "value": begun}, context_arguments=filled)
                answers.append(done.model_dump_json())
    return answers


def leaks(answers: Sequence[str]) -> list[str]:
    return [answer for answer in answers if NAME in answer or WORDS in answer]


@both_eras
async def test_a_stranger_to_a_channel_learns_nothing_of_it(port: Harbour, era: Era) -> None:
    secret = hide(port.town)
    async with port.client(await port.token(port.town.mia, Scope.WRITE), era) as client:
        answers = await everything(client, port.town, secret)

    assert len(answers) > 150
    assert leaks(answers) == []
    assert not any(str(secret.id) in answer for answer in answers if '"values"' in answer)


async def test_the_same_ways_lead_there_for_who_has_access(port: Harbour) -> None:
    secret = hide(port.town)
    async with port.client(await port.token(port.town.ada, Scope.WRITE)) as client:
        answers = await everything(client, port.town, secret)

    found = leaks(answers)
    assert len(found) > 30
    assert any(WORDS in answer for answer in found)
    assert any('"values"' in answer for answer in found)


async def test_a_right_that_is_taken_away_counts_at_once(port: Harbour) -> None:
    secret = hide(port.town)
    async with port.client(await port.token(port.town.ada, Scope.WRITE)) as client:
        before = leaks(await everything(client, port.town, secret))
        port.town.places[secret.id].rights.clear()
        elsewhere = next(guild for guild in port.town.guilds if guild != port.town.here.id)
        del port.town.people[GuildId(elsewhere)][port.town.ada.id]
        after = leaks(await everything(client, port.town, secret))

    assert before
    assert after == []


@both_eras
async def test_who_has_left_every_server_gets_nothing(port: Harbour, era: Era) -> None:
    async with port.client(await port.token(port.town.tom, Scope.WRITE), era) as client:
        assert not (await client.call_tool("list_channels", {})).is_error
        del port.town.people[port.town.here.id][port.town.tom.id]
        result = await client.call_tool("list_channels", {})
        for asking in (
            client.list_resources(),
            client.read_resource(f"discord://{port.town.here.id}/{port.town.general.id}"),
            client.get_prompt("catch_me_up", {}),
            client.complete(PromptReference(type="ref/prompt", name="catch_me_up"), {"name": "channel", "value": ""}),
        ):
            with pytest.raises(MCPError, match="share no server"):
                await asking

    assert result.is_error
    assert "share no server" in result.model_dump_json()


async def connects(port: Harbour, secret: str) -> bool:
    try:
        async with port.client(secret) as client:
            await client.list_tools()
    except (ExceptionGroup, MCPError):
        return False
    return True


async def test_only_a_valid_token_opens(port: Harbour) -> None:
    mia: Person = port.town.mia
    good, short = await port.token(mia), await port.token(mia, days=1)
    minted = await port.tokens.mint(mia.id)

    assert await connects(port, good)
    assert await connects(port, short)
    assert await connects(port, minted.secret)
    assert not await connects(port, "digm_unknown")
    assert not await connects(port, "x" * 5000)
    assert not await connects(port, good[:-1])
    await port.tokens.revoke(mia.id, minted.token.id)
    later(port, days=1, seconds=1)
    assert not await connects(port, minted.secret)
    assert not await connects(port, short)
    assert await connects(port, good)
    await port.tokens.forget(mia.id)
    assert not await connects(port, good)


@both_eras
async def test_a_token_that_ends_in_the_middle_ends_the_connection(port: Harbour, era: Era) -> None:
    minted = await port.tokens.mint(port.town.mia.id)
    async with port.client(minted.secret, era) as client:
        assert not (await client.call_tool("list_channels", {})).is_error
        await port.tokens.revoke(port.town.mia.id, minted.token.id)
        with pytest.raises(MCPError):
            await client.call_tool("list_channels", {})
