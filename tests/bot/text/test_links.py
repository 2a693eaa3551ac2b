"""Jump links in an answer: what is left of a text when some of them lead nowhere."""

import time

import pytest

from bot.text.links import JumpLink, finished, keeping, links
from chat.ids import ChannelId, GuildId, MessageId

GOOD = "https://discord.com/channels/1/2/3"
BAD = "https://discord.com/channels/1/2/4"
FENCED = f"```\n{BAD}\n```"


def kept(text: str) -> str:
    return keeping(text, lambda link: link.message_id == 3)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ""),
        ("no link at all ([a] (b) <c>)", "no link at all ([a] (b) <c>)"),
        (f"Mia said so: {GOOD}.", f"Mia said so: {GOOD}."),
        (f"Mia said so, see {BAD} for more.", "Mia said so, see for more."),
        (f"Mia said so ({BAD}).", "Mia said so."),
        (f"Mia said so ({GOOD}, {BAD}).", f"Mia said so ({GOOD},)."),
        (f"Mia said so <{BAD}>.", "Mia said so."),
        (f"[Mia]({BAD}) said so.", "Mia said so."),
        (f"[Mia]({GOOD}) said so.", f"[Mia]({GOOD}) said so."),
        (f"[the [big] plan](<{BAD}>)", "the [big] plan"),
        (f'[Mia]({BAD} "then")', "Mia"),
        (f"[{BAD}]({BAD}) it is", " it is"),
        (f"[]({BAD})gone", "gone"),
        (f"[Mia]({GOOD}) and [Tom]({BAD})", f"[Mia]({GOOD}) and Tom"),
        (f"- {GOOD}\n- {BAD}\n- end", f"- {GOOD}\n- end"),
        (f"1. Mia: {BAD}\n2. Tom: {GOOD}", f"1. Mia:\n2. Tom: {GOOD}"),
        (f"> said here {BAD}\nok", "> said here\nok"),
        (f"all in code:\n{FENCED}\nand {BAD}", f"all in code:\n{FENCED}\nand"),
        (f"`{BAD}` {BAD}\nok", f"`{BAD}`\nok"),
        (f"an open block\n```\n{BAD}", f"an open block\n```\n{BAD}"),
        (f"{BAD} it is ```py\n{BAD}\n```", f" it is ```py\n{BAD}\n```"),
        (f"{BAD}", ""),
        (f"{BAD}{'0' * 5000}", f"{BAD}{'0' * 5000}"),
        (f"{BAD}/ {BAD}1", ""),
        ("https://ptb.discord.com/channels/1/2/4 http://discordapp.com/channels/@me/2/4", ""),
        ("https://discord.com/channels/1/2", "https://discord.com/channels/1/2"),
        ("https://evil.example/channels/1/2/4", "https://evil.example/channels/1/2/4"),
        (f"see\0{BAD}", "see"),
    ],
)
def test_the_words_stay_and_the_link_goes(text: str, left: str) -> None:
    assert kept(text) == left


def test_links_are_found_once_each_and_not_in_code() -> None:
    mine = "https://discord.com/channels/@me/8/9"
    found = links(f"{GOOD} [x]({GOOD}) <{mine}> `{BAD}` {FENCED}\n```py\n{BAD}\n```")

    assert found == [
        JumpLink(GuildId(1), ChannelId(2), MessageId(3)),
        JumpLink(None, ChannelId(8), MessageId(9)),
    ]


@pytest.mark.parametrize("whole", [f"Mia said it {GOOD}", f"It was [Mia]({GOOD}", f"It was <{GOOD}"])
def test_a_link_that_is_still_being_written_is_not_shown_yet(whole: str) -> None:
    start = min(whole.index(mark) for mark in ("[", "<", "http") if mark in whole)
    for end in range(start + len("http"), len(whole) + 1):
        growing = whole[:end]
        assert "discord" not in finished(growing)
        assert "1/2" not in finished(growing)
    assert finished(f"{whole}) ok").endswith(") ok")


@pytest.mark.parametrize(
    "text", ["", "nothing", "https://example.org/a", "see [this](https://example.org/a", f"{GOOD} ok", f"{GOOD}\n"]
)
def test_other_text_is_shown_as_it_grows(text: str) -> None:
    assert finished(text) == text


def test_a_hostile_answer_takes_no_time() -> None:
    started = time.perf_counter()

    for piece in ("[", "[a", "[a](", f"[{BAD}", "`", "```\n", f"({BAD},", "https://discord.com/channels/1/"):
        text = piece * (20_000 // len(piece)) + GOOD
        keeping(text, lambda _: False)
        finished(text)

    assert time.perf_counter() - started < 3
