"""What one source says: the file, the environment, or an override, each with the place of every key in it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings.base import PLACEHOLDER
from bot.settings.keys import FILE, KeyNames, Kind, Table, as_list, as_table, is_table, keys_of, tables_in
from bot.settings.model import Settings
from bot.settings.problems import Problem
from bot.settings.toml_lines import KeyPath

LONGEST_SECRET = 65_536


@dataclass(slots=True)
class Layer:
    """A source under construction: `complete` reads secret files and resolves paths in place."""

    name: str
    base: Path
    """What relative paths are relative to."""
    values: Table = field(default_factory=dict[str, object])
    lines: Mapping[KeyPath, int] = field(default_factory=dict[KeyPath, int])
    variables: dict[KeyNames, str] = field(default_factory=dict[KeyNames, str])
    problems: list[Problem] = field(default_factory=list[Problem])
    placeholders: list[KeyPath] = field(default_factory=list[KeyPath])
    secrets: set[str] = field(default_factory=set[str])
    """Everything that stood where a secret belongs, right or wrong: no message may contain it."""
    broken: bool = False
    """Whether nothing could be read at all, so that nothing can be said of what is missing."""
    readable_by_others: bool = False

    def place(self, path: KeyPath) -> str | None:
        """Where `path`, or what it lies in, is said; None when this source says nothing of it."""
        for end in range(len(path), 0, -1):
            part = path[:end]
            if part in self.lines:
                return f"{self.name}:{self.lines[part]}"
            variable = next((name for keys, name in self.variables.items() if keys == part), None)
            if variable:
                return f"environment {variable}"
        return self.name if not self.lines and not self.variables and self.says(path) else None

    def place_within(self, path: KeyPath) -> str | None:
        """Where something of what `path` leads to is said, when nothing says all of it."""
        within = next((name for keys, name in self.variables.items() if keys[: len(path)] == path), None)
        return f"environment {within}" if within else None

    def says(self, path: KeyPath) -> bool:
        """Whether the value at `path` comes from here, not just a neighbour of it."""
        value: object = self.values
        for name in path:
            if not is_table(value) or name not in value:
                return False
            value = value[str(name)]
        return True

    def complete(self) -> None:
        for table, model, at in tables_in(self.values, Settings):
            for name, key in keys_of(model).items():
                self._drop_placeholders(table, (*at, name))
                if key.kind is Kind.SECRET:
                    self._read_secret(table, (*at, name))
                if key.kind is Kind.SECRETS:
                    self._read_secrets(table, (*at, name))
                value = table.get(name)
                if key.kind is Kind.PATH and isinstance(value, str) and value:
                    table[name] = str(self.path_of(value))

    def path_of(self, value: str) -> Path:
        path = Path(value)
        with suppress(RuntimeError):  # ~somebody who does not exist: stays as it is
            path = path.expanduser()
        return self.base / path

    def _drop_placeholders(self, table: Table, path: KeyPath) -> None:
        for name in (str(path[-1]), f"{path[-1]}{FILE}"):
            value = table.get(name)
            if isinstance(value, str) and value.strip().upper() == PLACEHOLDER:
                del table[name]
                self.placeholders.append((*path[:-1], name))

    def _read_secret(self, table: Table, path: KeyPath) -> None:
        name, file_name = str(path[-1]), f"{path[-1]}{FILE}"
        if (value := table.get(name)) is not None:
            self.secrets.update(texts_in(value))
        if file_name in table:
            self._fill(table, path, table.pop(file_name), (*path[:-1], file_name))

    def _read_secrets(self, table: Table, path: KeyPath) -> None:
        name, file_name = str(path[-1]), f"{path[-1]}{FILE}"
        file_path = (*path[:-1], file_name)
        values = table.get(name)
        for free in list(as_table(values)):
            self._drop_placeholders(as_table(values), (*path, free))
        # The names of such a table are no secrets; what stands there instead of a table may be one.
        for value in values.values() if is_table(values) else [values]:
            self.secrets.update(texts_in(value))
        files = table.pop(file_name, None)
        if files is None:
            return
        if not is_table(files):
            self._problem(file_path, f'must be a table of names and paths, like {file_name} = {{ NAME = "/run/a" }}')
            return
        secrets = table.setdefault(name, dict[str, object]())
        for free in list(files):
            self._drop_placeholders(files, (*file_path, free))
            if free in files and is_table(secrets):
                self._fill(secrets, (*path, free), files[free], (*file_path, free))

    def _fill(self, table: Table, path: KeyPath, given: object, file_path: KeyPath) -> None:
        """The secret at `path` comes from the file that is `given` at `file_path`."""
        name = str(path[-1])
        if table.get(name) is not None:
            del table[name]
            self._problem(file_path, f"{name} is given as well; write one of the two")
            return
        if not isinstance(given, str) or not given or "\0" in given:
            self._problem(file_path, "must be the path of a file that holds the secret; write it in quotes")
            return
        secret, complaint = read_secret(self.path_of(given))
        if complaint:
            self._problem(file_path, complaint)
            return
        table[name] = secret
        self.secrets.add(secret)
        self._moved(file_path, path)

    def _moved(self, file_path: KeyPath, path: KeyPath) -> None:
        """The secret stands where its file is named."""
        if file_path in self.lines:
            self.lines = {**self.lines, path: self.lines[file_path]}
        for keys, variable in list(self.variables.items()):
            if keys == file_path:
                self.variables[tuple(map(str, path))] = variable

    def _problem(self, path: KeyPath, text: str) -> None:
        self.problems.append(Problem(self.place(path) or self.name, dotted(path), text))


def read_secret(path: Path) -> tuple[str, str]:
    """The secret in a file, or a sentence why there is none."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_SECRET + 1)
        secret = content.decode("utf-8-sig").strip()
    except OSError as error:
        return "", f"its file cannot be read ({error.strerror}); write the path of a file that holds the secret"
    except ValueError:
        return "", "its file is not UTF-8 text; it should hold the secret and nothing else"
    if not secret:
        return "", "its file is empty; put the secret into it"
    if len(content) > LONGEST_SECRET or len(secret.splitlines()) > 1:
        return "", "its file has more than one line; it should hold the secret and nothing else"
    return secret, ""


def texts_in(value: object) -> set[str]:
    """All text within a value, for hiding it: a secret may have been written as a list or a table by mistake."""
    inner = [*as_table(value).keys(), *as_table(value).values(), *as_list(value)]
    if inner:
        return {text for part in inner for text in texts_in(part)}
    return {str(value)} if value is not None and not isinstance(value, bool) else set()


def dotted(path: KeyPath) -> str:
    """A path as people write it: `llm_general.fallback_models.0.model_name`."""
    return ".".join(str(part) for part in path)
