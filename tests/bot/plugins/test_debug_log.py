"""`debug-log`: a readable line for each event, at the level debug alone."""

from datetime import UTC, datetime

from bot.plugins.events import Deleted, Reacted, Ready, Said, Tick, VoiceMoved
from bot.plugins.own.debug_log import told
from chat.channels import Channel, ChannelKind, Guild
from chat.ids import ChannelId, GuildId, MessageId, UserId
from chat.messages import Message
from chat.people import Person

MIA, DIGM = Person(UserId(7), "Mia"), Person(UserId(1), "digm", is_bot=True)
WORKSHOP = Guild(GuildId(3), "Workshop")
GENERAL = Channel(ChannelId(5), WORKSHOP.id, "general", ChannelKind.TEXT)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HELLO = Message(MessageId(9), GENERAL.id, WORKSHOP.id, MIA, "hello", NOW)


def test_each_event_is_a_line_and_a_minute_is_none() -> None:
    events = [
        Ready(DIGM, (WORKSHOP,)),
        Said(HELLO, GENERAL, WORKSHOP, DIGM),
        Deleted(GENERAL.id, (HELLO.id,)),
        Reacted(MIA.id, GENERAL.id, WORKSHOP.id, HELLO.id, "🌿", added=True),
        VoiceMoved(MIA, WORKSHOP, None, ChannelId(6), None),
        Tick(NOW),
    ]

    assert [told(event) for event in events] == [
        "connected to 1 servers as digm",
        "Mia in #general (5): hello",
        "deleted in channel 5: 9",
        "person 7 put 🌿 at message 9",
        "Mia on Workshop: voice channel None to 6",
        "",
    ]
