"""Answers in pieces: however they are cut, and whatever else a server sends."""

import json
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from agent.answer import MAX_CHARACTERS, AnswerInPieces, BrokenAnswerError
from agent.transcript import Completion

json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
FIELDS = (
    *("choices", "delta", "message", "content"),
    *("tool_calls", "function", "name", "arguments", "index", "id", "usage"),
)
odd_chunks = st.recursive(
    json_values,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)


def chunk(said: dict[str, JsonValue], finish: str | None = None) -> JsonValue:
    return {"choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def finished(answer: AnswerInPieces) -> Completion:
    answer.add(chunk({}, "stop"))
    return answer.completion("tiny", quoted=[])


@settings(deadline=None)
@given(st.text(), st.lists(st.integers(0, 50), max_size=6))
def test_how_a_text_is_cut_makes_no_difference(text: str, cuts: list[int]) -> None:
    whole, pieces = AnswerInPieces({"get_time"}), AnswerInPieces({"get_time"})
    whole.add(chunk({"content": text}))
    edges = [0, *sorted(min(each, len(text)) for each in cuts), len(text)]
    for start, end in pairwise(edges):
        pieces.add(chunk({"content": text[start:end]}))

    assert finished(whole).message.text == finished(pieces).message.text


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=4), st.integers(1, 7))
def test_how_arguments_are_cut_makes_no_difference(arguments: dict[str, int], size: int) -> None:
    written = json.dumps(arguments)
    answer = AnswerInPieces({"get_time"})
    answer.add(chunk({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "get_time", "arguments": ""}}]}))
    for start in range(0, len(written), size):
        piece = written[start : start + size]
        answer.add(chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}))

    (call,) = finished(answer).message.tool_calls
    assert json.loads(call.arguments) == arguments


@settings(deadline=None)
@given(st.lists(odd_chunks, max_size=5))
def test_no_chunk_is_too_odd(chunks: list[JsonValue]) -> None:
    answer = AnswerInPieces({"get_time"})
    with suppress(BrokenAnswerError):
        for each in chunks:
            answer.add(each)
            assert isinstance(answer.visible, str)
        answer.completion("tiny", quoted=[])


def test_an_answer_without_end_is_stopped() -> None:
    answer = AnswerInPieces(())
    answer.add(chunk({"content": "x" * MAX_CHARACTERS}))
    with pytest.raises(BrokenAnswerError, match="more than 1000000 characters"):
        answer.add(chunk({"content": "x"}))
