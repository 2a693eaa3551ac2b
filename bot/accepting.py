"""Taking on a request: once, into the queue of its channel, or turned away with a sentence when that is full."""

import asyncio

from bot.desk import Desk
from bot.inbox import Inbox
from bot.ledger import Ledger
from chat.messages import IncomingMessage

FULL_QUEUE = "I already have {waiting} requests waiting in this channel; please ask again in a little while."


class Accepting:
    """The way from a request to its run."""

    def __init__(self, tasks: asyncio.TaskGroup, *, ledger: Ledger, inbox: Inbox, desk: Desk) -> None:
        self._tasks = tasks
        self._ledger = ledger
        self._inbox = inbox
        self._desk = desk

    def accept(self, request: IncomingMessage) -> None:
        """Returns at once; a request that was accepted before is not again."""
        if self._inbox.closed or not self._ledger.claim(request.message.id):
            return
        if not self._inbox.put(request):
            sentence = FULL_QUEUE.format(waiting=self._inbox.queue_length)
            self._tasks.create_task(self._desk.turn_away(request, sentence))
