"""What people write leads to the channel or person they mean."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.channels import Channel, ChannelKind
from chat.ids import ChannelId, GuildId, UserId
from chat.people import Person
from tools.resolve import Ambiguous, Found, ListedChannel, Missing, resolve_channel, resolve_person, words
from tools.surface import Member


def channel(number: int, name: str, *, category: str = "", kind: ChannelKind = ChannelKind.TEXT) -> ListedChannel:
    return ListedChannel(Channel(ChannelId(number), GuildId(1), name, kind, category=category), "Town")


LISTED = [
    channel(11, "general", category="Talk"),
    channel(12, "📣-ops", category="Work"),
    channel(13, "ops-archive", category="Old"),
    channel(14, "Café Zürich", kind=ChannelKind.VOICE),
    channel(15, "devs", category="Work"),
    channel(16, "devs", category="Old"),
    channel(17, "release", kind=ChannelKind.TEXT),
    channel(18, "release", kind=ChannelKind.THREAD),
    channel(19, "🔥"),
    channel(20, "Done"),
    channel(21, "done"),
    channel(22, "日本語"),
]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("general", 11),
        ("#general", 11),
        ("# General ", 11),
        ("GENERAL", 11),
        ("gen", 11),
        ("<#11>", 11),
        ("11", 11),
        ("https://discord.com/channels/1/11/99", 11),
        ("https://ptb.discord.com/channels/1/11", 11),
        ("the general channel", 11),
        ("ops", 12),
        ("#ops", 12),
        ("#📣-ops", 12),
        ("ops channel", 12),
        ("Work/ops", 12),
        ("work / devs", 15),
        ("Old/devs", 16),
        ("Town/general", 11),
        ("archive", 13),
        ("cafe zurich", 14),
        ("CAFÉ", 14),
        ("𝓸𝓹𝓼", 12),
        ("o\u200bps", 12),
        ("release", 17),
        ("🔥", 19),
        ("done", 21),
        ("Done", 20),
        ("日本", 22),
    ],
)
def test_a_channel_is_found_by_what_people_write(written: str, meant: int) -> None:
    match resolve_channel(written, LISTED):
        case Found(entry):
            assert entry.channel.id == meant
        case other:
            pytest.fail(f"{written!r}: {other}")


@pytest.mark.parametrize(("written", "candidates"), [("devs", {15, 16}), ("#devs", {15, 16}), ("DONE", {20, 21})])
def test_what_fits_several_comes_back_with_all_of_them(written: str, candidates: set[int]) -> None:
    match resolve_channel(written, LISTED):
        case Ambiguous(found):
            assert {entry.channel.id for entry in found} == candidates
        case other:
            pytest.fail(f"{written!r}: {other}")


@pytest.mark.parametrize("written", ["generl", "#genral", "generals"])
def test_a_slip_of_the_pen_comes_back_with_the_nearest(written: str) -> None:
    match resolve_channel(written, LISTED):
        case Missing(nearest):
            assert [entry.channel.name for entry in nearest] == ["general"]
        case other:
            pytest.fail(f"{written!r}: {other}")


@pytest.mark.parametrize("written", ["", "#", " ", "x", "999", "<#999>", "Play/general", "/", "a/b/c", "\u200b", "!!!"])
def test_what_fits_nothing_is_missing(written: str) -> None:
    assert isinstance(resolve_channel(written, LISTED), Missing)


@pytest.mark.parametrize("written", ["gen", "archive", "ops-arch", "cafe"])
def test_a_part_of_a_name_is_not_enough_where_it_must_be_exact(written: str) -> None:
    assert isinstance(resolve_channel(written, LISTED, exact=True), Missing)


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=200))
def test_nothing_that_can_be_written_breaks_it(written: str) -> None:
    assert resolve_channel(written, LISTED) is not None
    assert resolve_person(written, MEMBERS) is not None
    assert all(word == word.casefold() for word in words(written))


def member(number: int, name: str, username: str, *names: str) -> Member:
    return Member(Person(UserId(number), name), username, names, ())


MEMBERS = [
    member(31, "Mia 🌸", "mia.k", "Mia 🌸", "Mia Keller"),
    member(32, "Tom", "tommy", "Tom"),
    member(33, "Tom", "tom_b", "Tom", "Tom Bauer"),
    member(34, "Zoë", "zoe", "Zoë"),
]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Mia", 31),
        ("@mia", 31),
        ("<@31>", 31),
        ("<@!31>", 31),
        ("31", 31),
        ("@31", 31),
        ("mia keller", 31),
        ("keller", 31),
        ("mia.k", 31),
        ("tommy", 32),
        ("tom bauer", 33),
        ("tom_b", 33),
        ("ZOE", 34),
        ("me", 34),
        ("myself", 34),
    ],
)
def test_a_person_is_found_by_any_of_their_names(written: str, meant: int) -> None:
    match resolve_person(written, MEMBERS, me=UserId(34)):
        case Found(found):
            assert found.person.id == meant
        case other:
            pytest.fail(f"{written!r}: {other}")


def test_two_of_one_name_are_both_offered() -> None:
    assert resolve_person("Tom", MEMBERS) == Ambiguous((MEMBERS[1], MEMBERS[2]))
