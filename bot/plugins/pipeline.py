"""The pipeline: each event goes through the plugins in order, until one has handled it.

Ours that only look (`Inline`) see an event at once. The others wait for each other, so each channel has a lane of its
own: within it the order of Discord is kept, and a slow plugin holds up one channel, for a bounded time. While too many
events wait in a lane, they go past the third-party plugins.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic as now

from bot.plugins.apart import Stopped
from bot.plugins.events import Event, Pressed, Said, lane_of
from bot.plugins.health import Health, Installed
from bot.plugins.plugin import Inline, PluginError
from bot.plugins.prefix import PrefixCommands

logger = logging.getLogger(__name__)

SECONDS = 5.0
CROWDED = 200
"""Waiting events of one lane, beyond which third-party plugins are passed over."""


@dataclass(slots=True)
class _Lane:
    name: str
    waiting: deque[Event] = field(default_factory=deque[Event])
    spent: Counter[str] = field(default_factory=Counter[str])
    """The milliseconds that plugins have taken, by their names."""
    is_told: bool = False
    """Whether the log has it that the lane is crowded."""


class Pipeline:
    """Offers events to the plugins. Its tasks live in the `TaskGroup` given; `close` ends them."""

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        installed: Sequence[Installed],
        *,
        commands: PrefixCommands,
        health: Health,
        seconds: float = SECONDS,
    ) -> None:
        self.installed = installed
        self._tasks = tasks
        self._commands = commands
        self._health = health
        self._seconds = seconds
        self._inline = [each.plugin for each in installed if isinstance(each.plugin, Inline)]
        self._lanes: dict[str, _Lane] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._closed = False

    def offer(self, event: Event) -> None:
        """Returns at once."""
        if self.notice(event) or self._closed:
            return
        name = lane_of(event)
        if (lane := self._lanes.get(name)) is None:
            lane = self._lanes[name] = _Lane(name)
            self._spawn(lane)
        lane.waiting.append(event)

    def notice(self, event: Event) -> bool:
        """Only to those of ours that look at once: of what was missed."""
        for plugin in self._inline:
            try:
                if plugin.notice(event):
                    return True
            except Exception:  # boundary: one that only looks must not stop the others
                logger.exception("the plugin %s failed", plugin.name)
        return False

    async def pressed(self, plugin: str, press: Pressed) -> str:
        """What to tell whoever pressed a button. Raises PluginError."""
        installed = next((each for each in self.installed if each.name == plugin), None)
        if installed is None or installed.disabled:
            raise PluginError("What this button belonged to is not there any more.")
        if installed.apart is None:
            return await installed.plugin.pressed(press)
        try:
            return await installed.apart.run(lambda: installed.plugin.pressed(press), seconds=self._seconds)
        except PluginError:
            raise
        except Exception as error:  # boundary: as in `_ask`
            await self._failed(installed, error, "a press")
            raise PluginError("That went wrong on my side; it is in the log.") from error

    async def close(self) -> None:
        """Nothing is offered any more; what plugins are at is cancelled."""
        self._closed = True
        working = list(self._working)
        for task in working:
            task.cancel()
        if working:
            await asyncio.wait(working)
        await self._commands.close()

    def _spawn(self, lane: _Lane) -> None:
        task = self._tasks.create_task(self._work(lane), name=f"plugins in {lane.name}")
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, lane: _Lane) -> None:
        try:
            while lane.waiting and not self._closed:
                crowded = len(lane.waiting) > CROWDED
                if crowded and not lane.is_told:
                    self._tell(lane)
                await self._pass_through(lane.waiting.popleft(), lane, crowded=crowded)
        finally:
            del self._lanes[lane.name]

    @staticmethod
    def _tell(lane: _Lane) -> None:
        lane.is_told = True
        slowest = ", ".join(name for name, _ in lane.spent.most_common(1))
        logger.warning(
            "%d events wait in the %s, too many for third-party plugins: they are passed over; the slowest: %s",
            *(len(lane.waiting), lane.name, slowest or "none yet"),
        )

    async def _pass_through(self, event: Event, lane: _Lane, *, crowded: bool) -> None:
        found = self._commands.in_event(event) if isinstance(event, Said) else None
        for installed in self.installed:
            if installed.disabled:
                continue
            if found is not None and isinstance(event, Said) and found.installed is installed:
                self._commands.begin(found, event)
                return
            if crowded and installed.apart is not None:
                continue
            if installed.handles and await self._ask(installed, event, lane):
                if isinstance(event, Said):
                    self._commands.claim(event)
                return

    async def _ask(self, installed: Installed, event: Event, lane: _Lane) -> bool:
        began = now()
        try:
            if installed.apart is None:
                handled = await installed.plugin.handle(event)
            else:
                handled = await installed.apart.run(lambda: installed.plugin.handle(event), seconds=self._seconds)
        except Exception as error:  # noqa: BLE001 - boundary: a plugin that fails is named, and the others go on
            await self._failed(installed, error, type(event).__name__)
            return False
        finally:
            lane.spent[installed.name] += round(1000 * (now() - began))
        self._health.went_well(installed)
        return handled is True

    async def _failed(self, installed: Installed, error: Exception, what: str) -> None:
        if installed.apart is None:
            logger.error("the plugin %s failed at %s", installed.name, what, exc_info=error)
            return
        place = None
        if isinstance(error, TimeoutError):
            place = await installed.apart.blocked_at()
            problem = f"gave no answer to {what} within {self._seconds:g} s"
            problem += f": it is stuck at {place}" if place else ""
        elif isinstance(error, Stopped):
            problem = f"ended at {what}: {error}"
        else:
            logger.info("the plugin %s failed at %s", installed.name, what, exc_info=error)
            problem = f"raised {type(error).__name__} at {what}"
        await self._health.failed(installed, problem, for_good=place is not None)
