"""How soon a server is tried again."""

from mcp_servers.outside.backoff import LONGEST, delay


def longest(failures: int, *, down_for: float | None, is_program: bool) -> float:
    return delay(failures, down_for=down_for, is_program=is_program, jitter=lambda: 1.2)


def test_an_address_that_was_there_is_looked_for_within_a_second_and_a_half_for_a_minute() -> None:
    assert all(longest(failures, down_for=59, is_program=False) <= 1.5 for failures in range(100))


def test_what_was_never_there_is_tried_less_and_less() -> None:
    waits = [delay(failures, down_for=None, is_program=False, jitter=lambda: 1) for failures in range(12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.5, LONGEST)


def test_a_program_that_keeps_dying_is_started_less_and_less_also_in_the_first_minute() -> None:
    waits = [delay(failures, down_for=1, is_program=True, jitter=lambda: 1) for failures in range(12)]
    assert (waits[0], waits[-1]) == (0.1, LONGEST)


def test_no_number_of_failures_is_too_large() -> None:
    assert longest(10**9, down_for=None, is_program=True) == LONGEST * 1.2
