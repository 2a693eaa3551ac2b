"""The line of a key is found in every way that TOML has of writing it."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from bot.settings.keys import as_list, as_table
from bot.settings.toml_lines import KeyPath, key_lines

TEXT = '''\
# [not.a.table]
title = "a # b [c] \\" d = 1"
"quoted key".'and dotted' = 'x'
[a]   # comment
multi = """
x = 1
[b]
\\""" still
"""
literal = \'\'\'
y = 2\'\'\'
dates = [1979-05-27 07:32:00, 07:32:00]

list = [  # one
  1,
  { deep = [
      2, [3, { deeper = 4 }],
  ] },
]
[[a.tables]]
name = 1
[a.tables.inner]
name = 2
[[a.tables]]
name.dotted = { x = 3, y = { z = 4 } }
'''


def test_each_key_of_a_wild_file_has_its_line() -> None:
    lines = key_lines(TEXT)

    assert lines["title",] == 2
    assert lines["quoted key", "and dotted"] == 3
    assert lines["a",] == 4
    assert lines["a", "multi"] == 5
    assert lines["a", "literal"] == 10
    assert lines["a", "dates", 1] == 12
    assert lines["a", "list", 0] == 15
    assert lines["a", "list", 1, "deep", 1, 1, "deeper"] == 17
    assert lines["a", "tables", 0, "name"] == 21
    assert lines["a", "tables", 0, "inner", "name"] == 23
    assert lines["a", "tables", 1, "name", "dotted", "y", "z"] == 25


def paths_of(value: object, at: KeyPath = ()) -> set[KeyPath]:
    inner: list[tuple[str | int, object]] = [*as_table(value).items(), *enumerate(as_list(value))]
    return {(*at, k) for k, _ in inner} | {path for k, v in inner for path in paths_of(v, (*at, k))}


def test_it_finds_the_keys_that_tomllib_finds() -> None:
    assert set(key_lines(TEXT)) == paths_of(tomllib.loads(TEXT))


PIECES = st.sampled_from(
    [
        "[a]",
        "[[b]]",
        "[b.c]",
        "x = 1",
        'y = "]"',
        "z = [1, [2, {k = '}'}]]",
        "'q.r'.s = {}",
        'm = """',
        '"""',
        "#",
        "\r",
        " ",
        "[d.e]",
    ]
)


@given(st.lists(PIECES, max_size=12))
def test_whatever_tomllib_takes_is_understood(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return

    assert set(key_lines(text)) == paths_of(parsed)
