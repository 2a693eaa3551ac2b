"""What the scripted demo model understands: a few phrasings, each to a tool call and back to a sentence. Pure."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Heard:
    """The request as the prompt quotes it, and the (tool, result) pairs that came back so far."""

    request: str
    results: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call to make."""

    tool: str
    arguments: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Say:
    """The answer."""

    text: str


UNITS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86400}
UNIT = "s|sec|seconds?|m|min|minutes?|h|hours?|days?"
HELP = """I am only a script that stands in for a language model, so I understand little. Try:
- remind me in 2 minutes to stretch
- which channels are there?
- tell #ops that the deploy is done
- what did Mia say about the migration?
- who is here? · what was said in #dev? · my reminders · cancel reminder <id>"""


def respond(heard: Heard, tools: Collection[str]) -> Say | Sequence[Call]:
    """The tool call for the request, or, once its result is there, the sentence that tells it."""
    if heard.results:
        return Say("\n".join(_tell(tool, result) for tool, result in heard.results))
    for pattern, understand in PHRASES:
        if match := re.search(pattern, heard.request, re.IGNORECASE | re.DOTALL):
            call = understand(match)
            return (
                [call]
                if call.tool in tools
                else Say(f"I would need the tool {call.tool}, and it is not on offer here.")
            )
    return Say(HELP)


def _remind(match: Match) -> Call:
    unit = match["unit"].lower()
    seconds = int(match["count"]) * UNITS[unit.rstrip("s") or "s"]
    return Call("schedule_reminder", {"text": match["text"].strip(" .!"), "delay_seconds": seconds})


def _tell_channel(match: Match) -> Call:
    text = match["text"].strip()
    return Call("post_message", {"channel": match["channel"], "text": text[:1].upper() + text[1:]})


def _said(match: Match) -> Call:
    return Call("search_memory", {"query": match["topic"].strip(" ?.!"), "person": match["person"]})


def _search(match: Match) -> Call:
    return Call("search_memory", {"query": match["topic"].strip(" ?.!")})


def _read(match: Match) -> Call:
    return Call("read_channel", {"channel": match["channel"]})


def _cancel(match: Match) -> Call:
    return Call("cancel_reminder", {"reminder_id": match["id"]})


PHRASES: Sequence[tuple[str, Callable[[Match], Call]]] = (
    (
        rf"remind me in (?P<count>\d+) ?(?P<unit>{UNIT}) (?:to |that |about )?(?P<text>.+)",
        _remind,
    ),
    (r"(?:which|what|list).{0,20}\bchannels\b", lambda _: Call("list_channels", {})),
    (r"(?:tell|post in|say in) (?P<channel>#\S+?)[,:]? (?:that )?(?P<text>.+)", _tell_channel),
    (r"what did (?P<person>@?\w+) say about (?:the )?(?P<topic>.+)", _said),
    (r"(?:what was said|what is new|what happened) in (?P<channel>#[\w-]+)", _read),
    (r"(?P<topic>(?:who|when|what|where|why)\b.+\?)", _search),
    (r"(?:search|find|look up) (?:for )?(?P<topic>.+)", _search),
    (r"who is here|list members|which people", lambda _: Call("list_members", {})),
    (r"my reminders|list reminders", lambda _: Call("list_reminders", {})),
    (r"cancel reminder (?P<id>\S+)", _cancel),
)


def _tell(tool: str, result: str) -> str:
    """One tool result in words."""
    try:
        found: JsonValue = json.loads(result)
    except ValueError:
        return result
    match found:
        case {"channels": list(channels)}:
            return "\n".join(["I can see these channels:", *(_bullet(c, "name", "topic") for c in channels)])
        case {"hits": []} | {"messages": []} | {"reminders": []} | {"members": []}:
            return "I found nothing that everybody here may read."
        case {"hits": list(lines)} | {"messages": list(lines)}:
            return "\n".join(["This is what I found:", *(_quote(line) for line in lines[:5])])
        case _:
            return f"{tool}: {result}"


def _bullet(entry: JsonValue, name: str, detail: str) -> str:
    return f"- #{entry.get(name)}: {entry[detail]}" if isinstance(entry, dict) and entry.get(detail) else f"- {entry}"


def _quote(line: JsonValue) -> str:
    return (
        f"> {line}"
        if not isinstance(line, dict)
        else f"> {line.get('author')}: {line.get('text')} ({line.get('link')})"
    )
