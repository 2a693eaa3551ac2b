"""The settings, written down from the models: the file of `digmbot config init`, and docs/configuration.md.

`python -m bot.settings.reference` brings both up to date.
"""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from bot.settings.base import Section
from bot.settings.environment import variable_of
from bot.settings.keys import FILE, Key, KeyNames, Kind, keys_of
from bot.settings.model import Settings
from bot.settings.show import as_toml

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "config.example.toml"
PAGE = ROOT / "docs" / "configuration.md"

HEAD = """\
# digmbot's configuration. Replace each <TODO>; everything else may stay.
# A line like "# name = value" shows a default: take the "# " away to change it.
# Any key can also come from the environment, as DIGMBOT_SECTION__KEY.
# `digmbot config check` tells what is wrong, `digmbot config show` what holds.
"""

# What to write for a key that has no default, by kind.
UNSET = {Kind.BOOL: "false", Kind.INT: "1", Kind.LIST: "[0]"}
ANY_TEXT = '"…"'
FREE = "NAME"  # of a table that only the operator names

PAGE_HEAD = """\
# Configuration

This page is written by `python -m bot.settings.reference` from the models in `bot/settings/`. Do not edit it by hand.

digmbot reads one TOML file: what `--config` names, else what `DIGMBOT_CONFIG` names, else
`~/.config/digmbot/config.toml` (below `XDG_CONFIG_HOME` where that is set). A file of digmbot-rs loads as it is.

- `digmbot config init` writes a commented file and never overwrites one.
- `digmbot config check` lists every problem with its line: exit code 0 when there is none, 2 otherwise.
- `digmbot config show` prints what holds and where each value is from. Secrets are masked.

**Environment.** Any key is also `DIGMBOT_SECTION__KEY`, which wins over the file. Lists are JSON, or words with commas
between them; tables are JSON, and one entry of a table is one more `__NAME`. An empty variable counts as not set.

**Secrets.** A secret may stand in a file of its own: add `_file` to its key and give the path, in TOML or in the
environment (`DIGMBOT_GENERAL__DISCORD_TOKEN_FILE=/run/secrets/token`). One source must not give both. A table of
secrets has a table of paths beside it: `headers_file = { Authorization = "/run/secrets/key" }`.

**Names of yours in a variable.** `DIGMBOT_MCP__SERVERS__MY_SERVER__HEADERS__X_API_KEY` is the header `X-Api-Key` of
`[mcp.servers.my-server]`: where the file has a name that differs in capitals only, or in `-` for `_`, that is meant.
Else a server is called as the variable says in small letters, a header gets `-` for `_`, and a variable for a program
(`…__ENV__API_KEY`) stays exactly as it is written.

**Paths** may begin with `~`. Relative ones start at the folder of the file, those of the environment at the working
directory.

**Required** are the keys whose example is `<TODO>`. With no file at all, `digmbot run` is the demo.
"""


def example_file() -> str:
    """What `digmbot config init` writes."""
    return HEAD + "".join(f"\n{section}" for section in map("\n".join, _sections())) + "\n"


def _sections() -> Iterator[list[str]]:
    tables = [lines for section in keys_of(Settings).values() for lines in _section((), section)]
    yield from ([*lines, ""] for lines in tables[:-1])
    yield tables[-1]


def _section(above: KeyNames, section: Key) -> Iterator[list[str]]:
    """A table of the file, and after it those within it."""
    if section.below is None:
        return
    path, keys = (*above, section.name), list(keys_of(section.below).values())
    inner = [key for key in keys if key.kind in {Kind.SECTION, Kind.SECTIONS}]
    lines = [*_comment(_summary(section.below)), f"[{'.'.join(path)}]"]
    for key in keys:
        if not key.legacy and key not in inner:
            lines += _entry(key)
    yield lines
    for key in inner:
        if key.kind is Kind.SECTION:
            yield from _section(path, key)
        else:
            yield [*_comment(_description(key)), *(f"# {line}" for line in str(key.extra.get("block")).splitlines())]


def _entry(key: Key) -> Iterator[str]:
    yield from _comment(_description(key))
    if key.field.examples:
        yield f"{key.name} = {as_toml(key.field.examples[0])}"
    else:
        unset = ANY_TEXT if key.extra.get("conditional") else UNSET.get(key.kind, ANY_TEXT)
        yield f"# {key.name} = {default_of(key) or unset}"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, 98, break_long_words=False, break_on_hyphens=False)]


def _summary(model: type[Section]) -> str:
    return " ".join((model.__doc__ or "").split())


def _description(key: Key) -> str:
    secret = {
        Kind.SECRET: f" Or {key.name}{FILE}: the path of a file with it.",
        Kind.SECRETS: f" Or {key.name}{FILE}: the paths of files with them, under the same names.",
    }.get(key.kind, "")
    return f"{key.field.description}{secret}"


def default_of(key: Key) -> str:
    """The default in TOML; empty where there is none."""
    default: object = key.extra.get("default", key.field.default)
    return "" if default is None or key.field.is_required() or default == "" else as_toml(default)


def page() -> str:
    """docs/configuration.md."""
    return PAGE_HEAD + "".join("\n" + "\n".join(lines) + "\n" for lines in _tables())


def _tables() -> Iterator[list[str]]:
    for section in keys_of(Settings).values():
        if section.below is not None:
            yield from _table((section.name,), section.below, "##")


def _table(path: KeyNames, model: type[Section], heading: str) -> Iterator[list[str]]:
    keys = list(keys_of(model).values())
    rows = [_row(path, key) for key in keys if key.kind not in {Kind.SECTION, Kind.SECTIONS}]
    yield [f"{heading} [{'.'.join(path)}]", "", _summary(model), "", *TABLE_HEAD, *rows]
    for key in keys:
        if key.below is None:
            continue
        match key.kind:
            case Kind.SECTION:
                yield from _table((*path, key.name), key.below, "###")
            case Kind.SECTIONS:
                yield from _table((*path, key.name, FREE), key.below, "###")
            case _:
                inner = [_row((), part) for part in keys_of(key.below).values()]
                title = f"### Each of `{'.'.join((*path, key.name))}`"
                yield [title, "", _summary(key.below), "", *TABLE_HEAD, *inner]


TABLE_HEAD = ["| key | default | what it is |", "|---|---|---|"]


def _row(above: tuple[str, ...], key: Key) -> str:
    default = f"`{default_of(key)}`" if default_of(key) else ""
    if key.required or key.field.is_required():
        default = "required"
    variable = f"<br>`{variable_of((*above, key.name))}`" if above else ""
    cells = (f"`{key.name}`{variable}", default, _description(key))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    for path, text in ((EXAMPLE, example_file()), (PAGE, page())):
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
