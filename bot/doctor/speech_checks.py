"""Is the endpoint that turns voice messages into text there, does it take the key, does it list the model?"""

from collections.abc import AsyncIterator

import httpx2

from agent.listing import ListingError, listed_models
from agent.speech import SpeechEndpoint
from bot.doctor.findings import Finding, broken, ok, warning
from bot.doctor.model_checks import hint_for

AREA = "speech"
SECONDS = 5.0


async def check_speech(endpoint: SpeechEndpoint, http: httpx2.AsyncClient) -> AsyncIterator[Finding]:
    """Nothing is sent to be heard, which may cost money."""
    try:
        listed = await listed_models(endpoint.base_url, http=http, seconds=SECONDS, api_key=endpoint.api_key)
    except ListingError as error:
        yield broken(AREA, f"{endpoint.host} {error}", hint_for(error, "speech"))
        return
    if not listed:
        yield ok(AREA, f"{endpoint.host} answers, and keeps its models to itself")
    elif endpoint.model not in listed:
        some = ", ".join(listed[:5])
        yield warning(
            AREA, f"{endpoint.host} does not list {endpoint.model} (it lists {some})", "look at speech.model_name"
        )
    else:
        yield ok(AREA, f"{endpoint.model} is there at {endpoint.host}")
