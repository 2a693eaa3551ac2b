"""Whatever changes on Discord counts for the very next question: nothing is answered from what was true before."""

import pytest

from chat.clock import utc_now
from chat.ids import ChannelId
from tests.fuzz.asking import Asker, Tally
from tests.fuzz.feeding import fed_gateway
from tests.fuzz.worlds import Event, World

SEEDS = 300
GRANTING = ["overwrite", "drop_overwrite", "edit_category", "move_channel", "edit_role", "edit_everyone", "drop_role"]
PEOPLE = ["give_role", "take_role", "time_out", "leave", "join", "change_owner", "enter_thread", "leave_thread"]

Pairs = dict[tuple[str, str], bool]


def truth(world: World) -> Pairs:
    """Whether what was said in one place may be told in another, to somebody."""
    oracle = world.oracle()
    return {
        (into, source): not oracle.is_overheard(into, source)
        for into in world.open_places()
        for source in world.places()
        if oracle.reads_now("9000", source)
    }


async def answers(asker: Asker, pairs: Pairs) -> Pairs:
    return {
        (into, source): bool(await asker.surface.shareable(ChannelId(int(into)), [ChannelId(int(source))]))
        for into, source in pairs
    }


def changed(world: World, kind: str) -> list[Event] | None:
    """One change of this kind with what the bot hears of it; None when this world has none."""
    before = world.seen_threads()
    events = getattr(world, kind)()
    return None if events is None else world.as_told(events, before)


@pytest.mark.parametrize("kind", [*GRANTING, *PEOPLE])
async def test_a_change_counts_for_the_next_question(kind: str) -> None:
    granted = revoked = False
    async with fed_gateway() as client:
        for seed in range(SEEDS):
            world = World(seed, utc_now())
            client.live_in(world)
            asker = Asker(world, client, Tally())
            before = truth(world)
            assert await answers(asker, before) == before
            if (events := changed(world, kind)) is None:
                continue
            client.hear(events)
            after = truth(world)
            assert await answers(asker, after) == after, f"guild {world.guild['id']}"
            granted |= any(after[pair] and not before[pair] for pair in after.keys() & before.keys())
            revoked |= any(before[pair] and not after[pair] for pair in after.keys() & before.keys())
            if (granted or kind == "join") and (revoked or kind == "leave"):
                break

    assert granted or kind == "join", f"no {kind} in {SEEDS} worlds made more readable: this test shows nothing"
    assert revoked or kind == "leave", f"no {kind} in {SEEDS} worlds made less readable: this test shows nothing"
