"""The secrets of the settings, and taking them out of text that people or log files get to see."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel, SecretStr

MASK = "**********"
SHORTEST = 6  # shorter ones protect nothing, and hiding each "x" would make a log unreadable
# What people write where a local server wants any key at all.
NO_SECRETS = frozenset({"ollama", "lm-studio", "lmstudio", "no-key", "sk-no-key-required"})
SECRET_NAME = re.compile(r"(^|[_-])(token|key|secret|password|passphrase|credential)s?($|[_-])", re.IGNORECASE)


def secrets_of(value: object) -> frozenset[str]:
    """Every secret within settings, and the password within a secret URL; of plugins, what is named like a secret."""
    return frozenset(_secrets(value))


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        yield secret
        yield from _password(secret)
        return
    for inner in parts_of(value).values():
        yield from _secrets(inner)
    if isinstance(value, BaseModel):
        yield from _by_name(value.model_extra)


def _by_name(value: object, name: str = "") -> Iterator[str]:
    """What stands in the tables of plugins: nobody has said which of it is secret, so its names have to."""
    if isinstance(value, str) and SECRET_NAME.search(name):
        yield value
        yield from _password(value)
    for inner, part in parts_of(value).items():
        yield from _by_name(part, name if _is_list(value) else inner)


def parts_of(value: object) -> Mapping[str, object]:
    """What a section, a list or a table of settings consists of; nothing for a plain value."""
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if _is_table(value):
        return value
    return {str(index): part for index, part in enumerate(value)} if _is_list(value) else {}


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, tuple | list)


def _password(secret: str) -> Iterator[str]:
    if "://" in secret:
        try:
            password = urlsplit(secret).password
        except ValueError:
            return
        if password:
            yield password
            yield unquote(password)


class Redactor:
    """Replaces secrets, also where they were quoted for JSON, for Python or for a URL."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = frozenset[str]()
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these as well: what was a secret once is never shown again."""
        hidden = {secret for secret in secrets if len(secret) >= SHORTEST and secret not in NO_SECRETS}
        self._secrets |= hidden
        forms = {form for secret in self._secrets for form in _forms(secret)}
        # The longest first: one secret may be the beginning of another.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    for ascii_only in (True, False):
        yield json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
    yield repr(secret)[1:-1]
    yield repr(repr(secret)[1:-1])[1:-1]
    yield quote(secret, safe="")
    yield quote(secret)
