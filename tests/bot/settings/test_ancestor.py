"""People who come from digmbot-rs bring their file."""

from pathlib import Path

from chat.templates import fill_names
from tests.bot.settings.parts import TOKEN, complaints, load

README_BLOCK = (Path(__file__).parent / "digmbot-rs.toml").read_text(encoding="utf-8")
FILLED_IN = README_BLOCK.replace("<TODO>", TOKEN, 1).replace("<TODO>", "llama3")


def test_the_documented_file_means_what_it_meant(tmp_path: Path) -> None:
    loaded = load(tmp_path, FILLED_IN)
    settings = loaded.settings

    assert settings.general.discord_token is not None
    assert settings.general.discord_token.get_secret_value() == TOKEN
    assert (settings.general.command_prefix, settings.general.notification_limit_seconds) == ("!", 900)
    assert settings.history.channel_backfill_message_count == 50
    assert settings.history.channel_max_message_count == 100
    assert settings.llm_general.base_url == "http://127.0.0.1:11434/v1"
    assert (settings.llm_reply.model_name, settings.llm_permission_denied.model_name) == ("llama3", "chat")
    assert (settings.llm_reply.context_size, settings.llm_reply.temperature) == (8192, 0.8)
    assert settings.llm_reply.system.startswith("You are {bot}, a Discord bot.  You are helpful")
    assert not loaded.warnings


def test_its_token_must_be_filled_in(tmp_path: Path) -> None:
    told = complaints(tmp_path, README_BLOCK)

    assert [line.split(" the placeholder")[0] for line in told] == ["config.toml:4: general.discord_token: still has"]


def test_a_model_without_a_name_is_a_warning(tmp_path: Path) -> None:
    loaded = load(tmp_path, README_BLOCK.replace("<TODO>", TOKEN, 1))

    assert loaded.settings.llm_reply.model_name == ""
    assert [line.removeprefix(f"{tmp_path}/") for line in loaded.warnings] == [
        "config.toml:31: llm_reply.model_name is not filled in; the first model that 127.0.0.1:11434 lists is used"
    ]


def test_owners_by_name_are_taken_with_a_warning(tmp_path: Path) -> None:
    loaded = load(tmp_path, FILLED_IN.replace("bot_owners = []", 'bot_owners = ["ada", "80351110224678912", 5]'))

    assert loaded.settings.general.owner_ids == {80351110224678912, 5}
    assert loaded.settings.general.owner_names == {"ada"}
    assert [line.partition(": ")[2] for line in loaded.warnings] == [
        "general.bot_owners: anyone can take a name, so owners by name are unsafe; write their ids"
    ]


def test_a_server_that_is_not_used_any_more_is_named(tmp_path: Path) -> None:
    loaded = load(tmp_path, FILLED_IN.replace("127.0.0.1:11434/api/chat", "other:1/v1/completions"))

    assert loaded.settings.llm_general.base_url == "http://127.0.0.1:11434/v1"
    assert "completion_url" in loaded.warnings[0]


def test_both_spellings_of_the_names_are_filled() -> None:
    text = 'I am {bot}, {{bot}}, for {user} and {{user}}; {other} {{json: "{}"}} {bot'

    assert fill_names(text, bot="digm", user="{bot}") == (
        'I am digm, digm, for {bot} and {bot}; {other} {{json: "{}"}} {bot'
    )
