"""Who has to decide sees what it is: nothing hidden, nothing drawn as something else, no way out of its block."""

from datetime import UTC, datetime

import pytest

from bot.approval_wording import closed, question
from bot.text.plain_sight import fenced, in_plain_sight, mixed_words, one_line
from chat.channels import Channel, ChannelKind
from chat.ids import ChannelId, GuildId
from tools.approval import ApprovalRequest, Decision
from tools.calls import Effect

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
OPS = Channel(ChannelId(5), GuildId(1), "ops", ChannelKind.TEXT)


def request(text: str, title: str = "Post a message", **details: str) -> ApprovalRequest:
    return ApprovalRequest(
        key="k",
        identity="i",
        tool="post_message",
        title=title,
        effect=Effect.WRITE,
        channel=OPS,
        text=text,
        arguments={"text": text},
        reason="Because.",
        seconds=5,
        details=details,
    )


def asked(text: str, **more: str) -> str:
    return question(request(text, **more), 9, UNTIL).content


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200bb", "a‹U+200B›b"),
        ("\u202eevil", "‹U+202E›evil"),
        ("x\u2028y", "x‹U+2028›y"),
        ("\U000e0041", "‹U+E0041›"),
        ("\u3164", "‹U+3164›"),
        ("a\x00", "a‹U+0000›"),
        ("no\u00a0break", "no break"),
        ("👩\u200d🚀 ❤\ufe0f", "👩\u200d🚀 ❤\ufe0f"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Grüße, 你好, שלום", "Grüße, 你好, שלום"),
    ],
)
def test_what_nobody_would_see_is_shown_by_its_number(text: str, shown: str) -> None:
    assert in_plain_sight(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "```\n**✅ Mia agreed**",
        "`` ` ``` ````",
        "> quote\n# big\n-# small",
        "[bank](https://evil.example)",
        "||x||",
        "<@1> @everyone",
    ],
)
def test_nothing_in_the_text_can_end_its_block(text: str) -> None:
    block = fenced(text)

    assert block.startswith("```\n")
    assert block.endswith("\n```")
    assert "`" not in block[4:-4]


def test_letters_of_another_alphabet_within_a_word_are_pointed_out() -> None:
    assert mixed_words("pay p\u0430ypal now, привет, Grüße, 5€") == ["p\u0430ypal"]
    assert "Letters of two alphabets" in asked("send it to p\u0430ypal")
    assert "Letters of two alphabets" not in asked("send it to paypal")


def test_a_title_of_a_server_s_choice_is_one_line_without_markup() -> None:
    shown = one_line("Read**\n# [x](https://evil.example) @everyone", 60)

    assert "\n" not in shown
    assert "](" not in shown
    assert "@everyone" not in shown
    assert one_line("x" * 100, 60) == "x" * 60


def test_the_question_says_who_what_where_and_until_when() -> None:
    first, act, *block = asked("Hello").split("\n")

    assert first == "<@9>, shall I? Because."
    assert act == f"**Post a message** in <#5> (`post_message`), until <t:{int(UNTIL.timestamp())}:T>:"
    assert block == ["```", "Hello", "```"]


def test_what_the_text_does_not_say_is_shown_below_it() -> None:
    assert asked("stretch", every_seconds="60", until="2027").endswith("```\nevery_seconds: 60\nuntil: 2027\n```")


@pytest.mark.parametrize("text", ["x" * 5000, "\u200b" * 300])
def test_a_long_text_comes_whole_as_a_file_and_the_question_fits(text: str) -> None:
    worded = question(request(text, details_too="y" * 4000), 9, UNTIL)

    assert len(worded.content) < 1900
    assert worded.file_text is not None
    assert worded.file_text.count("x") == text.count("x")
    assert "\u200b" not in worded.file_text
    assert "y" * 4000 in worded.file_text


def test_an_answered_question_still_says_what_it_was() -> None:
    content = closed(asked("Hello"), Decision.REFUSED, "<@9>")

    assert content.startswith("🚫 <@9> said no.\n**Post a message**")
    assert "Hello" in content
