"""What goes out is text that Discord takes and people can see."""

import pytest

from bot.text.clean import clean, is_blank


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200b", "\u200e \ufeff", "\u3164", "\x00\x07", "\u202e"])
def test_what_nobody_could_see_counts_as_nothing(text: str) -> None:
    assert clean(text) == ""
    assert is_blank(text)


def test_control_characters_go_and_line_ends_become_plain() -> None:
    assert clean("a\x00b\x1b[1m\r\nc\rd\te") == "ab[1m\nc\nd\te"


def test_the_first_lines_indentation_and_right_to_left_text_stay() -> None:
    assert clean("\n \n  - שלום\n") == "  - שלום"


def test_half_characters_of_a_stream_are_joined_or_replaced() -> None:
    assert clean("ok \ud83d\ude00") == "ok 😀"
    assert clean("ok \ud83d!") == "ok \ufffd!"
    assert clean("ok \ude00").encode() == "ok \ufffd".encode()
