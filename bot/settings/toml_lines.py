"""On which line of a TOML text each key stands: what `tomllib` knows and does not tell."""

import re
import tomllib
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

BLANKS = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
# Longest first: three quotes are not an empty string and a quote. Up to two quotes may stand before the closing three.
STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'",
    re.DOTALL,
)
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BARE_VALUE = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line of each key, table and array element, under its path: `("llm_general", "fallback_models", 0)`.

    `text` must be valid TOML: what `tomllib` has read without complaint.
    """
    return _Scanner(text).scan()


class _Scanner:
    """One pass over the text. It only needs to find where values end, since they are known to be right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted_to = 0
        self._line = 1
        self._lines: dict[KeyPath, int] = {}
        self._arrays: dict[KeyPath, int] = {}  # arrays of tables, with the index of their newest one

    def scan(self) -> Mapping[KeyPath, int]:
        table: KeyPath = ()
        self._skip(BLANKS)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(BLANKS)
        return self._lines

    def _header(self) -> KeyPath:
        several = self._text.startswith("[[", self._at)
        line = self._here()
        self._at += 2 if several else 1
        path: KeyPath = ()
        for name in self._key():
            self._lines.setdefault((*path, name), line)
            path = self._newest((*path, name))
        if several:
            array = path[:-1] if path and isinstance(path[-1], int) else path
            self._lines.setdefault(array, line)
            self._arrays[array] = self._arrays.get(array, -1) + 1
            path = self._newest(array)
        self._lines.setdefault(path, line)
        self._at += 2 if several else 1
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _pair(self, table: KeyPath) -> None:
        line = self._here()
        path = table
        for name in self._key():
            path = (*path, name)
            self._lines.setdefault(path, line)
        self._at += 1  # the equals sign
        self._skip(BLANKS)
        self._value(path)

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._skip(BLANKS)
            if self._text[self._at] in "\"'":
                quoted = self._skip(STRING)
                names.append(next(iter(tomllib.loads(f"{quoted} = 0"))))
            else:
                names.append(self._skip(BARE_KEY))
            self._skip(BLANKS)
            if self._text[self._at] != ".":
                return names
            self._at += 1

    def _value(self, path: KeyPath) -> None:
        match self._text[self._at]:
            case '"' | "'":
                self._skip(STRING)
            case "[":
                self._elements(path)
            case "{":
                self._members(path)
            case _:
                self._skip(BARE_VALUE)

    def _elements(self, path: KeyPath) -> None:
        index = 0
        while not self._closed("]"):
            self._lines.setdefault((*path, index), self._here())
            self._value((*path, index))
            index += 1

    def _members(self, path: KeyPath) -> None:
        while not self._closed("}"):
            self._pair(path)

    def _closed(self, bracket: str) -> bool:
        """Step over the opening bracket or a comma, and over the closing bracket if that comes next."""
        self._skip(BLANKS)
        if self._text[self._at] in "[{,":
            self._at += 1
            self._skip(BLANKS)
        return self._step_over(bracket)

    def _step_over(self, bracket: str) -> bool:
        found = self._text[self._at] == bracket
        self._at += found
        return found

    def _skip(self, what: re.Pattern[str]) -> str:
        match = what.match(self._text, self._at)
        if match is None or (what is not BLANKS and not match[0]):
            raise ValueError("not TOML")  # never for a text that tomllib took
        self._at = match.end()
        return match[0]

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        return self._line
