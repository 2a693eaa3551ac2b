"""What can go wrong between a bot and Discord, on a switch: refused and slow requests, lost and disturbed sockets."""

import re
from dataclasses import dataclass

from sandbox.gateway import Gateway
from sandbox.hub import Hub


@dataclass(slots=True)
class RestFault:
    """The next `times` matching requests get this instead of an answer (or, when slow, before it)."""

    status: int | None
    times: int
    method: str | None
    path: re.Pattern[str] | None
    who: str | None
    retry_after: float
    seconds: float
    after_effect: bool

    def concerns(self, method: str, path: str, who: str | None) -> bool:
        return (
            self.times > 0
            and (self.method is None or self.method == method)
            and (self.who is None or self.who == who)
            and (self.path is None or self.path.search(path) is not None)
        )


class FaultSwitches:
    """Every switch acts on what comes next; nothing is ever random."""

    def __init__(self, *, hub: Hub, gateway: Gateway) -> None:
        self._hub = hub
        self._gateway = gateway
        self._rest: list[RestFault] = []

    # REST

    def answer(
        self,
        status: int,
        *,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        who: str | None = None,
        retry_after: float = 0.1,
        after_effect: bool = False,
    ) -> None:
        """The next `times` requests fail with `status`: 429 (with `retry_after`), 500, 502, 503, …

        `path` is a regular expression searched in the path below /api/v10, `who` a username. With `after_effect` the
        request is carried out first and only its answer is lost, as when Discord dies just after doing it.
        """
        self._add(RestFault(status, times, method, _pattern(path), who, retry_after, 0.0, after_effect))

    def slow(
        self,
        seconds: float,
        *,
        times: int = 1,
        method: str | None = None,
        path: str | None = None,
        who: str | None = None,
    ) -> None:
        """The next `times` requests wait before they are served."""
        self._add(RestFault(None, times, method, _pattern(path), who, 0.0, seconds, False))

    def take(self, method: str, path: str, who: str | None) -> RestFault | None:
        for fault in self._rest:
            if fault.concerns(method, path, who):
                fault.times -= 1
                if not fault.times:
                    self._rest.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Back to good weather."""
        self._rest.clear()
        self._hub.disturbance.duplicate = self._hub.disturbance.reorder = 0
        self._gateway.refused_resumes = 0

    def _add(self, fault: RestFault) -> None:
        self._rest.append(fault)

    # Gateway

    def drop_sockets(self, code: int = 4000, *, user_id: int | None = None) -> int:
        """Close the sockets (of one user) with `code`; says how many. Sessions can be resumed afterwards."""
        return self._gateway.close_all(code, user_id=user_id)

    def ask_to_reconnect(self, *, user_id: int | None = None) -> int:
        """Opcode 7."""
        return self._gateway.send_all(7, None, user_id=user_id)

    def invalidate_sessions(self, *, resumable: bool = False, user_id: int | None = None) -> int:
        """Opcode 9; without `resumable` the sessions are forgotten, so that clients must identify anew."""
        return self._gateway.invalidate(resumable=resumable, user_id=user_id)

    def refuse_resumes(self, times: int = 1) -> None:
        """The next resumes are answered with an invalid session."""
        self._gateway.refused_resumes = times

    def duplicate_events(self, times: int = 1, *, name: str | None = None) -> None:
        """The next events to a bot (of this name) arrive twice."""
        self._hub.disturbance.duplicate, self._hub.disturbance.only = times, name

    def reorder_events(self, times: int = 1, *, name: str | None = None) -> None:
        """The next events to a bot (of this name) arrive after the one that follows."""
        self._hub.disturbance.reorder, self._hub.disturbance.only = times, name


def _pattern(path: str | None) -> re.Pattern[str] | None:
    return None if path is None else re.compile(path)
