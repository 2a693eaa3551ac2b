"""Shows a running turn in the reply that will become its answer: `agent.turn.Progress` over `StreamedReply`."""

from collections.abc import Mapping, Sequence

from bot.links import AnswerLinks
from bot.reply import StreamedReply
from tools.calls import ToolCall

LONGEST_REPORT = 150


class ReplyProgress:
    """The text of the current step as it grows; while tools run, what they do."""

    def __init__(self, reply: StreamedReply, links: AnswerLinks) -> None:
        self._reply = reply
        self._links = links

    async def text(self, step: int, text: str) -> None:  # noqa: ARG002 - the newest step is the one to see
        self._reply.show(await self._links.preview(text))

    async def calls(self, step: int, calls: Sequence[ToolCall], titles: Mapping[str, str]) -> None:  # noqa: ARG002
        doing = dict.fromkeys(titles.get(call.name, call.name) for call in calls)
        self._reply.status(f"🔧 {', '.join(doing)}…")

    def doing(self, call: ToolCall, text: str) -> None:  # noqa: ARG002 - the newest report is the one to see
        self._reply.status(f"🔧 {text[:LONGEST_REPORT]}…")
