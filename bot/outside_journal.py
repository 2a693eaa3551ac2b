"""Which calls of outside tools were begun and done: `tools.approval.Journal` in the database."""

import logging

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from bot.tables import outside_calls
from chat.clock import Clock
from storage.database import Database
from tools.approval import State
from tools.context import ToolContext

logger = logging.getLogger(__name__)


class OutsideJournal:
    """A call of an earlier attempt is one with the same root and identity that this attempt has not met yet: so a
    tool may be called twice with the same arguments, and a repeated run finds both.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, identity: str, context: ToolContext) -> State:
        c, now = outside_calls.c, self._clock()

        def work(connection: Connection) -> State:
            same = (c.root == context.root) & (c.identity == identity) & (c.run_id != context.run_id)
            earlier = connection.execute(select(c.id, c.done_at).where(same).order_by(c.id).limit(1)).first()
            if earlier is None:
                connection.execute(
                    insert(outside_calls).values(
                        root=context.root,
                        identity=identity,
                        run_id=context.run_id,
                        guild_id=context.channel.guild_id,
                        asker_id=context.asker.id,
                        begun_at=now,
                    )
                )
                return State.NEW
            connection.execute(update(outside_calls).where(c.id == earlier.id).values(run_id=context.run_id))
            return State.BEGUN if earlier.done_at is None else State.DONE

        try:
            return await self._database.write(work)
        except DBAPIError as error:  # a full disk must keep nobody from an answer
            logger.error("a call of an outside tool could not be noted: %s", error.orig)  # noqa: TRY400
            return State.NEW

    async def done(self, identity: str, context: ToolContext) -> None:
        c, now = outside_calls.c, self._clock()

        def work(connection: Connection) -> None:
            mine = (c.root == context.root) & (c.identity == identity) & (c.run_id == context.run_id)
            first = select(c.id).where(mine & c.done_at.is_(None)).order_by(c.id).limit(1).scalar_subquery()
            connection.execute(update(outside_calls).where(c.id == first).values(done_at=now))

        try:
            await self._database.write(work)
        except DBAPIError as error:
            logger.error("the end of an outside tool's call could not be noted: %s", error.orig)  # noqa: TRY400
