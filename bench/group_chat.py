"""How much of the evidence recall finds in a group chat: `python -m bench.group_chat [--json] [--embedder minilm|e5]`.

LoCoMo (`bench/locomo.py`), on which the ranking was chosen, is two people who tell each other of their lives. This is
another kind: twenty people, twelve channels, threads of talk that cross each other, decisions taken and taken back
(`bench/group_chat_files.py` reads it). No weight was chosen on it. The figures are the same, in two rows: `ranking` is
the bot's own, `plain` a baseline that knows nothing of chats, the scaled scores of both indexes, half and half.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.finding import Chat, Indexed, Question, figures, indexed, options, outcomes, recalled
from bench.group_chat_files import read
from chat.ids import MessageId
from memory.embedders.spec import EmbedderSpec
from memory.full_text import MAX_ID
from memory.proposals import Proposals
from memory.scopes import scope_of

WORDS, MEANING = 80, 300
"""How many the baseline asks of each index, as recall does."""
ROWS = {
    "ranking": "memory/ranking.py, as the bot recalls",
    "plain": "half the score of the full text, half the cosine, both scaled; no surroundings, no bonuses",
}


async def plain(here: Indexed, chat: Chat, question: Question) -> Sequence[MessageId]:
    """The scores of both indexes on one scale, added up."""
    scope, meaning = scope_of(chat.guild_id, None), here.memory.door.now
    proposals = Proposals(database=here.database, meaning=meaning, scope=scope, first=0, last=MAX_ID)
    proposed = await proposals.ask(question.text, words=WORDS, meaning=MEANING)
    ids = list({**proposed.words, **proposed.meaning})
    all_words = len(proposed.words) < WORDS  # then the others share no word with the question
    scores = scaled(ids, proposed.words, 0.0 if all_words else min(proposed.words.values()))
    scores += scaled(ids, proposed.meaning, min(proposed.meaning.values(), default=0.0))
    return [ids[int(place)] for place in np.argsort(-scores, kind="stable")]


def scaled(ids: Sequence[MessageId], scores: Mapping[MessageId, float], missing: float) -> NDArray[np.float64]:
    """Mean 0, deviation 1 over all; `missing` is the score of those that only the other index brought up."""
    values = np.array([scores.get(id_, missing) for id_ in ids], np.float64)
    return (values - values.mean()) / (float(values.std()) or 1.0)


async def measure(chat: Chat, spec: EmbedderSpec) -> dict[str, dict[str, object]]:
    async with indexed([chat], spec) as here:
        found = {"ranking": partial(recalled, here), "plain": partial(plain, here)}
        return {row: figures(await outcomes([chat], find)) for row, find in found.items()}


def main() -> None:
    chosen = options(__doc__).parse_args()
    chat = read()
    found = asyncio.run(measure(chat, EmbedderSpec(chosen.models, chosen.embedder)))
    if chosen.json:
        print(json.dumps({"embedder": chosen.embedder, "messages": len(chat.messages), "rows": ROWS, **found}))
        return
    for row, told in ROWS.items():
        print(f"{row}: {told}")
        print("\n".join(f"  {name:12} {value}" for name, value in found[row].items()))


if __name__ == "__main__":
    main()
