"""Files as lines of a prompt, pictures as its parts: the line of each says which picture it is, and whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agent.budget import cut
from agent.prompt_input import LoadedFile, LoadedImage, LoadedText, LoadedVoice, Skipped
from agent.quoted import cost, minute
from agent.quoting import Field, Kind, line, marked, plain_name
from agent.tokens import IMAGE_TOKENS
from agent.transcript import ImagePart
from chat.messages import IncomingMessage, Message

NO_ROOM = "there is no room for it in one request"


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

    def plus(self, more: "QuotedFiles") -> "QuotedFiles":
        return QuotedFiles((*self.lines, *more.lines), (*self.images, *more.images))


def quoted_files(
    files: Sequence[LoadedFile],
    incoming: IncomingMessage,
    zone: ZoneInfo,
    *,
    room: int,
    after: int = 0,
    name_left_out: bool = True,
) -> QuotedFiles:
    """In their order; what does not fit is cut or named as left out, as long as there is room for that.

    `after` so many pictures that the prompt has already.
    """
    told = QuotedFiles()
    for file in files:
        whose = _whose(file.of, incoming, zone)
        candidates = [_told(file, whose, number=after + len(told.images) + 1, room=room - told.cost)]
        if name_left_out:
            candidates.append(_skipped(Skipped(file.filename, NO_ROOM), whose))
        fitting = (told.plus(candidate) for candidate in candidates if candidate.lines)
        told = next((more for more in fitting if more.cost <= room), told)
    return told


def quoted_voices(files: Sequence[LoadedFile], *, room: int) -> list[str]:
    """What the asker said aloud: a part of the request. Cut where room is short."""
    lines: list[str] = []
    for file in files:
        if not isinstance(file, LoadedVoice) or not file.is_askers:
            continue
        about: Mapping[str, Field] = {"of": "the request", "seconds": round(file.seconds)}
        text = cut(file.text, lambda each, about=about: cost(line(Kind.VOICE, **about, text=each)), room)
        if text is not None:
            lines.append(line(Kind.VOICE, **about, text=text))
            room -= cost(lines[-1])
    return lines


def _whose(of: Message | None, incoming: IncomingMessage, zone: ZoneInfo) -> dict[str, Field]:
    if of is None:
        return {}
    if incoming.replied_to is not None and of.id == incoming.replied_to.id:
        return {"of": "the replied_to message"}
    return {
        "of": f"message {of.id}",
        "from_": plain_name(of.author.name),
        "from_id": str(of.author.id),
        "at": minute(of.created_at, zone),
    }


def _told(file: LoadedFile, whose: Mapping[str, Field], *, number: int, room: int) -> QuotedFiles:
    match file:
        case LoadedImage(filename, data_url):
            shown = line(Kind.FILE, name=filename, shown=f"as picture {number}", **whose)
            return QuotedFiles((shown,), (ImagePart(data_url),))
        case LoadedText(filename, text):
            return _content(line(Kind.FILE, name=filename, **whose), text, room)
        case LoadedVoice(filename, text, seconds, is_forwarded=is_forwarded):
            kind = f"a {'forwarded ' if is_forwarded else ''}voice message of {seconds:.0f} s, transcribed"
            return _content(line(Kind.FILE, name=filename, content=kind, **whose), text, room)
        case Skipped():
            return _skipped(file, whose)


def _content(head: str, text: str, room: int) -> QuotedFiles:
    fitted = cut(text, lambda each: cost(f"{head}\n{marked(each)}"), room)
    return QuotedFiles() if fitted is None else QuotedFiles((f"{head}\n{marked(fitted)}",))


def _skipped(file: Skipped, whose: Mapping[str, Field]) -> QuotedFiles:
    return QuotedFiles((line(Kind.SKIPPED_FILE, name=file.filename, because=file.why, **whose),))
