"""Every command of the plugins as a table: with the prefix and as a slash command; allowed, refused, malformed.

Bob owns the bot, Ada owns the server and no more, Mia may use puppet. Where a row has a status, Discord itself refuses
the slash command: what is not for this person (403), and what its options do not allow (400). Nobody is refused
`help`, `vc-notify`, `act`, `xkcd` and `music`: there the rows say what they leave out.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from bot.reloading import Source
from bot.settings.secrets import Redactor
from tests.life.hand import Hand
from tests.life.house import JSON, House, eventually, house
from tests.life.model import say

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "plugins"
LONG = "ü" * 1900
PINGS = "@everyone @here <@&1> \u202e🫖é"
DM = ""


@dataclass(frozen=True)
class Row:
    """One call in both forms; `told` is part of what the person is told in each."""

    command: str
    fate: str
    who: str
    words: str | None
    """After the command's name; None where there is no such form."""
    given: Mapping[str, object] | None
    told: str
    status: int = 204
    where: str = "room-1"
    first: str = ""
    """What the same person says before."""

    def __str__(self) -> str:
        return f"{self.command}-{self.fate}"


A, R, M = "allowed", "refused", "malformed"
HAS = "It is written like `!"
NOT_YOURS = "Sorry"
TABLE = (
    Row("help", A, "mia", "", {}, "`!vc-notify <follow|unfollow>` - "),
    Row("help", A, "bob", "puppet", {"command": "puppet"}, "`channel`: Where: #name or its id"),
    Row("help", "leaves-out", "ada", "puppet", {"command": "puppet"}, "no such command that you may use"),
    Row("help", A, "bob", "reload", {"command": "!reload"}, "Read the configuration again"),
    Row("help", A, "mia", "rivals", {"command": "/rivals"}, "`!rivals create <rating> [player]` - "),
    Row("help", "leaves-out", "mia", "reload", {"command": "reload"}, "no such command that you may use"),
    Row("help", M, "mia", PINGS, {"command": PINGS}, "no such command that you may use"),
    Row("help", M, "mia", LONG, {"command": LONG * 3}, "no such command that you may use"),
    Row("help", M, "mia", None, {"comand": "help"}, "", 400),
    Row("reload", A, "bob", "", {}, "Nothing has changed in the configuration.", where=DM),
    Row("reload", R, "mia", "", {}, NOT_YOURS, where=DM),
    Row("reload", R, "mia", "", {}, NOT_YOURS, 403),
    Row("reload", R, "ada", "", {}, NOT_YOURS),  # Discord shows it to her, as she owns the server
    Row("reload", R, "ada", "everything", None, NOT_YOURS),  # and how it is written is not told her
    Row("reload", M, "bob", "everything", {"what": "everything"}, f"words too many. {HAS}reload`", 400, where=DM),
    Row("vc-notify", A, "mia", "follow", {"what": "follow"}, "I will tell you", first="!vc-notify unfollow"),
    Row("vc-notify", A, "mia", "FOLLOW", None, "already", first="!vc-notify follow"),
    Row("vc-notify", A, "mia", "unfollow", {"what": "unfollow"}, "no more", first="!vc-notify follow"),
    Row("vc-notify", A, "ada", "unfollow", {"what": "unfollow"}, "You do not follow"),
    Row("vc-notify", "left-out", "mia", "follow", {"what": "follow"}, "Use this on the server", where=DM),
    Row("vc-notify", M, "mia", "", {}, f"What is missing. {HAS}vc-notify <follow|unfollow>`", 400),
    Row("vc-notify", M, "mia", "perhaps", {"what": "perhaps"}, "What is one of follow, unfollow", 400),
    Row("vc-notify", M, "mia", "follow me", {"what": "follow", "whom": "me"}, "words too many", 400),
    Row("puppet", A, "bob", f"#ops {PINGS}", {"channel": "#ops", "text": PINGS}, "Said: https://"),
    Row("puppet", A, "bob", "board  hear ye", {"channel": "board", "text": "hear ye"}, "Said: https://", where=DM),
    Row("puppet", A, "mia", "#OPS tea", {"channel": "#OPS", "text": "tea"}, "Said: https://", where=DM),
    Row("puppet", R, "ada", "#ops hm", {"channel": "#ops", "text": "hm"}, NOT_YOURS),
    Row("puppet", R, "mia", "#board hm", {"channel": "#board", "text": "hm"}, "no such channel where I may write"),
    Row("puppet", R, "mia", "#crew-only hm", {"channel": "#crew-only", "text": "hm"}, "no such channel where I may"),
    Row("puppet", M, "bob", "", {}, f"Channel is missing. {HAS}puppet <channel> <text>`", 400),
    Row("puppet", M, "bob", "#ops", {"channel": "#ops"}, "Text is missing", 400),
    Row("puppet", M, "bob", None, {"channel": "#ops", "text": "  "}, "Text is missing"),
    Row("puppet", M, "bob", "<#7> hm", {"channel": "<#7>", "text": "hm"}, "no such channel where I may write"),
    Row("puppet", M, "bob", f"{LONG} hm", {"channel": LONG, "text": "hm"}, "no such channel where I may write"),
    Row("puppet", M, "bob", None, {"channel": "#ops", "text": "🫖" * 1001}, "That is too long"),
    Row("act", A, "mia", "water the ferns", {"instruction": "water the ferns"}, "They are watered."),
    Row("act", A, "mia", LONG, {"instruction": "ü\n" * 3000}, "So many"),
    Row("act", "left-out", "mia", None, {"instruction": "hm"}, "You may not write in this channel", where="board"),
    Row("act", M, "mia", "", {}, f"Instruction is missing. {HAS}act <instruction>`", 400),
    Row("act", M, "mia", None, {"instruction": " \n"}, "Instruction is missing"),
    Row("xkcd", A, "mia", "", {}, "https://xkcd.com/221/"),
    Row("xkcd", M, "mia", "303", {"number": 303}, f"words too many. {HAS}xkcd`", 400),
    Row("music", A, "mia", "", {}, "https://example.org/tune", where=DM),
    Row("music", M, "mia", "please", {"how": "please"}, "words too many", 400),
    Row("rivals", M, "mia", "", None, "Rivals has these: create <rating> [player]"),
    Row("rivals", M, "mia", "frobnicate", None, "Rivals has these: create <rating> [player]"),
    Row(
        "rivals create", A, "mia", "700 {form}", {"rating": 700, "player": "{form}"}, "created with initial rating 700%"
    ),
    Row("rivals create", M, "mia", "lots", {"rating": "lots"}, f"Rating is a whole number. {HAS}rivals create", 400),
    Row("rivals create", M, "mia", "", {}, "Rating is missing", 400),
    Row("rivals create", M, "mia", "-1 x", {"rating": -1, "player": "x"}, "A rating is between 0 and 100000."),
    Row("rivals create", M, "mia", "1 two words", {"rating": 1, "player": LONG}, "a name of one word"),
    Row("rivals create", M, "mia", "1 x", {"rating": 1, "player": "x"}, "already exists", first="!rivals create 1 x"),
    Row("rivals delete", A, "mia", "d", {"player": "d"}, "`d` has been deleted", first="!rivals create 1 d"),
    Row("rivals delete", A, "bob", "samus", {"player": "samus"}, "deleted", where=DM, first="!rivals create 1 samus"),
    Row("rivals delete", R, "mia", "peach", {"player": "peach"}, NOT_YOURS),
    Row("rivals delete", M, "mia", PINGS, {"player": PINGS}, f"Player `{PINGS}` not found."),
    Row("rivals delete", M, "mia", LONG, {"player": LONG * 3}, "Player `üüü"),
    Row("rivals delete", M, "mia", "", {}, "Player is missing", 400),
    Row("rivals list", A, "mia", "", {}, "• `peach`: 900% (owner: <@"),
    Row("rivals list", M, "mia", "all", {"of": "all"}, "words too many", 400),
    Row(
        "rivals preview",
        A,
        "mia",
        "peach kirby",
        {"player": "peach", "other": "kirby"},
        "with 0 stock(s) and 50% extra",
    ),
    Row("rivals preview", M, "mia", "peach", {"player": "peach"}, "Other is missing", 400),
    Row("rivals preview", M, "mia", "peach ghost", {"player": "peach", "other": "ghost"}, "Player `ghost` not found."),
    Row(
        "rivals report",
        *(A, "bob", "link beat link2", {"winner": "link", "beat": "beat", "loser": "link2"}),
        "Match reported:\n• Winner `link`",
    ),
    Row(
        "rivals report",
        *(R, "mia", "link beat peach", {"winner": "link", "beat": "beat", "loser": "peach"}),
        NOT_YOURS,
    ),
    Row(
        "rivals report",
        *(M, "mia", "link lost peach", {"winner": "link", "beat": "lost", "loser": "peach"}),
        "Beat is one of beat",
        400,
    ),
    Row(
        "rivals report",
        *(M, "bob", "link beat link", {"winner": "link", "beat": "beat", "loser": "link"}),
        "cannot be the same player",
    ),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def staffed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("table")) as built:
        bob, mia = built.box.person("bob").id, built.box.person("mia").id
        built.model.on("", say("Sorry, that is not for you."))  # whatever a refusal is about
        built.model.on("water the ferns", say("They are watered."))
        built.model.on("ü", say("So many!"))
        sections: dict[str, Mapping[str, object]] = {
            "general": {"bot_owners": [bob]},
            "puppet": {"accounts": [mia]},
            "plugins": {"folder": str(EXAMPLES), "music": {"url": "https://example.org/tune"}},
        }
        file = built.folder / "config.toml"
        file.touch()
        async with built.bot(source=Source(file, lambda: built.loaded(file, **sections), Redactor([]))):
            for player, rating in {"peach": 900, "kirby": 850, "link": 850, "link2": 850}.items():
                made = await built.write("bob", "room-2", f"!rivals create {rating} {player}")
                await built.reply(made, bool)
            yield built


async def place(home: House, row: Row) -> str | int:
    where = row.where or await home.direct(row.who)
    if row.first:
        await home.reply(await home.write(row.who, where, row.first), bool)
    return where


@pytest.mark.parametrize("row", [row for row in TABLE if row.words is not None], ids=str)
async def test_with_the_prefix(staffed: House, row: Row) -> None:
    where = await place(staffed, row)
    typed = f"!{row.command} {(row.words or '').format(form='prefix')}".rstrip()
    said = await staffed.reply(await staffed.write(row.who, where, typed), lambda text: row.told in text)

    assert pinged(staffed) == []
    assert said.mention_everyone is False


@pytest.mark.parametrize("row", [row for row in TABLE if row.given is not None], ids=str)
async def test_as_a_slash_command(staffed: House, row: Row) -> None:
    hand, (name, *inside) = Hand(staffed, row.who, await place(staffed, row)), row.command.split()
    given = {key: value.format(form="slash") if isinstance(value, str) else value for key, value in options(row)}
    there = set(staffed.box.state.contents.messages)
    if row.status == 204:
        await hand.command(name, *inside, **given)
        await eventually(lambda: told_since(staffed, there, row))
    else:
        await hand.unwelcome(row.status, name, *inside, **given)

    assert pinged(staffed) == []


def options(row: Row) -> list[tuple[str, object]]:
    return list((row.given or {}).items())


async def told_since(home: House, there: set[int], row: Row) -> bool:
    """Whether the person was told it, by the bot, where nobody else sees it who should not."""
    me, messages = home.box.person(row.who).id, home.box.state.contents.messages
    new = [m for number, m in messages.items() if number not in there and m.author_id == home.bot_id]
    return any(row.told in m.content and m.ephemeral_to in {None, me} for m in new)


def pinged(home: House) -> list[str]:
    """What the bot said in which anybody was mentioned."""
    return [m.content for m in home.said() if m.mention_everyone or m.mentions or m.mention_roles]


async def test_owners_commands_alone_are_hidden_from_others_by_discord(staffed: House) -> None:
    await Hand(staffed, "mia").id_of("reload")
    listed = await staffed.ask("digm", "GET", f"/applications/{staffed.bot_id}/commands")
    assert isinstance(listed, list)
    commands = {row.command.split()[0] for row in TABLE}
    needed = {each["name"]: each["default_member_permissions"] for each in map(JSON.validate_python, listed)}

    assert [name for name in commands if needed[name] is not None] == ["reload"]
    assert needed["reload"] == "0"  # nobody but administrators


async def test_the_table_has_every_command() -> None:
    fates = {(row.command, row.fate) for row in TABLE}
    commands = {row.command for row in TABLE}

    assert commands >= {"help", "reload", "vc-notify", "puppet", "act", "xkcd", "music"}
    assert {(command, A) for command in commands - {"rivals"}} | {(command, M) for command in commands} <= fates
