"""Search by meaning, as the rest sees it: the space of meaning, in a process of its own, made ready in the background.

Chroma holds the interpreter's lock while it writes, and its native code may crash: over there it disturbs nobody.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from chat.ids import MessageId
from memory.apart import Apart, EndedError
from memory.embedders import EmbedderAwayError, EmbedderError
from memory.scopes import Scope
from memory.space import LoadEmbedder, LoadNamed, Space, VectorsError

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


class Meaning:
    """The space, once it is loaded. Whatever is asked may raise what it raises there, or `EndedError`."""

    def __init__(self, apart: Apart[Space], *, news: Callable[[], None]) -> None:
        """`news` is called when vectors turn out to be damaged, or to be in use."""
        self._apart = apart
        self._news = news
        self._asked: set[Scope] = set()
        self.suspected = False
        """Whether the vectors should be looked through."""

    async def nearest(self, scope: Scope, questions: Sequence[str], count: int) -> dict[MessageId, float]:
        """Cosine similarities of the messages closest to what the questions mean together, best first."""
        try:
            found = await self._apart.ask(Space.nearest, scope, questions, count)
        except VectorsError:
            self.suspected = True
            self._news()
            raise
        if scope not in self._asked:
            self._asked.add(scope)
            self._news()
        return found

    async def change(self, what: Callable[Concatenate[Space, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run this over the space, one after the other."""
        return await self._apart.change(what, *args, **kwargs)

    @property
    def alive(self) -> bool:
        return self._apart.alive

    @property
    def process(self) -> int:
        """The number of its process."""
        return self._apart.pid


class MeaningDoor:
    """Holds the `Meaning` once it is loaded; until then, or when that failed, there is none."""

    def __init__(self, load: LoadEmbedder, load_named: LoadNamed, folder: Path, *, news: Callable[[], None]) -> None:
        """`news` is called when there is something to look at: the process has ended, or its vectors are in use."""
        self._open = partial(Space.open, load, load_named, folder)
        self._news = news
        self._apart: Apart[Space] | None = None
        self._off = False
        self.now: Meaning | None = None

    async def reopen(self, *, suspected: bool) -> Meaning | None:
        """Load it afresh; None when that will never do, which the log explains. Other trouble is raised, and may pass.

        Vectors that turn out to be damaged are started afresh; those that are `suspected` are looked through for it.
        """
        await self.close()
        if self._off:
            return None
        self._apart = Apart[Space](ended=partial(asyncio.get_running_loop().call_soon_threadsafe, self._news))
        try:
            await self._apart.make(partial(self._open, suspected=suspected))
            self.now = Meaning(self._apart, news=self._news)
        except (EmbedderAwayError, VectorsError, EndedError):
            await self.close()
            raise
        except EmbedderError as error:
            logger.error("search by meaning is off: %s; words still work", error)  # noqa: TRY400 - it says it all
            self._off = True
        except Exception:  # boundary: whatever is wrong with a model, the archive still works
            logger.exception("search by meaning is off, because its parts could not be loaded; words still work")
            self._off = True
        if self._off:
            await self.close()
        return self.now

    async def close(self) -> None:
        """A change that has begun, even one that nobody awaits any more, is finished first."""
        apart, self._apart, self.now = self._apart, None, None
        if apart is not None:
            await asyncio.to_thread(apart.close)
