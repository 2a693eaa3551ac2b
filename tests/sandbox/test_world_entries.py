"""Each thing that cannot be in a world, told with its entry."""

import pytest

from sandbox.building import build
from sandbox.world import World, WorldError
from tests.sandbox.clients import Json


def problems_of(**guild: Json) -> str:
    base: Json = {"name": "G", "owner": "ada", "members": [{"name": "ada"}, {"name": "bob"}], **guild}
    with pytest.raises(WorldError) as caught:
        build(World.model_validate({"guilds": [base], "people": [{"name": "eve"}]}))
    return str(caught.value)


CASES: list[tuple[Json, str]] = [
    ({"owner": "eve"}, 'the owner "eve" is not among its members'),
    ({"roles": [{"name": "r"}, {"name": "r"}]}, 'roles[1] "r": there is already a role'),
    ({"members": [{"name": "ada"}, {"name": "ada"}]}, 'members[1] "ada": is listed twice'),
    ({"channels": [{"name": "c"}, {"name": "c"}]}, 'channels[1] "c": there is already a channel'),
    ({"channels": [{"name": "t", "kind": "thread"}]}, "a thread needs the channel it hangs from"),
    ({"channels": [{"name": "c", "parent": "x"}]}, 'there is no category "x"'),
    ({"channels": [{"name": "a"}, {"name": "b", "parent": "a"}]}, 'there is no category "a"'),
    ({"channels": [{"name": "c", "overwrites": [{"allow": []}]}]}, "needs either a role or a member"),
    ({"channels": [{"name": "c", "overwrites": [{"role": "x"}]}]}, 'names the role "x"'),
    ({"channels": [{"name": "c", "overwrites": [{"member": "eve"}]}]}, '"eve" is not a member'),
    ({"messages": [{"channel": "x", "author": "ada"}]}, 'there is no channel "x"'),
]

SAID: list[tuple[Json, str]] = [
    ({"author": "eve"}, 'the author "eve" is not a member'),
    ({"reply_to": "nothing"}, 'no earlier message has the key "nothing"'),
    ({"at": "2026-01-01T00:00:00Z", "ago": "1d"}, "either at or ago"),
    ({"reactions": [{"emoji": "👍", "by": ["nobody"]}]}, 'nobody called "nobody"'),
    ({"attachments": [{"name": "a.txt"}]}, "either its text or a file"),
    ({"attachments": [{"name": "a.txt", "file": "/no/such/file"}]}, "the file cannot be read"),
]


@pytest.mark.parametrize(("guild", "told"), CASES)
def test_a_guild_that_cannot_be_is_told_with_its_entry(guild: Json, told: str) -> None:
    assert told in problems_of(**guild)


@pytest.mark.parametrize(("said", "told"), SAID)
def test_a_message_that_cannot_be_is_told_with_its_entry(said: Json, told: str) -> None:
    message = {"channel": "c", "author": "ada", "text": "hi", **said}
    assert told in problems_of(channels=[{"name": "c"}], messages=[message])
    assert "messages[0]" in problems_of(channels=[{"name": "c"}], messages=[message])


def test_bots_and_direct_messages_are_checked_too() -> None:
    with pytest.raises(WorldError) as caught:
        build(
            World.model_validate(
                {
                    "bots": [{"name": "b", "owner": "nobody", "guilds": ["Nowhere"]}],
                    "direct_messages": [{"author": "b", "to": "ghost", "text": "boo"}],
                }
            )
        )
    for told in ('nobody called "nobody"', 'no guild "Nowhere"', 'nobody called "ghost"'):
        assert told in str(caught.value)
