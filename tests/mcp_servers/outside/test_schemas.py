"""Schemas of arguments, fit for function calling."""

import json

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from mcp_servers.outside.schemas import MOST_BYTES, cleaned_schema

JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["properties", "type", "$ref", "items", "anyOf", "x", "title"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


def test_noise_goes_and_what_says_something_stays() -> None:
    cleaned = cleaned_schema(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Args",
            "type": "object",
            "properties": {"title": {"type": "string", "title": "Title", "description": "of a book"}},
            "required": ["title"],
            "$defs": {"Book": {"type": "object", "title": "Book"}},
        }
    )
    assert cleaned == {
        "type": "object",
        "properties": {"title": {"type": "string", "description": "of a book"}},
        "required": ["title"],
        "$defs": {"Book": {"type": "object"}},
    }


def test_references_elsewhere_go_and_those_within_stay() -> None:
    cleaned = cleaned_schema(
        {"properties": {"a": {"$ref": "https://evil.example/schema"}, "b": {"$ref": "#/$defs/B"}}, "$defs": {"B": True}}
    )
    assert cleaned is not None
    assert cleaned["properties"] == {"a": {}, "b": {"$ref": "#/$defs/B"}}


def test_a_default_that_looks_like_a_schema_stays_as_it_is() -> None:
    cleaned = cleaned_schema({"properties": {"a": {"default": {"title": "x", "$ref": "y"}}}})
    assert cleaned is not None
    assert cleaned["properties"] == {"a": {"default": {"title": "x", "$ref": "y"}}}


def test_a_schema_that_is_too_large_loses_its_descriptions_first() -> None:
    wordy = {f"p{number}": {"type": "string", "description": "x" * 999} for number in range(100)}
    cleaned = cleaned_schema({"type": "object", "properties": wordy})
    assert cleaned is not None
    assert cleaned["properties"] == {f"p{number}": {"type": "string"} for number in range(100)}


def test_a_schema_without_end_is_cut_and_one_beyond_measure_refused() -> None:
    deep: dict[str, object] = {"type": "string"}
    for _ in range(50):
        deep = {"type": "object", "properties": {"a": deep}}
    cleaned = cleaned_schema(deep)
    assert cleaned is not None
    assert json.dumps(cleaned).count("properties") < 20
    assert cleaned_schema({"properties": {f"p{number}": {"enum": ["x" * 99]} for number in range(900)}}) is None


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_whatever_a_server_says_the_outcome_is_an_object_within_bounds(raw: dict[str, object]) -> None:
    cleaned = cleaned_schema(raw)
    if cleaned is not None:
        assert cleaned["type"] == "object"
        assert isinstance(cleaned["properties"], dict)
        assert len(json.dumps(cleaned)) <= MOST_BYTES
