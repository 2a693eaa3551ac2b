"""What the bot hears and sees with: the loader of attachments, with the speech endpoint that the settings name."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import httpx2

from agent.speech import OpenAISpeech, SpeechEndpoint
from bot.attachments import AttachmentLimits, AttachmentLoader
from bot.downloads import DISCORD_CDN
from bot.models import PAST_ANY_PROXY
from bot.settings.model import Settings


def speech_endpoint_of(settings: Settings) -> SpeechEndpoint | None:
    """None where voice messages stay unheard."""
    wanted = settings.speech
    if wanted.base_url is None:
        return None
    return SpeechEndpoint(
        base_url=wanted.base_url,
        model=wanted.model_name,
        api_key=wanted.api_key.get_secret_value() if wanted.api_key else "",
        language=wanted.language,
        seconds=wanted.timeout,
    )


@asynccontextmanager
async def open_attachments(settings: Settings) -> AsyncGenerator[AttachmentLoader]:
    """With its connections, which are closed at the end."""
    limits, cdn, endpoint = settings.limits, settings.discord.cdn_url, speech_endpoint_of(settings)
    async with aiohttp.ClientSession() as http, httpx2.AsyncClient(mounts=PAST_ANY_PROXY) as to_speech:
        yield AttachmentLoader(
            http,
            vision=settings.reply_vision,
            origins=[cdn] if cdn else DISCORD_CDN,
            speech=OpenAISpeech(endpoint, http=to_speech) if endpoint else None,
            limits=AttachmentLimits(
                images=limits.images,
                image_bytes=limits.image_bytes,
                text_bytes=limits.text_attachment_bytes,
                voice_seconds=settings.speech.max_seconds,
            ),
        )
