"""The section about tools: what the model may use, and who is asked."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.settings.base import Section

Glob = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.*?\[\]!-]+$", max_length=200)]


class Tools(Section):
    """What the model may use. A pattern is a tool's name, with * for any letters: "list_*"."""

    allow: tuple[Glob, ...] = Field(default=("*",), description="Patterns of the tools that are offered.")
    deny: tuple[Glob, ...] = Field(
        default=(), description='Patterns of the tools that are not, whatever `allow` says: ["post_*"].'
    )
    without_approval: tuple[Glob, ...] = Field(
        default=(),
        description="Patterns of writing tools that may be used without the asker's click even after the model has "
        "read what other people wrote. Each of them is something that a stranger's text may make the bot do.",
    )
    approvers: Literal["asker", "asker_or_managers"] = Field(
        default="asker",
        description="Who may answer when the bot asks before it acts: the person it acts for, or also whoever has "
        "Manage Server there. It acts with the rights of the person who asked in both cases.",
    )
