"""Where a long answer is cut, as a reader in Discord sees it."""

import pytest

from bot.text.split import plan, split, width

CODE = "\n".join(f"line_{number} = {number}" for number in range(300))


def test_an_answer_of_exactly_two_thousand_is_one_message() -> None:
    assert split("x" * 2000) == ["x" * 2000]
    assert [len(part) for part in split("x" * 2001)] == [2000, 1]


def test_emoji_count_as_two_because_discords_clients_count_them_so() -> None:
    parts = split("😀" * 2000)
    assert [width(part) for part in parts] == [2000, 2000]


@pytest.mark.parametrize(
    "whole",
    ["👨‍👩‍👧‍👦", "🇩🇪", "e\u0301\u0323", "👍🏽", "한", "<@123456789012345678>", "<:cat:123>", "<t:1700000000:R>"],
)
def test_what_a_reader_sees_as_one_thing_is_not_cut(whole: str) -> None:
    for part in split("x" * 7 + whole * 600):
        assert part.removeprefix("x" * 7).replace(whole, "") == ""


@pytest.mark.parametrize(
    "whole", ["`a b c d`", "**so very bold**", "[a masked link](https://example.com/x)", "||spoiler here||"]
)
def test_inline_marks_stay_with_what_they_mark(whole: str) -> None:
    for part in split(" ".join([whole] * 300)):
        assert part.replace(whole, "").strip() == ""


def test_paragraphs_are_preferred_over_lines_and_lines_over_words() -> None:
    paragraph = "word " * 130 + "mid\n" + "word " * 130 + "end."
    assert split(f"{paragraph}\n\n{paragraph}\n\n{paragraph}")[0].count("end.") == 1
    line = "word " * 150 + "end"
    assert split("\n".join([line] * 4))[0].endswith("end")
    assert split("Some words here. " * 300)[0].endswith("here.")
    assert split("word " * 1000)[0].endswith("word")


def test_a_cut_code_block_is_closed_and_opened_again_in_its_language() -> None:
    parts = split(f"Look:\n```python\n{CODE}\n```\nThat is all.")
    assert len(parts) > 2
    assert parts[0].endswith("\n```")
    assert all(part.startswith("```python\nline_") for part in parts[1:])
    assert parts[-1].endswith("```\nThat is all.")
    assert all(part.count("```") % 2 == 0 for part in parts)


def test_tildes_and_longer_fences_are_closed_by_their_own_kind() -> None:
    tildes = split(f"~~~rust\n{CODE}\n~~~")
    assert tildes[0].endswith("\n~~~")
    assert tildes[1].startswith("~~~rust\n")
    nested = split(f"````md\n```py\n{CODE}\n```\n````\nafter")
    assert nested[0].endswith("\n````")
    assert nested[1].startswith("````md\n")
    assert nested[-1].endswith("\n```\n````\nafter")


def test_a_fence_left_open_at_the_end_is_closed() -> None:
    assert split("```py\nx = 1") == ["```py\nx = 1\n```"]
    assert split("Run this: ```sh\nls\n```") == ["Run this: ```sh\nls\n```"]
    assert split("```one line```") == ["```one line```"]


def test_a_cut_right_before_the_closing_fence_leaves_no_empty_block() -> None:
    for size in range(1980, 2001):
        parts = split("```\n" + "x" * (size - 10) + "\nyy\n```\nafter")
        assert not any("```\n```" in part for part in parts)


def test_a_table_that_is_cut_repeats_its_header() -> None:
    rows = "\n".join(f"| {number} | some value |" for number in range(200))
    parts = split(f"Numbers:\n| id | value |\n|---|---|\n{rows}\n\nDone.")
    assert len(parts) > 2
    assert all(part.startswith("| id | value |\n|---|---|\n| ") for part in parts[1:])
    assert sum(part.count("some value") for part in parts) == 200


def test_a_heading_goes_with_its_text() -> None:
    parts = split("a" * 1980 + "\n\n## Next\n\nIts text. " + "b" * 500)
    assert parts[1].startswith("## Next\n\nIts text.")


def test_list_lines_stay_whole() -> None:
    items = [f"- item {number} with some words" for number in range(200)]
    assert [line for part in split("\n".join(items)) for line in part.splitlines()] == items


def test_one_giant_word_is_cut_where_it_must() -> None:
    assert [len(part) for part in split("x" * 5000)] == [2000, 2000, 1000]
    assert all(part.strip("`\n") == "" for part in split("`" * 5000))


def test_beyond_five_messages_the_rest_is_a_file() -> None:
    text = " ".join(f"w{number}" for number in range(4000))
    shown = plan(text)
    assert len(shown.parts) == 5
    assert shown.parts[4].endswith("\n\n*(The rest is in the attached file.)*")
    assert shown.overflow_text
    assert shown.overflow_text.endswith("w3999")
    said = " ".join(shown.parts).replace("*(The rest is in the attached file.)*", "")
    assert [*said.split(), *shown.overflow_text.split()] == text.split()


def test_code_that_overflows_is_opened_again_in_the_file() -> None:
    shown = plan(f"```python\n{CODE * 4}\n```")
    assert shown.parts[4].split("\n\n*(")[0].endswith("\n```")
    assert shown.overflow_text
    assert shown.overflow_text.startswith("```python\n")


def test_blank_text_is_no_message() -> None:
    assert split("") == split(" \n\t ") == []


def test_a_limit_that_cannot_hold_a_fence_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        split("some text", 10)


@pytest.mark.parametrize("unit", ["word ", "x", "```\na\n", "**", "👨‍👩‍👧‍👦", "a\n", "[<@`"])
def test_a_hundred_kilobytes_become_five_messages_and_a_file(unit: str) -> None:
    planned = plan(unit * (100_000 // len(unit)))

    assert len(planned.parts) == 5
    assert planned.overflow_text
