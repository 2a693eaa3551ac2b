"""What holds for every text: nothing lost, nothing too long, and full messages that stay as they are."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text.split import LIMIT, pieces, plan, split, width

WORDS = [
    "a",
    "release",
    "2.0",
    "été",
    "e\u0301",
    "👨‍👩‍👧‍👦",
    "🇩🇪🇫🇷",
    "**bold words**",
    "`x y`",
    "<@123456789012345678>",
    "<:cat:12345>",
]
MARKS = [
    " ",
    "\n",
    "\n\n",
    ". ",
    "。",
    "```",
    "```py\n",
    "\n```\n",
    "~~~\n",
    "````md\n",
    "# ",
    "- ",
    "| a | b |\n",
    "|---|---|\n",
    "`",
    "\t",
]
texts = st.lists(st.sampled_from(WORDS + MARKS) | st.text(max_size=8), max_size=120).map("".join)
limits = st.integers(40, 400)


def solid(text: str) -> str:
    return re.sub(r"[\s`~]", "", text)


@given(texts, limits)
@settings(max_examples=300, deadline=None)
def test_no_message_is_too_long_or_blank(text: str, limit: int) -> None:
    for part in split(text, limit):
        assert 0 < width(part) <= limit
        assert part.strip()


@given(texts, limits)
@settings(max_examples=300, deadline=None)
def test_nothing_but_blank_space_and_fence_lines_gets_lost(text: str, limit: int) -> None:
    assert solid("".join(piece.body for piece in pieces(text, limit))) == solid(text)


@given(texts, limits, st.data())
@settings(max_examples=300, deadline=None)
def test_a_full_message_never_changes_while_the_answer_grows(text: str, limit: int, data: st.DataObject) -> None:
    final = split(text, limit)
    shown = split(text[: data.draw(st.integers(0, len(text)))], limit)
    assert shown[:-1] == final[: max(0, len(shown) - 1)]


@given(texts)
@settings(deadline=None)
def test_short_text_stays_one_message_and_splitting_it_again_changes_nothing(text: str) -> None:
    once = split(text[:500])
    assert len(once) <= 1
    assert [part for message in once for part in split(message)] == once


@given(st.text(alphabet="ab \n`", max_size=400), limits)
@settings(deadline=None)
def test_messages_and_file_together_say_everything(text: str, limit: int) -> None:
    shown = plan(text, limit + 60, max_parts=2, note="more below")
    said = "".join(shown.parts).replace("more below", "") + (shown.overflow_text or "")
    assert solid(said) == solid(text)
    assert len(shown.parts) <= 2
    assert all(width(part) <= limit + 60 for part in shown.parts)


@given(st.text(max_size=3 * LIMIT))
@settings(max_examples=50, deadline=None)
def test_any_unicode_survives(text: str) -> None:
    assert solid("".join(piece.body for piece in pieces(text))) == solid(text)
