"""Where data are kept, and what their secrets are encrypted with."""

import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from bot.settings.base import Section
from bot.settings.running import data_home
from storage.secret_key import SHORTEST


class Storage(Section):
    """Where everything that must survive is kept."""

    data_dir: Path = Field(
        default_factory=lambda: data_home(os.environ),
        description="Folder for the database and the search index, for one bot only.",
        json_schema_extra={"default": "~/.local/share/digmbot"},
    )
    url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL of the database, when it is not the file in `data_dir`. "
        "Secret as a whole, because a password may be in it.",
    )

    secret_key: SecretStr | None = Field(
        default=None,
        description="What sign-ins at outside MCP servers are encrypted with: 32 random characters or more. "
        "When it is not given, a key is made in `secret.key` in `data_dir`.",
    )

    @field_validator("secret_key")
    @classmethod
    def is_long(cls, key: SecretStr | None) -> SecretStr | None:
        if key and len(key.get_secret_value()) < SHORTEST:
            raise ValueError(f"is too short; give at least {SHORTEST} random characters")
        return key

    @field_validator("url")
    @classmethod
    def is_a_database(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(("sqlite:///", "postgresql://", "postgresql+")):
            raise ValueError(
                "is not a database we know; write it like postgresql+psycopg://name:password@host/database"
            )
        return url
