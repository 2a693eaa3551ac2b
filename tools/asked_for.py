"""Whether the asker literally asked for an act, and whether a question sent out carries more than they said."""

from collections.abc import Mapping

from pydantic import JsonValue

from chat.channels import Channel
from tools.acts import Act
from tools.calls import ToolError
from tools.context import ToolContext
from tools.directory import Directory
from tools.literal import is_wording_of, names_of, stands_in
from tools.reading import Reading

SMALL = 100
"""A whole number up to this says how many, and can carry next to nothing."""


async def was_asked_for(act: Act, context: ToolContext, directory: Directory) -> bool:
    wording, said = act.spec.wording, context.request.own_words
    if wording is None or act.channel is None or not await _was_named(act.channel, said, context, directory):
        return False
    about = {str(each) for each in (context.request.id, context.request.reply_to) if each is not None}
    for name in wording.exact:
        value = act.arguments.get(name)
        if value is not None and not (isinstance(value, str) and stands_in(value, said, also=about)):
            return False
    if not wording.text:
        return True
    text = act.arguments.get(wording.text)
    name = context.asker.name
    return isinstance(text, str) and is_wording_of(text, said, asker_name=name, to_asker=wording.to_asker)


def carries_nothing_new(act: Act, context: ToolContext, reading: Reading) -> bool:
    """Whether all that leaves with a question is the asker's own words, addresses as they were given, and choices
    that the tool itself offers.
    """
    schemas = act.spec.parameters.get("properties")
    offered = schemas if isinstance(schemas, dict) else {}
    said = context.request.own_words
    return all(
        name in offered and _is_harmless(value, offered[name], said, reading) for name, value in act.arguments.items()
    )


def _is_harmless(value: JsonValue, schema: JsonValue, said: str, reading: Reading) -> bool:
    if isinstance(schema, dict) and value in _choices(schema):
        return True
    match value:
        case None | bool():
            return True
        case int() | float():
            is_small = isinstance(value, int) and 0 <= value <= SMALL
            return is_small or stands_in(f"{value}", said)
        case str(text):
            return not text.strip() or reading.knows(text) or is_wording_of(text, said)
        case list(items):
            inner = schema.get("items") if isinstance(schema, dict) else None
            return all(_is_harmless(item, inner, said, reading) for item in items)
        case dict():
            return not value


def _choices(schema: Mapping[str, JsonValue]) -> list[JsonValue]:
    choices = schema.get("enum")
    return [
        *(choices if isinstance(choices, list) else []),
        *(schema[key] for key in ("const", "default") if key in schema),
    ]


async def _was_named(channel: Channel, said: str, context: ToolContext, directory: Directory) -> bool:
    """What the asker's word for a channel leads to must be this one: another of the same name is not meant."""
    if channel.id == context.channel.id:
        return True
    for name in names_of(channel, said):
        try:
            if (await directory.channel(context, name, exact=True)).id == channel.id:
                return True
        except ToolError:
            continue
    return False
