"""What a server turned out not to take: asked without it from then on."""

import logging
import re
from enum import StrEnum

logger = logging.getLogger(__name__)


class Feature(StrEnum):
    """A part of a request that some servers or models refuse."""

    TOOLS = "tools"
    IMAGES = "images"
    TEMPERATURE = "temperature"
    STREAM_OPTIONS = "stream_options"
    MAX_TOKENS = "max_tokens"


_UNSUPPORTED = r"(?:not (?:\w+ )?support|unsupported|unrecognized|unknown|not permitted|extra_forbidden|extra inputs)"
_SAYS_SO = {
    Feature.TOOLS: re.compile(
        r"not support (?:tool|function)|support tool use|unsupported param: tools|tools? (?:param|choice|calling)\S* "
        r"(?:is |are )?(?:requires|not)|tools? (?:is|are) not supported|enable-auto-tool-choice",
        re.IGNORECASE,
    ),
    Feature.IMAGES: re.compile(
        r"not support (?:image|vision)|image input is not|image_url.{0,40}not|no multimodal|mmproj|"
        r"missing data required for image",
        re.IGNORECASE,
    ),
    Feature.TEMPERATURE: re.compile(
        rf"{_UNSUPPORTED}.{{0,60}}temperature|temperature.{{0,60}}{_UNSUPPORTED}", re.IGNORECASE
    ),
    Feature.STREAM_OPTIONS: re.compile(
        rf"{_UNSUPPORTED}.{{0,60}}stream_options|stream_options.{{0,60}}{_UNSUPPORTED}", re.IGNORECASE
    ),
    Feature.MAX_TOKENS: re.compile(r"max_completion_tokens", re.IGNORECASE),
}


class Refusals:
    """Learns from error texts what one model is asked without."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._refused: set[Feature] = set()

    def __contains__(self, feature: Feature) -> bool:
        return feature in self._refused

    def learn(self, said: str, used: frozenset[Feature]) -> bool:
        """Whether the text says that something that was used is not supported. Logged once for each."""
        new = {feature for feature in used - self._refused if _SAYS_SO[feature].search(said)}
        for feature in sorted(new):
            logger.warning("%s does not take %s; asking without from now on", self._model, feature.value)
        self._refused |= new
        return bool(new)
