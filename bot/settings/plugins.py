"""Plugins: which there are, and what each of them wants; the commands that act for somebody or change the bot."""

from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, model_validator

from bot.settings.base import Section
from bot.settings.running import Snowflake

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
NEEDED = frozenset({"history", "ignore-bots"})


class Plugins(Section):
    """Additions to the bot: docs/plugins.md. What the plugin NAME wants stands in [plugins.NAME]."""

    model_config = ConfigDict(extra="allow")  # the sections of plugins; anything else is no table, and refused
    __pydantic_extra__: dict[str, dict[str, JsonValue]] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    folder: Path | None = Field(
        default=None,
        description="A folder with plugins of your own: each .py file in it is one. They can do all I can.",
    )
    packages: bool = Field(
        default=True, description="Whether installed packages may bring plugins (entry points digmbot.plugins)."
    )
    disabled: tuple[Name, ...] = Field(
        default=(),
        description='Plugins that are left out, also of those that come with the bot: ["react", "vc-notify"].',
        max_length=200,
    )
    seconds: float = Field(
        default=5.0,
        description="How long a plugin of others may take for an event, in seconds; after three failures in a row it "
        "is left out until the next start.",
        gt=0,
        le=60,
    )

    @model_validator(mode="after")
    def some_are_needed(self) -> "Plugins":
        if needed := sorted(NEEDED & set(self.disabled)):
            raise ValueError(f"disabled: {' and '.join(needed)} cannot be left out; remove that")
        return self

    def table(self, name: str) -> dict[str, JsonValue]:
        """What stands in `[plugins.NAME]`."""
        return (self.__pydantic_extra__ or {}).get(name, {})

    @property
    def tables(self) -> frozenset[str]:
        """The names of plugins that have a section."""
        return frozenset(self.__pydantic_extra__ or {})


class Puppet(Section):
    """The command puppet: to say something through the bot, in another channel."""

    accounts: tuple[Snowflake, ...] = Field(
        default=(),
        description="Ids of people besides the owners who may use it, where they may write themselves.",
        max_length=1000,
    )


GIT_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$"


class Rebuild(Section):
    """The command rebuild: fetch a newer version, build and check it, and go on as it. docs/operating.md."""

    enabled: bool = Field(
        default=False,
        description="Whether owners may use it. Who can push to the branch then decides what runs here.",
    )
    remote: str = Field(
        default="origin",
        description="The git remote, by its name in the checkout that the bot runs from.",
        pattern=GIT_NAME,
        max_length=200,
    )
    branch: str = Field(
        default="main", description="The branch; it must be a fast-forward.", pattern=GIT_NAME, max_length=200
    )
    check: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=("digmbot", "doctor"),
        description="What the new version is checked with before it runs, in its folder and environment and with this "
        'configuration: a command and its arguments, like ["make", "test"]. Exit code 0 is good.',
        min_length=1,
        max_length=100,
    )
    ready_seconds: float = Field(
        default=120.0,
        description="How long the new version may take to be connected, in seconds; then the one before runs again.",
        gt=0,
        le=3600,
    )
