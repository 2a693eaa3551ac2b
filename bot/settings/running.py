"""The sections that are new here: what the bot may use, keep and spend, and where it runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import platformdirs
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    model_validator,
)

from bot.settings.base import GatewayUrl, Section, Snowflake, WebUrl, openai_address


def data_home(environ: Mapping[str, str]) -> Path:
    """Where XDG would have a program's data; the platform's own place where there is neither XDG nor a home."""
    xdg = Path(environ.get("XDG_DATA_HOME", ""))
    if xdg.is_absolute():
        return xdg / "digmbot"
    home = environ.get("HOME")
    return Path(home, ".local/share/digmbot") if home else platformdirs.user_data_path("digmbot", appauthor=False)


class Discord(Section):
    """Discord itself, or a server that speaks like it."""

    api_url: WebUrl | None = Field(
        default=None,
        description="Base URL of another Discord-compatible REST API, without /api/v10; normally Discord's.",
    )
    gateway_url: GatewayUrl | None = Field(
        default=None, description="Its gateway (ws:// or wss://); normally Discord's."
    )
    cdn_url: WebUrl | None = Field(
        default=None, description="Its server for attachments and pictures; normally Discord's."
    )
    shard_ids: tuple[Annotated[int, Field(ge=0, le=65_535)], ...] | None = Field(
        default=None,
        description="The shards that this process runs, like [0, 1]; all of them when not given. Needs `shard_count`.",
    )
    shard_count: int | None = Field(
        default=None,
        description="How many shards there are in all; Discord recommends a number when not given.",
        ge=1,
        le=65_536,
    )
    stream_replies: bool = Field(
        default=True,
        description="Show an answer while it is being written, by editing it. When false: only when it is done.",
    )
    catch_up_seconds: int = Field(
        default=600,
        description="Mentions that came while the bot was away are answered on its return if they are younger than "
        "this, in seconds; 0 answers none of them.",
        ge=0,
        le=604_800,
    )
    reaction_verbs: bool = Field(
        default=True,
        description="Whether who asked may react to the answer: ⏹ stops it, 🔁 asks again, 🗑 deletes it.",
    )

    @model_validator(mode="after")
    def shards_exist(self) -> Self:
        if self.shard_ids is None:
            return self
        if not self.shard_ids:
            raise ValueError("shard_ids is empty; leave it out to run all shards")
        if self.shard_count is None:
            raise ValueError("shard_ids needs shard_count, the number of shards in all processes; write both")
        if len(set(self.shard_ids)) < len(self.shard_ids) or max(self.shard_ids) >= self.shard_count:
            raise ValueError("shard_ids must be different numbers below shard_count; count them from 0")
        return self


NEEDED = {"openai": ("openai_base_url", "openai_model"), "onnx": ("onnx_folder",)}
USED_BY = {
    **{f"openai_{key}": ("openai",) for key in ("base_url", "api_key", "model", "dimensions", "batch")},
    **{f"onnx_{key}": ("onnx",) for key in ("folder", "pooling")},
    **{f"{key}_prefix": ("openai", "onnx") for key in ("question", "passage")},
}


def embeddings_address(value: str) -> str:
    """The base URL, also when the address of the call itself is given."""
    return openai_address(value.rstrip("/").removesuffix("/embeddings"))


EmbeddingsUrl = Annotated[str, AfterValidator(embeddings_address)]


class Memory(Section):
    """What was said, kept and found again."""

    embedder: Literal["auto", "minilm", "e5", "openai", "onnx"] = Field(
        default="auto",
        description="What turns text into vectors. e5 is bundled on Linux x86-64, runs here and knows a hundred "
        "languages; minilm is bundled everywhere, runs here, is twice as quick and knows English; openai asks a "
        "server; onnx runs a model folder of yours. auto: e5 where it is bundled, else minilm.",
    )
    openai_base_url: EmbeddingsUrl | None = Field(
        default=None,
        description="For openai: base URL of any server with OpenAI's /v1/embeddings. What people write goes there.",
    )
    openai_api_key: SecretStr | None = Field(
        default=None, description="For openai: the key for that server; local ones need none.", min_length=1
    )
    openai_model: str | None = Field(
        default=None, description="For openai: the model's name there.", min_length=1, max_length=200
    )
    openai_dimensions: int | None = Field(
        default=None,
        json_schema_extra={"conditional": True},  # no number can be taken as it stands
        description="For openai: how long its vectors shall be, if the model lets one choose; else what it gives.",
        ge=8,
        le=16_384,
    )
    openai_batch: int = Field(default=64, description="For openai: texts in one request, at most.", ge=1, le=2048)
    onnx_folder: Path | None = Field(
        default=None,
        description="For onnx: a folder with model.onnx (or onnx/model.onnx) and tokenizer.json, as "
        "sentence-transformers publishes them.",
    )
    onnx_pooling: Literal["mean", "cls"] | None = Field(
        default=None, description="For onnx: how tokens become a vector, where the folder does not say; else mean."
    )
    question_prefix: str | None = Field(
        default=None,
        description='For openai and onnx: what the model wants before a question, like "query: ".',
        max_length=500,
    )
    passage_prefix: str | None = Field(
        default=None,
        description='For openai and onnx: what it wants before what was said, like "passage: ".',
        max_length=500,
    )
    recall_share: float = Field(
        default=0.2,
        description="How much of `llm_reply.context_size` recalled lines may fill, from 0 (none) to 0.8.",
        ge=0,
        le=0.8,
    )
    recall_messages: int = Field(
        default=8, description="How many recalled lines a request carries at most.", ge=0, le=200
    )
    backfill_messages: int = Field(
        default=50_000,
        description="How many messages of a channel are kept of what was said before the bot knew it; 0 keeps none. "
        "What was said, edited or deleted while the bot was away is followed whatever this says.",
        ge=0,
        le=10_000_000,
    )
    backfill_seconds: float = Field(
        default=0.5,
        description="Pause between two pages, of a hundred messages each, while the past is read, in seconds.",
        ge=0,
        le=3600,
    )
    retention_days: int = Field(
        default=0,
        description="After how many days a message is forgotten; 0 is never. Admins may only make it shorter.",
        ge=0,
        le=36_500,
    )
    never_archive: tuple[Snowflake, ...] = Field(
        default=(), description="Ids of channels and categories of which nothing is ever kept."
    )
    recall_seconds: float = Field(
        default=1.0, description="How long an answer waits for recall before it goes without, in seconds.", gt=0, le=60
    )

    @model_validator(mode="after")
    def embedder_has_what_it_needs(self) -> Self:
        defaults = {key: field.default for key, field in type(self).model_fields.items()}
        given = {key for key, value in self if value is not None and value != defaults[key]}
        if missing := [key for key in NEEDED.get(self.embedder, ()) if key not in given]:
            raise ValueError(f'embedder = "{self.embedder}" needs {" and ".join(missing)} too; write what is missing')
        for key in sorted(given):
            if self.embedder not in USED_BY.get(key, (self.embedder,)):
                others = " or ".join(f'"{name}"' for name in USED_BY[key])
                raise ValueError(f"{key} is only used with embedder = {others}; write that, or remove the key")
        return self


class Reminders(Section):
    """Promises to say something later."""

    max_per_person: int = Field(default=100, description="Open reminders that one person may have.", ge=1, le=100_000)
    max_per_server: int = Field(default=2000, description="Open reminders of one Discord server.", ge=1, le=1_000_000)
    horizon_days: int = Field(
        default=1827, description="How far ahead a reminder may be, in days; 1827 is five years.", ge=1, le=36_525
    )


def level(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Level = Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(level)]


class Logging(Section):
    """What the process tells about itself, on standard error."""

    level: Level = Field(default="info", description="The least important lines that are written.")
    levels: dict[str, Level] = Field(
        default={},
        description='Other levels for parts of the program or libraries: { memory = "debug", discord = "error" }.',
    )
    format: Literal["auto", "text", "json"] = Field(
        default="auto",
        description="text: readable lines; json: one object a line; auto: text on a terminal, else json.",
    )
