"""World files: what they can say, and how they are told what is wrong with them."""

import json
from pathlib import Path

import pytest

from sandbox import Sandbox, WorldError, load_world
from sandbox.building import build
from sandbox.snowflake import time_of
from tests.sandbox.clients import Visit
from tests.sandbox.world import little_world

GOOD = """
[[bots]]
name = "digm"
intents = ["message_content"]

[[guilds]]
name = "Home"
owner = "ada"

[[guilds.roles]]
name = "crew"
permissions = ["MANAGE_MESSAGES", "kick_members"]
color = "#ff8800"

[[guilds.members]]
name = "ada"
display_name = "Ada"
roles = ["crew"]

[[guilds.channels]]
name = "Talk"
kind = "category"

[[guilds.channels]]
name = "general"
parent = "Talk"
topic = "Everything"

[[guilds.channels]]
name = "a private word"
kind = "private_thread"
parent = "general"
members = ["ada"]

[[guilds.messages]]
channel = "general"
author = "ada"
text = "welcome"
at = 2026-01-02T03:04:05Z
attachments = [{ name = "rules.txt", text = "be kind" }]
reactions = [{ emoji = "👍", by = ["ada", "digm"] }]

[[direct_messages]]
author = "ada"
to = "digm"
text = "hello you"
ago = "2h"
"""


def test_a_world_file_gives_the_same_ids_each_time_and_messages_their_time(tmp_path: Path) -> None:
    path = tmp_path / "world.toml"
    path.write_text(GOOD, encoding="utf-8")
    first, second = (build(load_world(path)).contents for _ in range(2))
    assert first.guilds.keys() == second.guilds.keys()
    assert first.channels.keys() == second.channels.keys()
    said = next(message for message in first.messages.values() if message.content == "welcome")
    assert time_of(said.id) == said.created_at
    assert said.created_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert len(said.reactions["👍"]) == 2
    assert {channel.type for channel in first.channels.values()} == {0, 1, 4, 12}


def test_the_same_world_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    path.write_text(json.dumps({"guilds": [{"name": "G", "owner": "a", "members": [{"name": "a"}]}]}), encoding="utf-8")
    assert load_world(path).guilds[0].name == "G"


def test_every_problem_of_a_world_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "world.toml"
    text = GOOD.replace('roles = ["crew"]', 'roles = ["crow"]').replace(
        'author = "ada"\ntext', 'author = "nobody"\ntext'
    )
    text = text.replace('parent = "Talk"', 'parent = "Walk"').replace('ago = "2h"', 'ago = "long"')
    text += '\n[[guilds]]\nname = "Home"\nowner = "ada"\n'
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorldError) as caught:
        load_world(path)
    told = "\n".join(caught.value.problems)
    for part in ("crow", "nobody", "Walk", '"long"', "already a guild"):
        assert part in told
    assert all(str(path) in problem for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("guilds = 3", "guilds"),
        ("[[guilds]]\nname = 'x'", "guilds[0].owner: is missing"),
        ("[[guilds]]\nname = 'x'\nowner = 'y'\ncolour = 1", "guilds[0].colour: there is no such key here"),
        (
            "[[guilds]]\nname='x'\nowner='y'\n[[guilds.roles]]\nname='r'\npermissions=['FLY']",
            "'FLY' is no permission of Discord",
        ),
        ("[[guilds]", "is not valid TOML"),
        ("[[people]]\nname='a'\n[[people]]\nname='a'", "already somebody of this name"),
        ("[[people]]\nname='a'\ntoken='t'\n[[people]]\nname='b'\ntoken='t'", "already has this token"),
    ],
)
def test_a_malformed_world_names_the_entry(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "world.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorldError, match=r"world\.toml") as caught:
        load_world(path)
    assert told in str(caught.value)


def test_a_missing_or_binary_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot be read"):
        load_world(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WorldError, match="not UTF-8"):
        load_world(tmp_path / "binary.toml")


async def test_what_was_said_survives_a_restart_with_a_state_file(tmp_path: Path) -> None:
    state_file = tmp_path / "state.json"
    async with Visit(Sandbox(little_world(), state_file=state_file)) as visit:
        said = await visit.rest("mia").say("general", "remember me")
    async with Visit(Sandbox(little_world(), state_file=state_file)) as visit:
        path = f"/channels/{said['channel_id']}/messages/{said['id']}"
        assert (await visit.rest("mia").ask("GET", path)).data["content"] == "remember me"
    state_file.write_text("{}", encoding="utf-8")
    with pytest.raises(WorldError, match="no state file"):
        Sandbox(little_world(), state_file=state_file)


async def test_an_ephemeral_answer_does_not_come_back_for_all_after_a_restart(tmp_path: Path) -> None:
    state_file = tmp_path / "state.json"
    box = Sandbox(little_world(), state_file=state_file)
    async with Visit(box) as visit:
        said = await visit.rest("mia").say("general", "between us")
        box.state.contents.messages[int(said["id"])].ephemeral_to = box.person("mia").id
    async with Visit(Sandbox(little_world(), state_file=state_file)) as visit:
        listed = await visit.rest("ada").ask("GET", f"/channels/{said['channel_id']}/messages")
        assert "between us" not in [message["content"] for message in listed.data]


def test_the_documented_world_is_a_world(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    path = tmp_path / "world.toml"
    path.write_text(text.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert [channel.name for channel in load_world(path).guilds[0].channels][:2] == ["Talk", "general"]


def test_the_demo_world_is_a_world() -> None:
    assert load_world(Path(__file__).parents[2] / "sandbox" / "worlds" / "demo.toml").guilds
