"""Names under which outside tools are called."""

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from mcp_servers.outside.naming import Route, names_of

SERVERS = st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,31}\Z").filter(lambda name: "__" not in name)
TOOLS = st.text(max_size=130) | st.sampled_from(["a.b", "a/b", "a_b", "_a", "a", "b" * 64, "b" * 65, "ü", "_"])
ROUTES = st.lists(st.builds(Route, SERVERS | st.sampled_from(["s", "s_"]), TOOLS), max_size=30)


@given(ROUTES, st.randoms())
def test_every_name_is_valid_and_its_own_whatever_the_order(routes: list[Route], order: Random) -> None:
    names = names_of(routes)
    assert set(names) == set(routes)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names.values())
    assert len(set(names.values())) == len(names)
    shuffled = list(routes)
    order.shuffle(shuffled)
    assert names_of(shuffled) == names


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert names_of([Route("time", "get_current_time")]) == {
        Route("time", "get_current_time"): "time__get_current_time"
    }


def test_a_name_that_had_to_be_changed_makes_room_for_one_that_had_not() -> None:
    names = names_of([Route("s", "a.b"), Route("s", "a_b")])
    assert names[Route("s", "a_b")] == "s__a_b"
    assert re.fullmatch(r"s__a_b_[0-9a-f]{8}", names[Route("s", "a.b")])


def test_no_server_can_take_the_name_of_a_tool_of_another() -> None:
    names = names_of([Route("s", "_x"), Route("s_", "x")])
    assert all(name.startswith("s___x_") for name in names.values())
