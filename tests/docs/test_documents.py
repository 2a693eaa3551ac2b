"""What the documents promise: their examples run, their links lead somewhere."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chat.channels import Channel, ChannelKind
from chat.ids import ChannelId, MessageId, UserId
from chat.messages import Message
from chat.people import Person
from tools.calls import ToolCall
from tools.context import ToolContext
from tools.native import NativeTools

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_links_within_the_project_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))

    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]

    assert not missing


async def test_the_example_of_a_tool_works() -> None:
    [example] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/tools.md").read_text(encoding="utf-8"), re.DOTALL)
    namespace: dict[str, type] = {}
    exec(compile(example, "docs/tools.md", "exec"), namespace)
    tools = NativeTools(namespace["DiceTools"]())
    ada = Person(UserId(1), "Ada")
    place = Channel(ChannelId(5), None, "ada", ChannelKind.DM)
    request = Message(MessageId(7), place.id, None, ada, "roll!", datetime(2026, 1, 1, tzinfo=UTC))
    context = ToolContext(ada, Person(UserId(2), "digmbot"), None, place, request, "run", ZoneInfo("UTC"))

    rolled = await tools.call(ToolCall("1", "roll_dice", '{"sides": 6}'), context)
    refused = await tools.call(ToolCall("2", "roll_dice", '{"sides": 7}'), context)

    assert rolled.content == "A die of 6 sides shows 2."
    assert (refused.is_error, "ask for 8" in refused.content) == (True, True)


def test_every_room_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert {room for room in rooms if f"{room}/" not in readme} == set()
