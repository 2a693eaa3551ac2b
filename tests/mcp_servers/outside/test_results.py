"""What servers answer, as the model reads it."""

import base64

from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from mcp_servers.outside.results import EMPTY, MOST_PICTURES, tool_result
from tests.mcp_servers.outside.servers.plain import PIXEL
from tools.calls import ToolResult

PNG = base64.b64encode(PIXEL).decode()


def read(*content: ContentBlock, structured: object = None, is_error: bool = False) -> ToolResult:
    return tool_result("call", CallToolResult(content=list(content), structured_content=structured, is_error=is_error))


def test_structured_content_is_read_when_there_is_no_text_and_not_twice() -> None:
    assert read(structured={"n": 1, "ü": "ß"}).content == '{"n": 1, "ü": "ß"}'
    assert read(TextContent(text="one"), structured={"n": 1}).content == "one"
    assert read(structured={}).content == "{}"


def test_nothing_is_said_to_be_nothing() -> None:
    assert read().content == EMPTY
    assert read(is_error=True).is_error


def test_pictures_are_bounded_in_number_and_size_and_kind() -> None:
    many = read(*(ImageContent(data=PNG, mime_type="image/png") for _ in range(MOST_PICTURES + 2)))
    assert len(many.pictures) == MOST_PICTURES
    assert many.content.count("too many") == 2
    large = read(ImageContent(data=base64.b64encode(bytes(6_000_000)).decode(), mime_type="image/png"))
    assert not large.pictures
    assert "5859 KB, is left out" in large.content
    assert "(An image of kind image/svg+xml" in read(ImageContent(data=PNG, mime_type="image/svg+xml")).content
    assert "broken" in read(ImageContent(data="%%%", mime_type="image/png")).content


def test_what_cannot_be_shown_is_named_with_its_kind_and_size() -> None:
    result = read(
        AudioContent(data=base64.b64encode(bytes(4096)).decode(), mime_type="audio/wav"),
        EmbeddedResource(resource=BlobResourceContents(uri="file:///a.zip", blob=PNG, mime_type="application/zip")),
        EmbeddedResource(resource=TextResourceContents(uri="note://1", text="buy milk")),
        EmbeddedResource(resource=BlobResourceContents(uri="pic://1", blob=PNG, mime_type="image/png")),
        ResourceLink(uri="note://2", name="two", mime_type="text/plain", description="the second"),
    )
    assert result.content.splitlines() == [
        "(Audio of kind audio/wav, 4 KB, is left out.)",
        "(The resource file:///a.zip, of kind application/zip, 1 KB, is left out.)",
        "(The resource note://1:)",
        "buy milk",
        "(An image of kind image/png.)",
        "(A resource: note://2; two; text/plain; the second)",
    ]
    assert len(result.pictures) == 1
