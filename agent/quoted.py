"""Messages, memories and files as lines of a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.budget import cut
from agent.prompt_input import KnownFact, LoadedFile, LoadedImage, LoadedText, RecalledLine, Skipped
from agent.quoting import Kind, line, marked, plain_name
from agent.tokens import IMAGE_TOKENS, count_text
from agent.transcript import ImagePart
from chat.messages import Message

NO_ROOM = "there is no room for it in one request"


def cost(quoted: str) -> int:
    """Tokens of a line and the line break after it."""
    return count_text(f"{quoted}\n")


def quoted_message(kind: Kind, message: Message, zone: ZoneInfo, *, room: int) -> str | None:
    """The message as one line of at most `room` tokens, its text cut with a note; None when it is hopeless."""

    def quoted(text: str) -> str:
        return line(
            kind,
            id=str(message.id),
            from_=plain_name(message.author.name),
            from_id=str(message.author.id),
            at=minute(message.created_at, zone),
            reply_to=str(message.reply_to) if message.reply_to else None,
            text=text,
            link=message.link if kind is Kind.REPLIED_TO else None,
        )

    text = cut(message.text, lambda each: cost(quoted(each)), room)
    return None if text is None else quoted(text)


def quoted_recall(recalled: RecalledLine, zone: ZoneInfo, *, room: int) -> str | None:
    """One line of at most `room` tokens, its text cut with a note; None when it is hopeless."""

    def quoted(text: str) -> str:
        return line(
            Kind.MEMORY,
            from_=plain_name(recalled.author.name),
            from_id=str(recalled.author.id),
            at=minute(recalled.at, zone),
            channel=plain_name(recalled.channel),
            text=text,
            link=recalled.link,
        )

    text = cut(recalled.text, lambda each: cost(quoted(each)), room)
    return None if text is None else quoted(text)


def quoted_facts(facts: Sequence[KnownFact], *, room: int) -> list[str]:
    """As many as fit, in their order; the newest stay."""
    kept: list[str] = []
    for fact in reversed(facts):
        quoted = line(Kind.FACT, about=fact.about, text=fact.text)
        if cost(quoted) > room:
            break
        kept.append(quoted)
        room -= cost(quoted)
    return kept[::-1]


@dataclass(frozen=True, slots=True)
class QuotedFiles:
    """What is told of the files, the pictures among them, and what all of it costs."""

    lines: tuple[str, ...] = ()
    images: tuple[ImagePart, ...] = ()

    @property
    def count(self) -> int:
        """Of files that the model gets to see, in whole or in part."""
        return sum(each.startswith(f"{Kind.FILE} ") for each in self.lines)

    @property
    def cost(self) -> int:
        return sum(map(cost, self.lines)) + IMAGE_TOKENS * len(self.images)


def quoted_files(files: Sequence[LoadedFile], *, room: int) -> QuotedFiles:
    """In their order; what does not fit is cut or named as left out, as long as there is room for that."""
    told = QuotedFiles()
    for file in files:
        for candidate in (_told(file, room - told.cost), _told(Skipped(file.filename, NO_ROOM), room - told.cost)):
            more = QuotedFiles((*told.lines, *candidate.lines), (*told.images, *candidate.images))
            if candidate.lines and more.cost <= room:
                told = more
                break
    return told


def minute(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _told(file: LoadedFile, room: int) -> QuotedFiles:
    match file:
        case LoadedImage(filename, data_url):
            return QuotedFiles((line(Kind.FILE, name=filename, shown="as a picture"),), (ImagePart(data_url),))
        case LoadedText(filename, text):
            head = line(Kind.FILE, name=filename)
            fitted = cut(text, lambda each: cost(f"{head}\n{marked(each)}"), room)
            return QuotedFiles() if fitted is None else QuotedFiles((f"{head}\n{marked(fitted)}",))
        case Skipped(filename, why):
            return QuotedFiles((line(Kind.SKIPPED_FILE, name=filename, because=why),))
