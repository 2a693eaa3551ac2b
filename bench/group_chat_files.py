"""Reads the group chat in `bench/group_chat`: a channel a file, `NAME.txt`; everybody on the server in `people.txt`.

A made-up server over eight months, written by hand for this benchmark. It is read line by line:

    # a comment
    @ 2024-10-06 18:12                        from here it is this time (UTC); each message is said 20 seconds later
    Hal: once. that was one time              a message; its author is one of `people.txt`
    Wen [loaf]: first bread {loaf_01.jpg}     with a key, and with files that are named at its end
    Ines [lemon > loaf]: half a litre         an answer to another message of the channel; `[> loaf]` if it has no key
    ? who loaf lemon: who baked?              a question of a kind, the keys of all messages that answer it, its text

Keys are known in all files, so evidence may come from several channels. The kinds: "single", one line answers it;
"several", only several do; "time", what is asked for is when; "who", by whom; "reversed", the last of several
decisions, or what was there before it; "context", the line that answers makes sense only with what it answers to.
"""

import mimetypes
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.finding import Chat, Question
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Attachment, Message
from chat.people import Person

FOLDER = Path(__file__).parent / "group_chat"
GUILD = GuildId(1)
KINDS = ("single", "several", "time", "who", "reversed", "context")
APART = timedelta(seconds=20)
MOST_EVIDENCE = 4

_KEY = "[a-z0-9-]+"
_SAID = re.compile(rf"(?P<author>[^\[\]:]+)(?: \[(?=[^\]])(?P<key>{_KEY})?(?: ?> (?P<to>{_KEY}))?\])?: (?P<text>.+)")
_ASKED = re.compile(rf"\? (?P<kind>\w+) (?P<keys>{_KEY}(?: {_KEY})*): (?P<text>.+)")
_FILE = re.compile(r"\s*\{([^{}\s]+\.\w+)\}")


class BrokenChatError(Exception):
    """Something in the files is not as it should be; says what, in which file and line."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A line of a file."""

    file: str
    number: int
    text: str

    def broken(self, why: str) -> BrokenChatError:
        return BrokenChatError(f"{self.file}:{self.number}: {why}")


@dataclass(frozen=True, slots=True)
class _Said:
    """A message, and the keys by which it is known and by which it knows another."""

    place: _Place
    key: str | None
    to: str | None
    message: Message


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the keys of its evidence."""

    place: _Place
    kind: str
    keys: Sequence[str]
    text: str


def read(folder: Path = FOLDER) -> Chat:
    """The whole server. Raises `BrokenChatError` for whatever a slip of the pen may do."""
    people = _people(folder / "people.txt")
    said: list[_Said] = []
    asked: list[_Asked] = []
    for number, file in enumerate(sorted(set(folder.glob("*.txt")) - {folder / "people.txt"}), 1):
        for each in _channel(ChannelId(number), file, people):
            match each:
                case _Said():
                    said.append(each)
                case _Asked():
                    asked.append(each)
    known = _known(said)
    messages = [_linked(each, known) for each in said]
    return Chat(GUILD, sorted(messages, key=lambda message: message.id), [_question(each, known) for each in asked])


def _lines(file: Path) -> Iterator[_Place]:
    """All but blank lines and comments."""
    for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if text.strip() and not text.startswith("#"):
            yield _Place(file.name, number, text)


def _people(file: Path) -> dict[str, Person]:
    people: dict[str, Person] = {}
    for place in _lines(file):
        if place.text in people:
            raise place.broken(f"{place.text!r} is here twice")
        people[place.text] = Person(UserId(len(people) + 1), place.text)
    return people


def _channel(channel: ChannelId, file: Path, people: Mapping[str, Person]) -> Iterator[_Said | _Asked]:
    now: datetime | None = None
    for place in _lines(file):
        if place.text.startswith("@ "):
            now = _moment(place, now)
        elif place.text.startswith("?"):
            yield _ask(place)
        elif now is None:
            raise place.broken("a message before the first time (@ 2024-10-06 18:12)")
        else:
            yield _say(place, channel, people, now)
            now += APART


def _moment(place: _Place, now: datetime | None) -> datetime:
    try:
        moment = datetime.strptime(place.text, "@ %Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:
        raise place.broken("a time looks like this: @ 2024-10-06 18:12") from None
    if now is not None and moment < now:
        raise place.broken(f"goes back in time: the message before it was said at {now - APART:%Y-%m-%d %H:%M:%S}")
    return moment


def _say(place: _Place, channel: ChannelId, people: Mapping[str, Person], now: datetime) -> _Said:
    line = _SAID.fullmatch(place.text)
    if line is None:
        raise place.broken("neither a time nor a question nor a message (Name [key > other-key]: text {file.png})")
    if line["author"] not in people:
        raise place.broken(f"{line['author']!r} is not in people.txt")
    id_ = MessageId(snowflake_at(now) + channel)  # channels may share a moment
    files = tuple(Attachment(name, _content_type(name), 1, "") for name in _FILE.findall(line["text"]))
    text = _FILE.sub("", line["text"]).strip()
    message = Message(id_, channel, GUILD, people[line["author"]], text, now, attachments=files)
    return _Said(place, line["key"], line["to"], message)


def _ask(place: _Place) -> _Asked:
    line = _ASKED.fullmatch(place.text)
    if line is None:
        raise place.broken("a question looks like this: ? kind key other-key: text")
    keys = line["keys"].split()
    if line["kind"] not in KINDS:
        raise place.broken(f"{line['kind']!r} is no kind of question: {', '.join(KINDS)}")
    if len(set(keys)) < len(keys) or len(keys) > MOST_EVIDENCE:
        raise place.broken(f"evidence is one to {MOST_EVIDENCE} different messages")
    if line["kind"] == "several" and len(keys) == 1:
        raise place.broken("only one message answers it, so its kind is not 'several'")
    return _Asked(place, line["kind"], keys, line["text"])


def _content_type(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


def _known(said: Sequence[_Said]) -> dict[str, _Said]:
    known: dict[str, _Said] = {}
    for each in said:
        if each.key is None:
            continue
        if each.key in known:
            first = known[each.key].place
            raise each.place.broken(f"the key {each.key!r} is taken already, by {first.file}:{first.number}")
        known[each.key] = each
    return known


def _linked(each: _Said, known: Mapping[str, _Said]) -> Message:
    """The message with what it answers to."""
    if each.to is None:
        return each.message
    if each.to not in known:
        raise each.place.broken(f"answers to {each.to!r}, which no message has as its key")
    other = known[each.to].message
    if other.channel_id != each.message.channel_id or other.id >= each.message.id:
        raise each.place.broken(f"answers to {each.to!r}, which is not above it in the same channel")
    return replace(each.message, reply_to=other.id)


def _question(each: _Asked, known: Mapping[str, _Said]) -> Question:
    for key in each.keys:
        if key not in known:
            raise each.place.broken(f"its evidence {key!r} is the key of no message")
    return Question(each.text, each.kind, frozenset(known[key].message.id for key in each.keys))
