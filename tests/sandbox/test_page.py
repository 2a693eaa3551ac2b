"""The sandbox's page: what a browser is served, and that text stays text."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest

from sandbox.building import build
from sandbox.server import Sandbox
from sandbox.world import load_world

SANDBOX = Path(__file__).parents[2] / "sandbox"
STATIC = SANDBOX / "static"
DEMO = SANDBOX / "worlds" / "demo.toml"
SOURCES = sorted(path for path in STATIC.rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"})
MARKDOWN = STATIC / "js" / "markdown.js"

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def parsed(text: str) -> str:
    """The module has no imports, so node can take it with a line that calls it."""
    script = f"{MARKDOWN.read_text(encoding='utf-8')}\nconsole.log(JSON.stringify(parse({json.dumps(text)})));"
    command = ["node", "--input-type=module", "-"]
    return subprocess.run(command, input=script, check=True, capture_output=True, text=True, timeout=20).stdout


async def test_the_page_comes_with_every_file_it_asks_for() -> None:
    async with Sandbox(load_world(DEMO)) as box, httpx2.AsyncClient(base_url=box.page_url) as browser:
        page = await browser.get("/")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        wanted = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
        for path in SOURCES:
            if path.suffix == ".js":
                folder = path.parent
                imports = re.findall(r'from "(\.[^"]+)"', path.read_text(encoding="utf-8"))
                wanted |= {f"/static/{(folder / name).resolve().relative_to(STATIC).as_posix()}" for name in imports}
        for path in sorted(wanted):
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            if path.endswith(".js"):
                assert "javascript" in answer.headers["content-type"]


def test_the_page_calls_nobody_but_this_machine() -> None:
    for path in SOURCES:
        for address in re.findall(r"(?:https?|wss?):\\?/\\?/[^\s\"'`<>;)]+", path.read_text(encoding="utf-8")):
            host = address.split("/")[2]
            namespace = "www.w3.org/" in address
            assert namespace or re.match(r"127\.0\.0\.1|localhost|discord\.com$|\(", host), f"{path}: {address}"


def test_the_page_allows_scripts_from_its_own_server_only() -> None:
    policy = re.search(r'content="(default-src[^"]+)"', (STATIC / "index.html").read_text(encoding="utf-8"))
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["style-src"] == "'self'"


def test_no_text_can_become_markup() -> None:
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source), (
            path
        )


@needs_node
@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("**bold** and *italic*", ["bold", "italic"]),
        ("__under__ ~~gone~~ ||hidden||", ["underline", "strike", "spoiler"]),
        ("# Title\n- one\n  - two\n> said", ["heading", "list", "quote"]),
        ("see <@12>, <@&3>, <#4> at <t:1700000000:R> <:wave:5>", ["user", "role", "channel", "time", "emoji"]),
        ("[here](https://example.com) or https://example.com/a_(b).", ["link", "https://example.com/a_(b)"]),
        ("```py\nprint('<b>')\n```", ["code", "py", "print('<b>')"]),
    ],
)
def test_markdown_is_understood_as_discord_does(text: str, kinds: list[str]) -> None:
    tree = parsed(text)
    for kind in kinds:
        assert json.dumps(kind) in tree


@needs_node
@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "<javascript:alert(1)>",
        "[https://a.example](https://b.example)x",
        "a_b_c 2 * 3 * 4",
        "```",
    ],
)
def test_what_is_no_markdown_stays_the_text_it_was(text: str) -> None:
    tree = parsed(text)
    assert '"masked"' not in tree
    assert '"javascript' not in tree
    assert '"italic"' not in tree


def test_the_demo_world_is_whole_and_fresh() -> None:
    contents = build(load_world(DEMO)).contents
    names = {channel.name for channel in contents.channels.values()}
    assert {"general", "random", "dev", "ops", "design", "leads", "incident-review"} <= names
    assert 250 <= len(contents.messages) <= 400
    texts = " ".join(message.content for message in contents.messages.values())
    known = {str(user) for user in contents.users}
    assert set(re.findall(r"<@(\d+)>", texts)) <= known


def test_what_is_said_among_the_leads_is_said_nowhere_else() -> None:
    contents = build(load_world(DEMO)).contents
    private = {channel.id for channel in contents.channels.values() if channel.name == "leads"}
    for message in contents.messages.values():
        if message.channel_id not in private:
            assert "184,000" not in message.content
            assert "Lantern" not in message.content
