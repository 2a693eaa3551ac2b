"""What is wrong with a configuration, as sentences. Light to import: the command line catches `SettingsError`."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `place` is `file:line`, or `environment DIGMBOT_X`; `key` is `section.key`, or empty."""

    place: str
    key: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.key, self.text) if part)


class SettingsError(Exception):
    """Every problem of a configuration, in the order in which one would repair them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
