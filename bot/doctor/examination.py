"""Everything the doctor looks at, for one configuration."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial

import httpx2

from bot.doctor.discord_checks import check_discord
from bot.doctor.findings import Check, Finding, carry_out, ok, warning
from bot.doctor.mcp_checks import check_server
from bot.doctor.model_checks import check_model, check_stand_in
from bot.doctor.plugin_checks import check_plugins
from bot.doctor.rebuild_checks import check_rebuild
from bot.doctor.speech_checks import check_speech
from bot.doctor.store_checks import check_clock_and_zones, check_data_dir, check_database, check_embedder
from bot.embedding import embedder_spec
from bot.gateway import point_at
from bot.hearing import speech_endpoint_of
from bot.mcp.wishes import server_wishes_of
from bot.models import PAST_ANY_PROXY, endpoints_of
from bot.settings.load import Loaded
from bot.starting import models_folder
from mcp_servers.outside.http_guard import WithoutAccounts
from storage.data_dir import DataDir

SECONDS = 60.0


async def examine(loaded: Loaded, *, seconds: float = SECONDS) -> Sequence[Finding]:
    """All findings, area by area. The checks run side by side, each for at most `seconds`."""
    settings = loaded.settings
    where = settings.discord
    point_at(api_url=where.api_url, gateway_url=where.gateway_url, cdn_url=where.cdn_url)
    async with httpx2.AsyncClient(mounts=PAST_ANY_PROXY) as http:
        checks = [("configuration", partial(_configuration, loaded)), *_discord(loaded), *_models(loaded, http)]
        if speech := speech_endpoint_of(settings):
            checks.append(("speech", partial(check_speech, speech, http)))
        data = DataDir(settings.storage.data_dir)
        checks += [
            ("data", partial(check_data_dir, data.path)),
            ("database", partial(check_database, data.path / "digmbot.db")),
            ("embedder", partial(check_embedder, embedder_spec(settings.memory, models_folder()))),
            ("plugins", partial(check_plugins, settings.plugins, data.path / "digmbot.db")),
            ("time zones", partial(check_clock_and_zones, settings.general.time_zone)),
        ]
        if settings.rebuild.enabled:
            checks.append(("rebuild", partial(check_rebuild, settings.rebuild)))
        checks += [
            (f"mcp {wish.name}", partial(check_server, wish, WithoutAccounts())) for wish in server_wishes_of(settings)
        ]
        found = await asyncio.gather(*(carry_out(area, check, seconds=seconds) for area, check in checks))
    redact = loaded.redactor
    return [
        Finding(each.area, each.status, redact(each.text), redact(each.hint)) for findings in found for each in findings
    ]


async def _configuration(loaded: Loaded) -> AsyncIterator[Finding]:
    area = "configuration"
    for text in loaded.warnings:
        yield warning(area, text, "see docs/configuration.md")
    if loaded.path:
        yield ok(area, f"{loaded.path} is right")
    elif loaded.configured:
        yield ok(area, "the environment is right; there is no file")
    else:
        yield ok(area, "there is none, so `digmbot run` is the demo; `digmbot config init` begins the real thing")


def _discord(loaded: Loaded) -> list[tuple[str, Check]]:
    token = loaded.settings.general.discord_token
    return [("discord", partial(check_discord, token.get_secret_value()))] if token else []


def _models(loaded: Loaded, http: httpx2.AsyncClient) -> list[tuple[str, Check]]:
    """Without any configuration there is no model to look at: the demo finds its own."""
    settings = loaded.settings
    if not loaded.configured:
        return []
    first, *others = endpoints_of(settings)
    main = partial(check_model, first, http, context_size=settings.llm_reply.context_size, vision=settings.reply_vision)
    return [("model", main), *(("fallback", partial(check_stand_in, other, http)) for other in others)]
