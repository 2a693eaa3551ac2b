"""Tokens are estimated, and the estimate learns from what servers count."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.tokens import IMAGE_TOKENS, Calibration, count_message, count_text, count_tools
from agent.transcript import ImagePart, TextPart, UserMessage
from tests.agent.stage import spec


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("word", 1), ("words", 2), ("漢字漢字漢字", 4), ("привет", 3), ("😀", 2), ("a漢", 1)],
)
def test_scripts_weigh_differently(text: str, tokens: int) -> None:
    assert count_text(text) == tokens


def test_pictures_and_tools_count() -> None:
    picture = UserMessage((TextPart("look"), ImagePart("data:image/png;base64," + "A" * 100_000)))

    assert IMAGE_TOKENS < count_message(picture) < IMAGE_TOKENS + 20
    assert count_tools([spec("a", description="x" * 400)]) > 100


def test_the_first_count_is_taken_and_later_ones_are_blended_in() -> None:
    first = Calibration().observed(1000, 1500)
    second = first.observed(1000, 1000)

    assert first.ratio == 1.5
    assert 1.0 < second.ratio < 1.5
    assert first.estimated_room(3000) == 2000
    assert first.tokens(2000) == 3000


def test_tiny_prompts_and_silly_counts_teach_nothing_wrong() -> None:
    assert Calibration().observed(10, 500) == Calibration()
    assert Calibration().observed(1000, 0) == Calibration()
    assert Calibration().observed(1000, 10**9).ratio == 3.0
    assert Calibration().observed(1000, 1).ratio == 0.75


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(-5, 10**9))))
def test_the_ratio_stays_within_bounds(counts: list[tuple[int, int]]) -> None:
    calibration = Calibration()
    for estimated, counted in counts:
        calibration = calibration.observed(estimated, counted)
    assert 0.75 <= calibration.ratio <= 3.0
