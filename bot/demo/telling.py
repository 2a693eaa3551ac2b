"""How the scripted demo model tells what a tool has answered: each kind of result as a few sentences. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import groupby

from pydantic import JsonValue, ValidationError

from bot.demo.heard import Heard
from bot.demo.times import EVERY, WHEN
from reminders.wording import relative_time
from tools.channels import ChannelList, ListedPlace
from tools.members import ListedMember, MemberList
from tools.messages import ChannelLog, Posted
from tools.quoting import Quote
from tools.recall import SearchResult, Surroundings
from tools.reminder_views import Cancelled, ReminderList, ReminderView

SHOWN = 4
QUOTE = 180
UNREADABLE = "The answer was too long for a script like me. Ask for less of it."
_YOURS = {"my": "your", "mine": "yours", "me": "you", "i": "you", "myself": "yourself", "our": "your"}
_KINDS = {"voice": "🔊 ", "stage": "🔊 ", "announcement": "📣 ", "forum": "💬 "}


def tell(tool: str, result: str, heard: Heard) -> str:
    """One tool result in words. What is no JSON is a sentence already: a refusal, or a short answer."""
    found = _parsed(result)
    if found is None:
        return UNREADABLE if result.lstrip().startswith("{") else _sentence(result)
    try:
        return TELLERS[tool](found, heard)
    except (KeyError, ValidationError):
        return f"`{tool}` has answered something that I cannot put into words."


def _parsed(result: str) -> JsonValue:
    """The agent may have added a line after the JSON."""
    try:
        found: JsonValue = json.JSONDecoder().raw_decode(result.lstrip())[0]
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _sentence(refusal: str) -> str:
    """`#ops (id 12, in Work, text)` is for models; people get a link."""
    linked = re.sub(r"#[^\s#]+ \(id (\d+)[^()]*\)", r"<#\1>", refusal.strip())
    return linked.replace("list_reminders tells the ids", "“my reminders” tells the ids")


def _channels(found: JsonValue, _: Heard) -> str:
    listed = ChannelList.model_validate(found)
    if not listed.channels:
        return _noted("There is no such channel that you can see.", listed.note)
    threads = [each for each in listed.channels if each.thread_of]
    parts = ["You and I both see these channels:"]
    for heading, group in groupby((each for each in listed.channels if not each.thread_of), key=_heading):
        parts += [f"**{heading}**"] if heading else []
        for place in group:
            parts += [_bullet(place), *(f"  {_bullet(each)}" for each in threads if each.thread_of == place.id)]
    return _noted("\n".join(parts), listed.note)


def _heading(place: ListedPlace) -> str:
    return " · ".join(part for part in (place.server, place.category) if part)


def _bullet(place: ListedPlace) -> str:
    mark = "🧵 " if place.thread_of else _KINDS.get(place.kind or "", "")
    return f"- {mark}#{place.name}{f': {place.topic}' if place.topic else ''}"


def _members(found: JsonValue, _: Heard) -> str:
    listed = MemberList.model_validate(found)
    count = "1 person" if listed.found == 1 else f"{listed.found} people"
    return _noted("\n".join([f"{count}:", *map(_member, listed.members)]), listed.note)


def _member(member: ListedMember) -> str:
    about = [*(["a bot"] if member.is_bot else []), *(role for role in member.roles or [] if role != member.name)]
    return f"- <@{member.id}>{': ' if about else ''}{', '.join(about)}"


def _hits(found: JsonValue, heard: Heard) -> str:
    # Earlier questions to the bot are remembered too, and answer nothing.
    question = f"@{heard.bot} "
    hits = [hit for hit in SearchResult.model_validate(found).hits if not hit.text.startswith(question)]
    if not hits:
        return "I remember nothing about that which everybody here may read."
    rows = [_quoted(hit, hit.link, hit.channel) for hit in hits[:SHOWN]]
    return "\n".join(["The closest that I remember:", *rows])


def _log(found: JsonValue, _: Heard) -> str:
    log = ChannelLog.model_validate(found)
    if not log.messages:
        return f"Nothing was said in <#{log.channel_id}> yet."
    rows = [_quoted(each, f"{log.link_start}{each.id}", None) for each in log.messages[-SHOWN:]]
    return "\n".join([f"The newest in <#{log.channel_id}>:", *rows])


def _around(found: JsonValue, _: Heard) -> str:
    around = Surroundings.model_validate(found)
    rows = [_quoted(each, each.link, None) for each in around.messages]
    return "\n".join([f"Said around it in {around.channel}:", *rows])


def _quoted(said: Quote, link: str | None, channel: str | None) -> str:
    when = relative_time(datetime.fromisoformat(said.at))
    place = channel or "message"
    where = f"[{place}]({link})" if link else place
    text = short(said.text) or (f"(a file: {said.files[0]})" if said.files else "(no text)")
    return f"- **{said.author}**, {when}, {where}: {text}"


def short(text: str) -> str:
    """One line that ends at a word, without the marks that would format what stands around it."""
    flat = " ".join(re.sub(r"[*`|~]+|^[#>]+ ", "", re.sub(r"```(?:\w+\n)?", " ", text), flags=re.MULTILINE).split())
    if len(flat) <= QUOTE:
        return flat
    return f"{flat[:QUOTE].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"


def _posted(found: JsonValue, _: Heard) -> str:
    return f"Posted in {Posted.model_validate(found).posted_in}."


def _reminder(found: JsonValue, heard: Heard) -> str:
    reminder = ReminderView.model_validate(found)
    text = re.sub(r"[\w'’]+", lambda word: _YOURS.get(word[0].lower(), word[0]), reminder.text)
    joined = re.search(r"\b(to|that|about|of) (?:the )?" + re.escape(reminder.text), heard.request, re.IGNORECASE)
    how = joined[1].lower() if joined else "of"
    if reminder.recurs:
        said = EVERY.search(heard.request)
        again = said[0].lower().strip() if said else reminder.recurs
        first = f"first {reminder.due_in} ({reminder.due_shown})"
        assumed = (reminder.assumed or "").replace(
            "if it is not theirs, set_timezone keeps theirs", "/timezone sets yours"
        )
        return _noted(f"I'll remind you {again}, {first}, {how} {text.rstrip('.')}.", assumed)
    is_delay = any(found["span"] for found in WHEN.finditer(heard.request))
    at = "" if is_delay else f", {reminder.due_shown},"
    return f"I'll remind you {reminder.due_in}{at} {how} {text.rstrip('.')}."


def _reminders(found: JsonValue, _: Heard) -> str:
    listed = ReminderList.model_validate(found)
    if not listed.reminders:
        return _noted("There is no reminder waiting for you.", listed.note)
    rows = [
        f"- {each.due_in}{', again and again' if each.recurs else ''}: {short(each.text)} "
        f"([asked here]({each.asked_in}), `{each.id}`)"
        for each in listed.reminders
    ]
    last = f"To call one off, say “cancel reminder {listed.reminders[0].id}”."
    return _noted("\n".join(["These are waiting for you:", *rows, last]), listed.note)


def _cancelled(found: JsonValue, _: Heard) -> str:
    done = Cancelled.model_validate(found)
    match done.cancelled:
        case str(number):
            said = f"Reminder `{number}` is called off."
        case reminder:
            said = f"Called off: “{short(reminder.text)}”, which was due {reminder.due_shown}."
    return _noted(said, done.note)


def _noted(text: str, note: str | None) -> str:
    return f"{text}\n-# {note[:1].upper()}{note[1:]}." if note else text


TELLERS: Mapping[str, Callable[[JsonValue, Heard], str]] = {
    "list_channels": _channels,
    "list_members": _members,
    "search_memory": _hits,
    "read_around": _around,
    "read_channel": _log,
    "post_message": _posted,
    "schedule_reminder": _reminder,
    "list_reminders": _reminders,
    "cancel_reminder": _cancelled,
}
