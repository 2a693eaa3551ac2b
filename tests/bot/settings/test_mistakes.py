"""Everything that is wrong with a configuration is said at once, each with its line and what to write."""

import os
from pathlib import Path

import pytest

from bot.settings.load import load_settings
from bot.settings.problems import SettingsError
from tests.bot.settings.parts import FILLED_IN, complaints, load, write


def test_all_problems_are_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        'history = 3\n[generl]\na = 1\n[general]\ndiscord_token = 12\ncomand_prefix = "!"\nmodel_name = "x"\n'
        '[llm_reply]\nmodel_name = "m"\ntemperature = "0.8"\ncontext_size = true\n[limits]\nsteps = 0\n'
    )

    assert complaints(tmp_path, text) == [
        "config.toml:1: history: must be a table; write [history] and its keys below it",
        "config.toml:2: generl: unknown section; did you mean general?",
        'config.toml:5: general.discord_token: must be text in quotes; write it like discord_token = "…"',
        "config.toml:6: general.comand_prefix: unknown key; did you mean command_prefix?",
        "config.toml:7: general.model_name: unknown key here; it belongs into [llm_reply]",
        "config.toml:10: llm_reply.temperature: must be a number without quotes; write it like temperature = 0.8",
        (
            "config.toml:11: llm_reply.context_size: must be a whole number without quotes; "
            "write it like context_size = 8192"
        ),
        "config.toml:13: limits.steps: must be greater than or equal to 1; write it like steps = 12",
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("[llm_general]\nvision = 1", "llm_general.vision: must be true or false"),
        ("[llm_general]\nconnect_seconds = nan", "llm_general.connect_seconds: must be a finite number"),
        ("[llm_general]\nconnect_seconds = 0", "must be greater than 0"),
        ('[llm_general]\nbase_url = "localhost:1"', "is not an address of the kind http:// or https://"),
        ('[llm_general]\nbase_url = "http://h:x1/"', "is not an address"),
        ('[llm_general]\nbase_url = "http://[::1"', "is not an address"),
        ('[llm_general]\nbase_url = "http://me:pass@h/"', "has a name or password in it"),
        ('[speech]\napi_key = "sk-0123456789"', "speech.api_key: is of no use without base_url"),
        ("[llm_general]\nfallback_models = [{}]", "llm_general.fallback_models.0.model_name: is missing"),
        ('[llm_general]\nfallback_models = "a"', "llm_general.fallback_models: must be"),
        ('[llm_general]\napi_key = ""', "llm_general.api_key: "),
        ('[discord]\ngateway_url = "http://h"', "is not an address of the kind ws:// or wss://"),
        ("[discord]\nshard_ids = []", "shard_ids is empty; leave it out"),
        ("[discord]\nshard_ids = [0]", "shard_ids needs shard_count"),
        ("[discord]\nshard_ids = [0, 0]\nshard_count = 2", "must be different numbers below shard_count"),
        ("[discord]\nshard_ids = [-1]\nshard_count = 2", "discord.shard_ids.0: must be greater than or equal to 0"),
        ('[tools]\ndeny = ["post message"]', "tools.deny.0: may have letters"),
        ('[memory]\nembedder = "e6"', "memory.embedder: must be 'auto'"),
        ('[memory]\nembedder = "openai"', 'embedder = "openai" needs openai_base_url and openai_model too'),
        ('[memory]\nembedder = "onnx"', 'embedder = "onnx" needs onnx_folder too'),
        ('[memory]\nopenai_model = "m"', 'openai_model is only used with embedder = "openai"'),
        ('[memory]\nembedder = "e5"\nquestion_prefix = "q"', "question_prefix is only used with embedder = "),
        ('[memory]\nopenai_base_url = "h"', "memory.openai_base_url: is not an address"),
        ("[memory]\nopenai_dimensions = 1", "memory.openai_dimensions: must be greater than or equal to 8"),
        ('[logging.levels]\nmemory = "loud"', "logging.levels.memory: must be 'debug'"),
        ("[logging]\nlevel = 2020-01-01", "logging.level: must be"),
        ('[storage]\nurl = "mysql://x"', "storage.url: is not a database we know"),
        ('[storage]\nsecret_key = "hunter2"', "storage.secret_key: is too short; give at least 32 random characters"),
        ("[history]\nchannel_max_message_count = 99999999999999999999", "channel_max_message_count: "),
    ],
)
def test_one_mistake_is_one_sentence(tmp_path: Path, line: str, sentence: str) -> None:
    told = complaints(tmp_path, FILLED_IN + line)

    assert len(told) == 1
    assert sentence in told[0]
    assert told[0].startswith(("config.toml:5", "config.toml:6", "config.toml:7"))


def test_an_answer_must_leave_room_for_the_question(tmp_path: Path) -> None:
    told = complaints(tmp_path, FILLED_IN + "context_size = 1000\nanswer_tokens = 900")

    assert told == [
        "config.toml:6: llm_reply.answer_tokens: leaves too little of context_size for the question; write at most 500"
    ]
    assert load(tmp_path, FILLED_IN + "context_size = 1000").settings.llm_reply.answer_tokens == 250


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[general]\nx = 1\nx = 2", "config.toml:3: the same key or table is given twice; remove one of them"),
        ("[general]\n[history]\n[general]", "config.toml:3: the same key or table is given twice; remove one of them"),
        ("a = {b = 1, b = 2}", "config.toml:1: the same key or table is given twice; remove one of them"),
        ("[general]\ndiscord_token = MTk4", "config.toml:2: is not valid TOML at column 17: no value can be read here"),
        ("[general]\nMTk4", "config.toml:2: is not valid TOML"),
        ('[general]\nx = "MTk4', "config.toml:2: is not valid TOML"),
        ("a = " + "[" * 5000, "config.toml: tables or lists are nested too deeply"),
        ("a = " + "9" * 5000, "config.toml:1: has a number that is too long"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    told = complaints(tmp_path, text)

    assert len(told) == 1
    assert told[0].startswith(sentence)
    assert "MTk4" not in told[0]


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"[general]\ncommand_prefix = '\xe9'")

    with pytest.raises(SettingsError, match=r"config\.toml:2: is not UTF-8 text; save it as UTF-8$"):
        load_settings(path, {})


def test_the_mark_that_windows_editors_write_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + FILLED_IN).settings.llm_reply.model_name == "qwen3"


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"is a directory; name the file in it$"):
        load_settings(tmp_path, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, FILLED_IN)
    path.chmod(0)

    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(path, {})


def test_a_link_in_a_circle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to(path)

    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(path, {})


def test_only_the_file_that_nobody_named_may_be_absent(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}

    assert load_settings(None, home).path is None
    assert not load_settings(None, home).configured
    with pytest.raises(SettingsError, match="there is no such file"):
        load_settings(tmp_path / "config.toml", home)
    with pytest.raises(SettingsError, match="there is no such file"):
        load_settings(None, {**home, "DIGMBOT_CONFIG": str(tmp_path / "gone.toml")})


def test_what_is_missing_may_be_asked_for_instead_of_refused(tmp_path: Path) -> None:
    loaded = load_settings(write(tmp_path, '[general]\ndiscord_token = "<TODO>"'), {}, allow_missing=True)

    assert loaded.settings.general.discord_token is None
    assert [problem.key for problem in loaded.missing] == ["general.discord_token"]
    with pytest.raises(SettingsError, match="placeholder"):
        loaded.require_complete()
