"""What a caller is told when the database cannot be used."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from reminders.errors import ReminderError
from reminders.store import cause

logger = logging.getLogger(__name__)


@asynccontextmanager
async def storage() -> AsyncGenerator[None]:
    try:
        yield
    except SQLAlchemyError as error:  # its text holds what people wrote, so it goes no further
        logger.error("the reminders cannot be read or written: %s", cause(error))  # noqa: TRY400
        raise ReminderError(
            "The reminders cannot be reached: the database is busy or broken. Try again soon."
        ) from None
