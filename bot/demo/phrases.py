"""What the scripted demo model understands: a few phrasings, each to a tool call. Pure.

It is a stand-in to try the bot with, not a grammar to grow: what it does not understand it says.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from bot.demo.heard import Heard
from bot.demo.telling import tell
from bot.demo.times import EVERY, WHEN, every, when
from reminders.values import ReminderError

Match = re.Match[str]
HITS = 8  # some of them are earlier questions
LINES = 4


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call to make."""

    tool: str
    arguments: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Say:
    """The answer."""

    text: str


Reaction = Call | Say

HELP = """I am only a script standing in for a language model, so I understand just a few sentences. Try:
- remind me in 2 minutes to stretch · remind me tomorrow at 9 to water the plants
- remind me every minute to breathe · every monday at 9 remind me to post the plan
- which channels are there?
- tell #ops that the deploy is done
- what did Mia say about the migration? · who suggested the new logo, and when?
- what was said in #design? · what was said around LINK? · who is here?
- my reminders · cancel that reminder · cancel reminder ID
- react with 👍"""
HELLO = "Hello! Ask me “which channels are there?”, or say “help” for what else I understand."
WHEN_THEN = "When? Say it like “remind me in 10 minutes to stretch” or “remind me tomorrow at 9 to call Sam”."
WHAT_OF = "What of? Say it like “remind me in 10 minutes to stretch”."


WHERE = "Around what? Answer the message that you mean, or add its link."


def respond(heard: Heard, tools: Collection[str]) -> Say | Sequence[Call]:
    """The tool call for the request, or, once its result is there, the sentence that tells it."""
    if re.search(CANCEL_THAT, heard.request, re.IGNORECASE) and (only := _only_reminder(heard)):
        return [Call("cancel_reminder", {"reminder_id": only})]
    if heard.results:
        return Say("\n".join(tell(tool, result, heard) for tool, result in heard.results))
    match _understood(heard):
        case Call(tool) as call if tool in tools:
            return [call]
        case Call(tool):
            return Say(f"For that I need the tool `{tool}`, and it is not on offer here.")
        case Say() as said:
            return said


def _understood(heard: Heard) -> Reaction:
    for pattern, understand in PHRASES:
        if match := re.search(pattern, heard.request, re.IGNORECASE | re.DOTALL):
            return understand(match, heard)
    return Say(HELP)


def _remind(match: Match, heard: Heard) -> Reaction:
    rest = match["rest"].strip()
    if recurs := EVERY.search(heard.request):
        return _remind_again(rest, recurs, heard)
    times = list(WHEN.finditer(rest))
    # Where a time stands first it is the time of the reminder; else the last one is, before it may belong to the text.
    chosen = next((each for each in times if each.start() == 0), times[-1] if times else None)
    moment = when(chosen, heard.now) if chosen else None
    if chosen is None or moment is None:
        return Say(WHEN_THEN)
    text = _what(f"{rest[: chosen.start()].rstrip(' ,')} {rest[chosen.end() :].lstrip(' ,:')}")
    if not text:
        return Say(WHAT_OF)
    if moment.delay_seconds is not None:
        return Call("schedule_reminder", {"text": text, "delay_seconds": moment.delay_seconds})
    return Call("schedule_reminder", {"text": text, "due_at": moment.due_at})


def _remind_again(rest: str, recurs: Match, heard: Heard) -> Reaction:
    text = _what(rest.replace(recurs[0], ""))
    if not text:
        return Say(WHAT_OF)
    try:
        asked = every(recurs, heard.now)
    except ReminderError as error:
        return Say(str(error))
    times: Mapping[str, JsonValue] = {"every_seconds": asked.every_seconds, "recurrence": asked.recurrence}
    return Call("schedule_reminder", {"text": text, **{name: value for name, value in times.items() if value}})


def _what(words: str) -> str:
    return re.sub(r"^(?:to|that|about|of)\s+", "", " ".join(words.split()).strip(" .!,"), flags=re.IGNORECASE)


def _tell_channel(match: Match, _: Heard) -> Reaction:
    text = match["text"].strip().strip('"“”')
    return Call("post_message", {"channel": match["channel"], "text": text[:1].upper() + text[1:]})


def _said(match: Match, _: Heard) -> Reaction:
    person = "me" if match["person"].lower() == "i" else match["person"]
    return Call("search_memory", {"query": _topic(match), "person": person, "limit": HITS})


def _search(match: Match, _: Heard) -> Reaction:
    return Call("search_memory", {"query": _topic(match), "limit": HITS})


def _topic(match: Match) -> str:
    return match["topic"].strip(" ?.!")


def _react(match: Match, heard: Heard) -> Reaction:
    target: Mapping[str, JsonValue] = {"message": heard.replied_to} if heard.replied_to else {}
    return Call("add_reaction", {"emoji": match["emoji"], **target})


def _read(match: Match, _: Heard) -> Reaction:
    there = match.groupdict().get("channel")
    return Call("read_channel", {**({"channel": there} if there else {}), "limit": LINES})


def _around(match: Match, heard: Heard) -> Reaction:
    message = match["message"].strip("<>?!.,") if match["message"] else heard.replied_to
    return (
        Call("read_around", {"message": message, "before": LINES // 2, "after": LINES // 2}) if message else Say(WHERE)
    )


def _members_of(match: Match, _: Heard) -> Reaction:
    return Call("list_members", {"channel": match["channel"]})


def _call(tool: str) -> Callable[[Match, Heard], Reaction]:
    return lambda _, __: Call(tool, {})


def _only_reminder(heard: Heard) -> str | None:
    """The one that was found waiting: there, "that reminder" is clear."""
    match heard.results:
        case (("list_reminders", listed),):
            ids = re.findall(r'"id": ?"([\w-]+)"', listed)
            return ids[0] if len(ids) == 1 else None
        case _:
            return None


def _cancel(match: Match, _: Heard) -> Reaction:
    return Call("cancel_reminder", {"reminder_id": match["id"].strip("`.,")})


def _say(text: str) -> Callable[[Match, Heard], Reaction]:
    return lambda _, __: Say(text)


_NEWS = r"what(?: was said| is new|['’]s new| happened| is going on| did i miss)"
_SAY = r"(?:say|said|think|write|written|mention(?:ed)?)"
_PLACE = r"(?P<channel><?#[\w-]+>?)"
CANCEL_THAT = r"\b(?:cancel|delete|forget|stop) (?:that|this|the|my) reminder\W*$"
PHRASES: Sequence[tuple[str, Callable[[Match, Heard], Reaction]]] = (
    (r"\bremind me\b(?P<rest>.*)", _remind),
    (CANCEL_THAT, _call("list_reminders")),
    (r"\b(?:cancel|delete|forget) (?:the )?reminder (?P<id>\S+)", _cancel),
    (r"\bmy reminders?\b|\b(?:list|which|what|show|cancel).{0,20}\breminders?\b", _call("list_reminders")),
    (r"\b(?:tell|post (?:in|to)|say in) (?P<channel><?#\S+?)[,:]? (?:that )?(?P<text>.+)", _tell_channel),
    (r"\b(?:which|what|list|show).{0,20}\bchannels\b", _call("list_channels")),
    (rf"\bwho (?:is|sees|reads|can (?:be|see|read)) (?:in )?{_PLACE}", _members_of),
    (r"\bwho(?: is|['’]s) (?:here|on this server)\b", _call("list_members")),
    (r"\b(?:list|which|show).{0,12}\b(?:members|people)\b", _call("list_members")),
    (r"\b(?:said|happened|written|read) around (?:(?P<message><?https?://\S+|\d{15,20})|this|that|it)", _around),
    (rf"\b(?:{_NEWS}|read)(?: in)? {_PLACE}", _read),
    (rf"\b{_NEWS}(?: in this channel| here|\W*$)", _read),
    (rf"\bwhat (?:did|does|has) (?P<person>@?[\w.]+) {_SAY}(?: about| of| on)? (?:the )?(?P<topic>.+)", _said),
    (r"\breact(?: to (?:this|that|it))? with (?P<emoji>\S+)", _react),
    (r"\b(?:search|find|look up|look for)(?: for)? (?P<topic>.+)", _search),
    (r"^\W*(?:@\w+\W+)?(?:help|what can you do|what do you understand)\b", _say(HELP)),
    (r"(?P<topic>\b(?:who|when|what|where|why|how|did|do|does|is|are|was|were)\b.+\?)", _search),
    (r"\b(?:thanks|thank you|thx|cheers)\b", _say("You're welcome.")),
    (r"\b(?:hi|hello|hey|good (?:morning|evening|day))\b", _say(HELLO)),
)
