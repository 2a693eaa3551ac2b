"""A secret never shows: not in errors, not in `config show`, not in a log, however wrongly it was written."""

import io
import json
import logging
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.logs import set_up_logging
from bot.settings.load import load_settings
from bot.settings.problems import SettingsError
from bot.settings.running import Logging
from bot.settings.secrets import MASK, Redactor
from bot.settings.show import effective, quoted
from tests.bot.settings.parts import FILLED_IN, TOKEN, complaints, load, write

PASSWORD = "corr3ct-horse"
PLACES = [
    "[general]\ndiscord_token = {0}\nother = 1",
    "[general]\ndiscord_token = [{0}]",
    "[general]\ndiscord_token = {{ a = {0} }}",
    "[general]\ndiscord_tokn = {0}",
    "[general]\ndiscord_token = {0}\ndiscord_token_file = {0}",
    "[general]\ndiscord_token_file = {0}",
    "[general]\ncommand_prefix = {0}\ndiscord_token = {0}",
    "[general]\nbot_owners = {0}\ndiscord_token = {0}",
    "[discord_token]\nx = {0}",
    "discord_token = {0}",
    "general = {0}",
    "[llm_general]\nbase_url = {0}",
    "[llm_general]\nfallback_models = [{{ api_key = {0} }}]",
    "[llm_general]\nfallback_models = {0}",
    "[storage]\nurl = {0}",
    "[logging]\nlevel = {0}",
    "[logging.levels]\nmemory = {0}",
    "[tools]\nallow = [{0}]",
    "[general]\ndiscord_token = {0} junk",
    "[general]\ndiscord_token = {0}\ndiscord_token = {0}",
    "[general]\n{0}",
]
VALUES = [json.dumps(TOKEN), f"'{TOKEN}'", TOKEN, f'"{TOKEN}', f"'''{TOKEN}", f'"\\q{TOKEN}"', "8035111022467891212345"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", VALUES)
def test_no_problem_repeats_it(tmp_path: Path, place: str, value: str) -> None:
    told = "\n".join(complaints(tmp_path, place.format(value)))

    assert TOKEN not in told
    assert TOKEN[:24] not in told
    assert "8035111022467891212345" not in told


@pytest.mark.parametrize("variable", ["GENERAL__DISCORD_TOKEN", "LLM_GENERAL__API_KEY", "STORAGE__URL", "X__API_KEY"])
def test_no_problem_repeats_one_of_the_environment(tmp_path: Path, variable: str) -> None:
    environ = {f"DIGMBOT_{variable}": TOKEN, "DIGMBOT_LLM_GENERAL__FALLBACK_MODELS": f'[{{"api_key": "{TOKEN}"}}]'}

    assert TOKEN not in "\n".join(complaints(tmp_path, FILLED_IN, environ))


@given(secret=st.text(st.characters(codec="utf-8"), min_size=6, max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_secret_is_masked_in_what_is_shown(tmp_path: Path, secret: str) -> None:
    # Also where somebody pasted it into a place that is shown.
    token, system = quoted(secret), quoted(f"<{secret}>")
    text = f"[general]\ndiscord_token = {token}\n[llm_reply]\nmodel_name = 'm'\nsystem = {system}\n"
    loaded = load_settings(write(tmp_path, text), {"HOME": str(tmp_path)}, allow_missing=True)
    if loaded.missing:
        return
    shown = "\n".join(effective(loaded))

    assert f"<{secret}>" not in shown
    assert json.dumps(secret) not in shown
    assert 'discord_token = "**********"' in shown


@pytest.fixture
def root_logger() -> Generator[logging.Logger]:
    """The process's own logging, put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "secret", [TOKEN, 'with "quotes" and \\', "line\nbreak", "ünïcödé-κλειδί", "a+b/c=d&e f", PASSWORD]
)
def test_no_log_line_has_it(root_logger: logging.Logger, form: str, secret: str) -> None:
    stream = io.StringIO()
    set_up_logging(Logging.model_validate({"format": form}), Redactor([secret]), stream=stream)
    try:
        {}[f"no such token: {secret!r} ({secret})", secret]
    except KeyError:
        root_logger.exception("failed with %s", secret, extra={"detail": {"headers": [secret]}})
    root_logger.warning("%r in %s", secret, json.dumps([secret]))

    written = stream.getvalue()
    for variant in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        assert variant not in written
    assert written.count("**********") >= 5


def test_a_secret_may_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "key").write_text("sk-0123456789")
    text = (
        '[general]\ndiscord_token_file = "token"\n[llm_reply]\nmodel_name = "m"\n[llm_general]\n'
        'fallback_models = [{ model_name = "n", api_key_file = "key" }]'
    )

    loaded = load(tmp_path, text, {"DIGMBOT_LLM_GENERAL__API_KEY_FILE": str(tmp_path / "key")})

    general, llm = loaded.settings.general, loaded.settings.llm_general
    secrets = [general.discord_token, llm.api_key, llm.fallback_models[0].api_key]
    assert [s.get_secret_value() for s in secrets if s] == [TOKEN, "sk-0123456789", "sk-0123456789"]
    assert loaded.origins["general", "discord_token"].endswith("config.toml:2")
    assert loaded.origins["llm_general", "api_key"] == "environment DIGMBOT_LLM_GENERAL__API_KEY_FILE"
    assert loaded.redactor(f"Bot {TOKEN} sk-0123456789") == "Bot ********** **********"


def test_the_environment_replaces_a_secret_of_the_file_however_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("another-token")

    for text in (FILLED_IN, FILLED_IN.replace(TOKEN, "<TODO>")):
        loaded = load(tmp_path, text, {"DIGMBOT_GENERAL__DISCORD_TOKEN_FILE": str(tmp_path / "token")})
        token = loaded.settings.general.discord_token
        assert token is not None
        assert token.get_secret_value() == "another-token"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "its file cannot be read (No such file or directory)"),
        (b" \n", "its file is empty"),
        (b"\xff\xfe", "its file is not UTF-8 text"),
        (b"one\ntwo", "its file has more than one line"),
        (b"x" * 70_000, "its file has more than one line"),
    ],
)
def test_a_bad_secret_file_is_told(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)

    told = complaints(tmp_path, '[general]\ndiscord_token_file = "token"\n[llm_reply]\nmodel_name = "m"')

    assert told[0].startswith(f"config.toml:2: general.discord_token_file: {sentence}")
    assert len(told) == 1


def test_a_key_is_sent_to_its_own_server_only(tmp_path: Path) -> None:
    text = (
        '[llm_general]\nbase_url = "http://a/v1"\napi_key = "sk-0123456789"\nfallback_models = [{ model_name = "m" }, '
        '{ model_name = "m", base_url = "http://a" }, { model_name = "m", base_url = "http://b" }]'
    )

    fallbacks = load(tmp_path, FILLED_IN + text).settings.llm_general.fallbacks

    assert [bool(model.api_key) for model in fallbacks] == [True, True, False]
    assert [model.base_url for model in fallbacks] == ["http://a/v1", "http://a/v1", "http://b/v1"]


def test_a_secret_and_its_file_are_one_too_many(tmp_path: Path) -> None:
    told = complaints(tmp_path, FILLED_IN.replace("[llm_reply]", 'discord_token_file = "x"\n[llm_reply]'))

    assert told == ["config.toml:3: general.discord_token_file: discord_token is given as well; write one of the two"]


def test_the_password_of_a_database_is_a_secret_too(tmp_path: Path) -> None:
    loaded = load(tmp_path, FILLED_IN + f'[storage]\nurl = "postgresql+psycopg://bot:{PASSWORD}@db/digmbot"')

    assert loaded.redactor(f"password {PASSWORD} rejected") == "password ********** rejected"
    assert PASSWORD not in "\n".join(effective(loaded))
    assert PASSWORD not in repr(loaded)


def test_a_file_that_others_can_read_is_mentioned(tmp_path: Path) -> None:
    path = write(tmp_path, FILLED_IN)
    path.chmod(0o644)

    assert "chmod 600" in load_settings(path, {}).warnings[0]


def test_what_plugins_name_like_a_secret_is_one(tmp_path: Path) -> None:
    table = """
[plugins.music]
api_key = "let-me-in-1"
url = "https://example.org/tune"
monkey = "a-monkey-is-none"
accounts = [{ name = "ada-at-home", password = "let-me-in-2" }]
TOKENS = ["let-me-in-3"]
"""
    redact = load(tmp_path, FILLED_IN + table).redactor

    told = redact("let-me-in-1 let-me-in-2 let-me-in-3 https://example.org/tune a-monkey-is-none ada-at-home")
    assert told == f"{MASK} {MASK} {MASK} https://example.org/tune a-monkey-is-none ada-at-home"


def test_a_key_that_hides_nothing_leaves_the_log_readable() -> None:
    assert Redactor(["x", "ollama"])("an ollama on the next box") == "an ollama on the next box"


def test_settings_errors_carry_no_input(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, FILLED_IN + "[limits]\nsteps = 0")

    assert TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
