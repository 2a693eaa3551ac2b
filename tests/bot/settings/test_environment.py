"""Any key may come from the environment, and wins over the file."""

from pathlib import Path

import pytest

from bot.settings.environment import variable_of
from bot.settings.keys import Kind, all_keys
from bot.settings.load import load_settings
from bot.settings.model import Settings
from tests.bot.settings.parts import FILLED_IN, TOKEN, complaints, load

SAMPLES = {
    Kind.TEXT: "text",
    Kind.SECRET: "sqlite:///x",
    Kind.PATH: "/tmp/x",
    Kind.BOOL: "yes",
    Kind.INT: "1000",
    Kind.FLOAT: "0.5",
    Kind.LIST: "[]",
    Kind.TABLE: "{}",
}
SPECIAL = {
    "DIGMBOT_LLM_GENERAL__BASE_URL": "http://h/v1",
    "DIGMBOT_LLM_GENERAL__CHAT_URL": "http://h/v1",
    "DIGMBOT_LLM_GENERAL__COMPLETION_URL": "http://h/v1",
    "DIGMBOT_SPEECH__BASE_URL": "http://h/v1/audio/transcriptions",
    "DIGMBOT_SPEECH__LANGUAGE": "en",
    "DIGMBOT_DISCORD__API_URL": "http://h",
    "DIGMBOT_DISCORD__GATEWAY_URL": "ws://h",
    "DIGMBOT_DISCORD__CDN_URL": "http://h",
    "DIGMBOT_DISCORD__SHARD_IDS": "0,1",
    "DIGMBOT_MCP__SERVE__PUBLIC_URL": "https://h",
    "DIGMBOT_MCP__SERVE__CALLBACK_URL": "https://h/back",
    "DIGMBOT_MEMORY__EMBEDDER": "minilm",
    "DIGMBOT_MEMORY__OPENAI_BASE_URL": "http://h/v1/embeddings",
    "DIGMBOT_MEMORY__ONNX_POOLING": "cls",
    "DIGMBOT_GENERAL__TIME_ZONE": "Europe/Berlin",
    "DIGMBOT_LOGGING__LEVEL": "DEBUG",
    "DIGMBOT_LOGGING__FORMAT": "json",
    "DIGMBOT_LIMITS__STEPS": "7",
    "DIGMBOT_TOOLS__APPROVERS": "asker_or_managers",
    "DIGMBOT_LIMITS__IMAGES": "7",
    "DIGMBOT_MEMORY__RECALL_MESSAGES": "7",
    "DIGMBOT_STORAGE__SECRET_KEY": "thirty-two random characters, or more",
    "DIGMBOT_REBUILD__CHECK": '["true"]',
    "DIGMBOT_LLM_GENERAL__FALLBACK_MODELS": '[{"model_name": "a"}]',
}
EVERY_KEY = [(variable_of(path), path, key.kind) for path, key in all_keys(Settings) if key.kind is not Kind.SECTIONS]


@pytest.mark.parametrize(("variable", "path", "kind"), EVERY_KEY, ids=[row[0] for row in EVERY_KEY])
def test_every_key_can_be_set(tmp_path: Path, variable: str, path: tuple[str, ...], kind: Kind) -> None:
    environ = {variable: SPECIAL.get(variable, SAMPLES[kind])}
    if variable.endswith("SHARD_IDS"):
        environ["DIGMBOT_DISCORD__SHARD_COUNT"] = "2"
    if path == ("speech", "api_key"):
        environ["DIGMBOT_SPEECH__BASE_URL"] = "http://h/v1"
    if path[1].startswith("openai_"):
        needed = {"EMBEDDER": "openai", "OPENAI_BASE_URL": "http://h/v1", "OPENAI_MODEL": "m"}
        environ = {f"DIGMBOT_MEMORY__{key}": value for key, value in needed.items()} | environ
    if path[1].startswith("onnx_") or path[1] in {"question_prefix", "passage_prefix"}:
        environ = {"DIGMBOT_MEMORY__EMBEDDER": "onnx", "DIGMBOT_MEMORY__ONNX_FOLDER": "/tmp/x"} | environ

    loaded = load(tmp_path, FILLED_IN, environ)

    assert loaded.origins[path] == f"environment {variable}"


def test_it_wins_key_by_key(tmp_path: Path) -> None:
    text = FILLED_IN + 'temperature = 0.1\n[logging]\nlevels = { memory = "error", tools = "error" }'
    environ = {"DIGMBOT_LLM_REPLY__MODEL_NAME": "other", "DIGMBOT_LOGGING__LEVELS__MEMORY": "debug"}

    settings = load(tmp_path, text, environ).settings

    assert (settings.llm_reply.model_name, settings.llm_reply.temperature) == ("other", 0.1)
    assert settings.logging.levels == {"memory": "debug", "tools": "error"}


def test_it_does_not_cover_up_a_mistake_of_the_file(tmp_path: Path) -> None:
    told = complaints(tmp_path, "limits = 3\n" + FILLED_IN, {"DIGMBOT_LIMITS__STEPS": "7"})

    assert told == ["config.toml:1: limits: must be a table; write [limits] and its keys below it"]


def test_lists_are_json_or_words_with_commas(tmp_path: Path) -> None:
    environ = {"DIGMBOT_GENERAL__BOT_OWNERS": "80351110224678912, ada", "DIGMBOT_TOOLS__DENY": '["a*", "b"]'}

    settings = load(tmp_path, FILLED_IN, environ).settings

    assert settings.general.bot_owners == (80351110224678912, "ada")
    assert settings.tools.deny == ("a*", "b")


def test_a_whole_configuration_can_be_there_without_a_file(tmp_path: Path) -> None:
    environ = {"DIGMBOT_GENERAL__DISCORD_TOKEN": TOKEN, "DIGMBOT_LLM_REPLY__MODEL_NAME": "m", "HOME": str(tmp_path)}

    assert load_settings(None, environ).configured
    assert load_settings(None, environ).settings.storage.data_dir == tmp_path / ".local/share/digmbot"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("GENERAL__COMMAND_PREFX", "!", "there is no such setting; did you mean DIGMBOT_GENERAL__COMMAND_PREFIX?"),
        ("GENERL__DISCORD_TOKEN", TOKEN, "there is no such setting; did you mean DIGMBOT_GENERAL__DISCORD_TOKEN?"),
        ("X__Y", "1", "there is no such setting; `digmbot config show` lists what there is"),
        ("GENERAL__", "1", "there is no such setting"),
        ("LOGGING__LEVELS__", "debug", "there is no such setting"),
        ("LLM_GENERAL__FALLBACK_MODELS__0__MODEL_NAME", "m", "write all of it as JSON into DIGMBOT_LLM_GENERAL__FALLB"),
        ("LLM_GENERAL__FALLBACK_MODELS", "[{", "llm_general.fallback_models: is not JSON; write it like"),
        ("LLM_GENERAL__FALLBACK_MODELS", "[1]", "llm_general.fallback_models.0: must be a table"),
        ("LOGGING__LEVELS", "debug", "logging.levels: is not JSON; write it like {"),
        ("LIMITS__STEPS", "many", "limits.steps: must be a whole number"),
        ("LLM_GENERAL__VISION", "perhaps", "llm_general.vision: must be true or false"),
        ("LLM_REPLY__TEMPERATURE", "hot", "llm_reply.temperature: must be a number"),
        ("LLM_REPLY__SYSTEM", "\udcff", "llm_reply.system: is not UTF-8 text"),
        ("TOOLS__DENY", '["\\ud800"]', "tools.deny: is not UTF-8 text"),
        ("LLM_REPLY__MODEL_NAME", "<TODO>", ""),
    ],
)
def test_a_mistake_names_its_variable(tmp_path: Path, variable: str, value: str, sentence: str) -> None:
    environ = {f"DIGMBOT_{variable}": value}
    if not sentence:  # a placeholder above a real value is not set at all
        assert load(tmp_path, FILLED_IN, environ).settings.llm_reply.model_name == "qwen3"
        return

    told = complaints(tmp_path, FILLED_IN, environ)

    assert len(told) == 1
    assert told[0].startswith(f"environment DIGMBOT_{variable}: ")
    assert sentence in told[0]
    assert TOKEN not in told[0]


def test_empty_variables_are_not_set_and_stray_ones_are_only_mentioned(tmp_path: Path) -> None:
    loaded = load(tmp_path, FILLED_IN, {"DIGMBOT_LIMITS__STEPS": "", "DIGMBOT_DISCORD_TOKEN": TOKEN, "OTHER__X": "1"})

    assert loaded.settings.limits.steps == 12
    assert loaded.warnings == (
        (
            "environment DIGMBOT_DISCORD_TOKEN: is not a setting and not used; "
            "did you mean DIGMBOT_GENERAL__DISCORD_TOKEN?"
        ),
    )


def test_an_option_of_the_command_line_wins_over_both(tmp_path: Path) -> None:
    loaded = load_settings(
        None,
        {"HOME": str(tmp_path), "DIGMBOT_DISCORD__API_URL": "http://b", "DIGMBOT_GENERAL__DISCORD_TOKEN": TOKEN},
        overrides={"discord": {"api_url": "http://a/"}, "llm_reply": {"model_name": "m"}},
    )

    assert loaded.settings.discord.api_url == "http://a"
    assert loaded.origins["discord", "api_url"] == "option"
