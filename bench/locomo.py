"""How much of the evidence recall finds in LoCoMo: `python -m bench.locomo FILE [--json] [--embedder minilm|e5]`.

FILE is LoCoMo's JSON (Maharana et al. 2024; CC BY-NC 4.0, so it does not come with the project). A conversation becomes
a channel of a server of its own, a turn one message (its picture a file named by the caption), a question the query,
through the same archive, indexes and recall as in the running bot. R@k is the share of evidence in the first k hits,
the mean over the questions of categories 1 to 4; shown@k the same with a line either side of each hit.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from bench.finding import Chat, Question, figures, indexed, options, outcomes, recalled
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Attachment, Message
from chat.people import Person
from memory.embedders.spec import EmbedderSpec

KINDS = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}


class Turn(BaseModel):
    """Something that was said."""

    speaker: str
    dia_id: str
    text: str
    blip_caption: str = ""


class Asked(BaseModel):
    """A question and the turns that answer it."""

    question: str
    category: int
    evidence: list[str] = []


class Conversation(BaseModel):
    """Sessions under `session_N`, when they began under `session_N_date_time`."""

    sample_id: str
    conversation: dict[str, str | list[Turn]]
    qa: list[Asked]


def chat_of(number: int, conversation: Conversation) -> Chat:
    messages = dict(said(number, conversation.conversation))
    return Chat(GuildId(number), list(messages.values()), list(questions(conversation.qa, messages)))


def said(number: int, sessions: dict[str, str | list[Turn]]) -> Iterator[tuple[str, Message]]:
    speakers: dict[str, UserId] = {}
    for session in sorted((key for key in sessions if re.fullmatch(r"session_\d+", key)), key=lambda key: int(key[8:])):
        turns, began = sessions[session], sessions[f"{session}_date_time"]
        if isinstance(turns, str) or not isinstance(began, str):
            raise SystemExit(f"{session} is not of the form of LoCoMo")
        for place, turn in enumerate(turns):
            when = datetime.strptime(began, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC) + timedelta(seconds=20 * place)
            author = speakers.setdefault(turn.speaker, UserId(100 * number + len(speakers)))
            message = Message(
                MessageId(snowflake_at(when) + number),  # conversations may share a moment
                ChannelId(number),
                GuildId(number),
                Person(author, turn.speaker),
                turn.text,
                when,
                attachments=(Attachment(turn.blip_caption, "image/jpeg", 1, ""),) if turn.blip_caption else (),
            )
            yield turn.dia_id, message


def questions(asked: Sequence[Asked], messages: dict[str, Message]) -> Iterator[Question]:
    """Those of categories 1 to 4 with evidence; a few references are written "D8:6; D9:17", or "D30:05"."""
    for each in asked:
        turns = [f"D{day}:{int(turn)}" for text in each.evidence for day, turn in re.findall(r"D(\d+):(\d+)", text)]
        evidence = frozenset(messages[turn].id for turn in turns if turn in messages)
        if each.category in KINDS and evidence:
            yield Question(each.question, KINDS[each.category], evidence)


async def measure(chats: Sequence[Chat], spec: EmbedderSpec) -> dict[str, object]:
    async with indexed(chats, spec) as here:
        return figures(await outcomes(chats, partial(recalled, here)))


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args()
    conversations = TypeAdapter(list[Conversation]).validate_json(chosen.file.read_bytes())
    chats = [chat_of(number, conversation) for number, conversation in enumerate(conversations, 1)]
    found = asyncio.run(measure(chats, EmbedderSpec(chosen.models, chosen.embedder)))
    print(json.dumps(found) if chosen.json else "\n".join(f"{name:12} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
