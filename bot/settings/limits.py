"""What an answer, a person and a server may cost, and how long it is kept how an answer came about."""

from pydantic import Field

from bot.settings.base import Section


class Limits(Section):
    """How much one answer may cost."""

    steps: int = Field(
        default=12, description="Model requests per answer; the last one is offered no tools.", ge=1, le=200
    )
    run_seconds: float = Field(
        default=300.0, description="Time for one answer with all its tools, in seconds.", gt=0, le=86_400
    )
    tool_seconds: float = Field(default=30.0, description="Time for one tool call, in seconds.", gt=0, le=3600)
    run_tokens: int = Field(
        default=200_000,
        description="Tokens of one answer, read and written, all its steps together.",
        ge=1000,
        le=100_000_000,
    )
    tool_result_tokens: int = Field(
        default=2000, description="Tokens of one tool result; what is over is cut, with a note.", ge=50, le=1_000_000
    )
    queue_length: int = Field(
        default=50,
        description="Messages that may wait in one channel; who comes after is told to try again.",
        ge=1,
        le=10_000,
    )
    text_attachment_bytes: int = Field(
        default=65_536, description="Bytes of a text attachment that are read to the model.", ge=0, le=50_000_000
    )
    images: int = Field(
        default=4, description="Images in one request: its own, the replied-to's, the newest before it.", ge=0, le=100
    )
    image_bytes: int = Field(
        default=8_388_608, description="Bytes of one image; larger ones are skipped and named.", ge=0, le=100_000_000
    )
    shutdown_seconds: float = Field(
        default=10.0, description="Time that running answers get when the bot is stopped, in seconds.", ge=0, le=600
    )
    runs_per_person_day: int = Field(
        default=0,
        description="Answers and tasks that one person may have in a day of `general.time_zone`; 0 is no limit. "
        "Owners have none.",
        ge=0,
        le=1_000_000,
    )
    tokens_per_person_day: int = Field(
        default=0, description="Tokens, read and written, of one person in a day; 0 is no limit.", ge=0, le=10**12
    )
    runs_per_server_day: int = Field(
        default=0, description="Answers and tasks on one Discord server in a day; 0 is no limit.", ge=0, le=10**9
    )
    tokens_per_server_day: int = Field(
        default=0, description="Tokens of one Discord server in a day; 0 is no limit.", ge=0, le=10**12
    )


class Traces(Section):
    """What is kept of how an answer came about, for /why."""

    retention_days: int = Field(
        default=7, description="For how many days /why can tell; 0 keeps nothing for it.", ge=0, le=36_500
    )
