"""The sections that digmbot-rs had: who owns the bot, what it remembers of a channel, which models it asks."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from bot.settings.base import PLACEHOLDER, OpenAIUrl, Section, openai_address

DEFAULT_BASE_URL = "http://127.0.0.1:11434/v1"  # a local Ollama
ANSWER_TOKENS = 1024
LONGEST_SHORT_ID = 14  # Discord's ids have 17 digits and more; a name may be digits too, but hardly that many


def owner(value: object) -> object:
    """An id in quotes is an id; anything else in quotes is a name of the old kind."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError('must be an id; write it like 80351110224678912 (old files: a name like "ada")')  # noqa: TRY004
    if isinstance(value, str):
        value = value.strip()
        if value.isascii() and value.isdigit() and len(value) > LONGEST_SHORT_ID:
            value = int(value)
    if value == "" or (isinstance(value, int) and not 0 < value < 2**63):
        raise ValueError("is neither an id nor a name; write an id like 80351110224678912")
    return value


def prefix(value: object) -> object:
    if isinstance(value, str) and value != value.strip():
        raise ValueError('has blanks at its ends; write it like "!"')
    return value


Owner = Annotated[int | str, BeforeValidator(owner)]


class General(Section):
    """The bot itself: its token, its owners, its commands."""

    discord_token: SecretStr | None = Field(
        default=None,
        description="The bot's token, from https://discord.com/developers/applications (Bot, Reset Token). "
        "Without any, `digmbot run` is `digmbot demo`.",
        examples=[PLACEHOLDER],
    )
    bot_owners: tuple[Owner, ...] = Field(
        default=(),
        description="Ids of the people with full permission to manipulate the bot, like [80351110224678912]. "
        "Names, as digmbot-rs had them, are still taken, but anyone can take a name: use ids.",
        examples=[[]],
    )
    command_prefix: Annotated[str, BeforeValidator(prefix)] = Field(
        default="!",
        description='What commands begin with, usually one character: "!" gives `!help`.',
        min_length=1,
        max_length=20,
    )
    time_zone: str = Field(
        default="UTC",
        description="The time zone of people who have not told theirs, by its IANA name, like Europe/Berlin.",
        max_length=64,
    )
    notification_limit_seconds: int = Field(
        default=900,
        description="Do not notify the same person more than once in this time, in seconds.",
        ge=0,
        le=31_536_000,
    )

    @field_validator("time_zone")
    @classmethod
    def zone_exists(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("is no known time zone; write it like Europe/Berlin, as in the IANA list")
        return zone

    @property
    def owner_ids(self) -> frozenset[int]:
        return frozenset(owner for owner in self.bot_owners if isinstance(owner, int))

    @property
    def owner_names(self) -> frozenset[str]:
        return frozenset(owner for owner in self.bot_owners if isinstance(owner, str))


class History(Section):
    """The recent lines of each channel, in the light of which a message is answered."""

    channel_backfill_message_count: int = Field(
        default=50,
        description="How many messages to fetch when the bot first sees a channel in a session. "
        "Many of them may make Discord throttle the bot.",
        ge=0,
        le=10_000,
    )
    channel_max_message_count: int = Field(
        default=100, description="How many messages of a channel to keep in memory.", ge=1, le=100_000
    )


class FallbackModel(Section):
    """A model to ask when the one before it is down."""

    base_url: OpenAIUrl | None = Field(default=None, description="As `llm_general.base_url`; without it, that one.")
    api_key: SecretStr | None = Field(
        default=None,
        description="The key for that endpoint. Without it the one of `llm_general`, but never for another `base_url`.",
    )
    model_name: str = Field(description="The model's name at that endpoint.", min_length=1, max_length=200)


class LlmGeneral(Section):
    """Where the language model is."""

    # Before base_url, which falls back on them.
    chat_url: OpenAIUrl | None = Field(
        default=None,
        description="digmbot-rs's name for `base_url`; Ollama's /api/chat and /api/generate are understood.",
        json_schema_extra={"legacy": True},
    )
    completion_url: OpenAIUrl | None = Field(
        default=None,
        description="Taken when there is no `base_url` and no `chat_url`.",
        json_schema_extra={"legacy": True},
    )
    base_url: OpenAIUrl = Field(
        default_factory=lambda known: known.get("chat_url") or known.get("completion_url") or DEFAULT_BASE_URL,
        description="Base URL of an OpenAI-compatible API. Its end is completed where it is missing: "
        "http://127.0.0.1:11434 and Ollama's own /api/chat become http://127.0.0.1:11434/v1.",
        examples=[DEFAULT_BASE_URL],
        json_schema_extra={"default": DEFAULT_BASE_URL},
    )
    api_key: SecretStr | None = Field(
        default=None, description="The key for that API; local servers need none.", min_length=1
    )
    vision: bool = Field(default=False, description="Whether the models take images.")
    connect_seconds: float = Field(default=5.0, description="How long connecting may take, in seconds.", gt=0, le=300)
    read_seconds: float = Field(
        default=120.0,
        description="How long the model may be silent before or within an answer, in seconds.",
        gt=0,
        le=3600,
    )
    retry_seconds: float = Field(
        default=60.0,
        description="How long a failed request is tried again, all tries together, in seconds.",
        ge=0,
        le=3600,
    )
    fallback_models: tuple[FallbackModel, ...] = Field(
        default=(),
        description="Models to try in this order when the endpoint is down, "
        'like [{ model_name = "small" }, { base_url = "http://other:8000/v1", api_key = "…", model_name = "big" }].',
        max_length=20,
    )

    @property
    def fallbacks(self) -> tuple[FallbackModel, ...]:
        """The fallback models with their endpoint and key filled in. A key goes to no server but its own."""
        return tuple(
            model.model_copy(
                update={
                    "base_url": model.base_url or self.base_url,
                    "api_key": model.api_key or (self.api_key if model.base_url in (None, self.base_url) else None),
                }
            )
            for model in self.fallback_models
        )


def spare_tokens(known: dict[str, object]) -> int:
    size = known.get("context_size")
    return min(ANSWER_TOKENS, size // 4) if isinstance(size, int) else ANSWER_TOKENS


class ModelUse(Section):
    """How a model is asked for one purpose."""

    model_name: str = Field(default="", description="The model's name at the endpoint.", max_length=200)
    context_size: int = Field(
        default=8192,
        description="How many tokens the model reads and writes at most in one request.",
        ge=256,
        le=20_000_000,
    )
    temperature: float = Field(
        default=0.8,
        description="How freely the model words its answers, from 0 (always the likeliest) to 2.",
        ge=0,
        le=2,
    )
    system: str = Field(default="", description="The system prompt.", max_length=200_000)
    answer_tokens: int = Field(
        default_factory=spare_tokens,
        description="Tokens of `context_size` kept free for the answer, and the longest that an answer gets. "
        f"Without it a quarter of `context_size`, at most {ANSWER_TOKENS}.",
        ge=16,
        le=1_000_000,
        json_schema_extra={"default": ANSWER_TOKENS},
    )
    vision: bool | None = Field(
        default=None, description="Whether this model takes images; without it as `llm_general.vision` says."
    )

    @field_validator("answer_tokens")
    @classmethod
    def leaves_room(cls, tokens: int, info: ValidationInfo) -> int:
        size: object = info.data.get("context_size")
        if isinstance(size, int) and tokens > size // 2:
            raise ValueError(f"leaves too little of context_size for the question; write at most {size // 2}")
        return tokens


def transcriptions_address(value: str) -> str:
    """The base URL, also when the address of the call itself is given."""
    return openai_address(value.rstrip("/").removesuffix("/transcriptions").removesuffix("/audio"))


TranscriptionsUrl = Annotated[str, AfterValidator(transcriptions_address)]


class Speech(Section):
    """Where voice messages are turned into text. Without `base_url` the bot only knows that there was one."""

    base_url: TranscriptionsUrl | None = Field(
        default=None,
        description="Base URL of any server with OpenAI's /v1/audio/transcriptions. Voice messages to the bot, and "
        "those it is asked about by a reply, go there.",
    )
    api_key: SecretStr | None = Field(
        default=None, description="The key for that server; local ones need none.", min_length=1
    )
    model_name: str = Field(default="whisper-1", description="The model's name there.", min_length=1, max_length=200)
    language: str | None = Field(
        default=None,
        description="What is mostly spoken, as a code of two letters like en; without it the model guesses.",
        pattern=r"^[a-z]{2,3}$",
    )
    max_seconds: int = Field(
        default=300, description="Longer voice messages are not heard, and the bot says so.", ge=1, le=7200
    )
    timeout: float = Field(default=60.0, description="How long one transcription may take, in seconds.", gt=0, le=3600)

    @field_validator("api_key")
    @classmethod
    def is_for_a_server(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if key is not None and info.data.get("base_url", "") is None:
            raise ValueError("is of no use without base_url; write the address of the server that it is for")
        return key


NAMES = "`{bot}` is replaced by the bot's name, `{user}` by the name of the person who is answered."


class LlmReply(ModelUse):
    """The answer to a mention or a reply."""

    model_name: str = Field(
        default="",
        description="The model's name at the endpoint. Without it the first one that the endpoint lists is used.",
        max_length=200,
    )
    system: str = Field(
        default="You are {bot}, a Discord bot. You are helpful, friendly, and kind.",
        description=f"The system prompt. {NAMES}",
        max_length=200_000,
    )


class LlmPermissionDenied(ModelUse):
    """The refusal when somebody asks for what only owners may."""

    model_name: str = Field(
        default="", description="The model's name; without it the one of `llm_reply`.", max_length=200
    )
    system: str = Field(
        default="You are {bot}, a Discord bot. {user} just requested an operation to which they do not have "
        "permissions. Patiently explain to them that you're unable to proceed with their request.",
        description=f"The system prompt. {NAMES}",
        max_length=200_000,
    )
