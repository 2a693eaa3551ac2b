"""What the model reads of a Discord message is what a person sees."""

import pytest

from bot.places import AnyPlace
from bot.render import render, to_channel, to_message, to_person
from chat.channels import ChannelKind
from chat.ids import UserId
from chat.people import Person
from tests.bot.discord_objects import (
    BOT,
    FORUM,
    GENERAL,
    MIA,
    NEWS,
    ROLE,
    SECRET,
    THREAD,
    TOM,
    VOICE,
    Wire,
    file_json,
    user,
)


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_markup_becomes_the_words_a_person_sees(wire: Wire) -> None:
    message = wire.message(
        content=f"<@{MIA}> <@!{TOM}> <@&{ROLE}> <#{GENERAL}> <a:party:99> </remind me:5> <t:1700000000:R> 1 < 2",
        mentions=[user(TOM, "tom", "Tom")],
    )
    assert render(message) == "@Mia the Great @Tom @crew #general :party: /remind me 2023-11-14T22:13:20Z 1 < 2"


def test_what_is_unknown_or_deleted_is_still_said(wire: Wire) -> None:
    message = wire.message(content="<@1> <@&2> <#3> <t:99999999999999> <@99999999999999999999>")
    assert render(message) == (
        "@unknown person 1 @deleted role #unknown channel 3 <t:99999999999999> @unknown person 99999999999999999999"
    )


def test_the_mention_of_the_bot_that_leads_a_request_is_left_out_and_others_stay(wire: Wire) -> None:
    addressed = {BOT, ROLE}
    assert render(wire.message(content=f" <@{BOT}>, remind <@{BOT}> me"), addressed=addressed) == "remind @digmbot me"
    assert render(wire.message(content=f"<@&{ROLE}> <@!{BOT}> hi"), addressed=addressed) == "hi"
    assert render(wire.message(content=f"<@{MIA}> hi <@{BOT}>"), addressed=addressed) == "@Mia the Great hi @digmbot"
    assert render(wire.message(content=f"<@{BOT}>"), addressed=addressed) == ""


def test_embeds_are_read_with_their_fields(wire: Wire) -> None:
    embed = {
        "type": "rich",
        "title": "Build 7",
        "url": "https://ci/7",
        "description": f"by <@{MIA}>",
        "fields": [{"name": "Status", "value": "green", "inline": True}],
    }
    assert render(wire.message(content="see", embeds=[embed])) == (
        "see\n[embed] Build 7 (https://ci/7)\nby @Mia the Great\nStatus: green"
    )


def test_polls_show_question_options_and_votes(wire: Wire) -> None:
    poll = {
        "question": {"text": "Lunch?"},
        "answers": [{"answer_id": 1, "poll_media": {"text": "Soup"}}, {"answer_id": 2, "poll_media": {"text": "Rice"}}],
        "expiry": "2026-11-24T10:00:00+00:00",
        "allow_multiselect": False,
        "layout_type": 1,
        "results": {"is_finalized": False, "answer_counts": [{"id": 1, "count": 1, "me_voted": False}]},
    }
    assert render(wire.message(poll=poll)) == "[poll] Lunch?\n- Soup (1 vote)\n- Rice (0 votes)"


def test_stickers_files_and_voice_messages_get_a_line_each(wire: Wire) -> None:
    message = wire.message(
        sticker_items=[{"id": "1", "name": "Wave", "format_type": 1}],
        attachments=[
            file_json("a.png", content_type="image/png", description="a cat"),
            file_json("voice.ogg", content_type="audio/ogg", duration_secs=67.2, waveform="", flags=0),
            file_json("odd"),
        ],
        flags=8192,
    )
    assert render(message).splitlines() == [
        "[sticker: Wave]",
        "[file a.png, image/png, 12 kB: a cat]",
        "[voice message, 1:07]",
        "[file odd, unknown type, 12 kB]",
    ]
    assert [file.content_type for file in to_message(message).attachments][2] == "application/octet-stream"


def test_a_voice_message_is_known_as_one_and_a_forwarded_one_as_somebody_elses(wire: Wire) -> None:
    spoken = file_json("voice-message.ogg", content_type="audio/ogg", duration_secs=67.2, waveform="AAAA", flags=0)
    snapshot: dict[str, object] = {
        "type": 0,
        "content": "",
        "embeds": [],
        "attachments": [spoken],
        "timestamp": "2026-11-20T08:00:00+00:00",
        "edited_timestamp": None,
    }
    own = to_message(wire.message(attachments=[spoken, file_json("song.ogg", content_type="audio/ogg")]))
    forwarded = to_message(wire.message(message_snapshots=[{"message": snapshot}]))

    assert [(file.voice_seconds, file.is_forwarded) for file in own.attachments] == [(67.2, False), (None, False)]
    assert [(file.voice_seconds, file.is_forwarded) for file in forwarded.attachments] == [(67.2, True)]


def test_stickers_and_large_pictures_of_embeds_are_to_be_seen(wire: Wire) -> None:
    proxied = "https://images-ext-1.discordapp.net/external/x/https/example.com/"
    message = wire.message(
        sticker_items=[{"id": str(n), "name": f"Wave{n}", "format_type": n} for n in (1, 2, 3, 4)],
        embeds=[
            {"type": "rich", "image": {"url": "https://example.com/a.png", "proxy_url": f"{proxied}a.png"}},
            {"type": "image", "thumbnail": {"url": "https://example.com/b.png", "proxy_url": f"{proxied}b.png"}},
            {"type": "article", "thumbnail": {"url": "https://example.com/c.png", "proxy_url": f"{proxied}c.png"}},
            {"type": "rich", "image": {"url": "https://example.com/d.png"}},
        ],
    )
    seen = to_message(message)

    assert [(each.filename, each.content_type) for each in seen.pictures[:3]] == [
        ("sticker Wave1", "image/png"),
        ("sticker Wave2", "image/apng"),
        ("sticker Wave4", "image/gif"),
    ]
    assert [each.url for each in seen.pictures[3:]] == [f"{proxied}a.png", f"{proxied}b.png"]
    assert seen.attachments == ()


def test_forwards_are_quoted_and_their_files_come_along(wire: Wire) -> None:
    snapshot = {
        "type": 0,
        "content": f"Deploy at <t:1700000000>\nAsk <@{MIA}>",
        "embeds": [],
        "attachments": [file_json("log.txt", content_type="text/plain; charset=utf-8")],
        "timestamp": "2026-11-20T08:00:00+00:00",
        "edited_timestamp": None,
    }
    message = wire.message(
        message_reference={"type": 1, "message_id": "5", "channel_id": "6"}, message_snapshots=[{"message": snapshot}]
    )
    assert render(message).splitlines() == [
        "[forwarded message of 2026-11-20T08:00:00Z]",
        "> Deploy at 2023-11-14T22:13:20Z",
        "> Ask @Mia the Great",
        "> [file log.txt, text/plain, 12 kB]",
    ]
    assert [file.filename for file in to_message(message).attachments] == ["log.txt"]
    assert to_message(message).reply_to is None


def test_buttons_menus_and_laid_out_text_are_read(wire: Wire) -> None:
    buttons = [
        {"type": 2, "style": 1, "label": "Yes", "custom_id": "y"},
        {"type": 2, "style": 5, "label": "Docs", "url": "https://d"},
    ]
    menu = {"type": 3, "custom_id": "m", "placeholder": "Pick", "options": [{"label": "Tea", "value": "t"}]}
    text = {"type": 10, "content": "**Hello**"}
    section = {"type": 9, "components": [{"type": 10, "content": "Side"}], "accessory": buttons[0]}
    rows = [{"type": 1, "components": buttons}, {"type": 1, "components": [menu]}]
    message = wire.message(components=[*rows, {"type": 17, "components": [text, section, {"type": 14}]}])
    assert render(message).splitlines() == [
        "[buttons: Yes, Docs (https://d)]",
        "[menu: Pick: Tea]",
        "**Hello**",
        "Side",
        "[button: Yes]",
    ]


def test_notices_of_discord_read_as_its_clients_show_them(wire: Wire) -> None:
    assert render(wire.message(type=6)) == "mia pinned a message to this channel."
    assert "mia" in render(wire.message(type=7))
    assert render(wire.message(type=18, content="plans")).startswith("mia started a thread: **plans**")


def test_a_notice_with_parts_missing_does_not_fail(wire: Wire) -> None:
    assert render(wire.message(type=1)) == "[recipient add]"
    assert render(wire.message(type=46)) == "[poll result]"
    assert render(wire.message(type=21)) == "Sorry, we couldn't load the first message in this thread"


def test_a_huge_message_is_cut_with_a_note(wire: Wire) -> None:
    text = render(wire.message(content="x" * 9000))
    assert text == "x" * 8000 + "\n[… cut, 1000 more characters]"


def test_a_message_keeps_its_ids_times_and_what_it_replies_to(wire: Wire) -> None:
    message = wire.message(
        THREAD,
        content="yes",
        type=19,
        message_reference={"message_id": "77", "channel_id": str(THREAD), "guild_id": "100"},
        edited_timestamp="2026-11-23T10:05:00+00:00",
    )
    seen = to_message(message)
    assert (seen.id, seen.channel_id, seen.guild_id, seen.reply_to) == (1234567890123456789, THREAD, 100, 77)
    assert seen.author.id == MIA
    assert seen.edited_at is not None
    assert seen.link == "https://discord.com/channels/100/202/1234567890123456789"


def test_direct_messages_have_no_server(wire: Wire) -> None:
    message = wire.direct_message(content=f"hi <@{MIA}> <@&5> <#6>")
    assert render(message) == "hi @unknown person 301 @deleted role #unknown channel 6"
    assert to_message(message).guild_id is None


@pytest.mark.parametrize(
    ("channel_id", "kind", "topic", "category"),
    [
        (GENERAL, ChannelKind.TEXT, "All of it", "Work"),
        (NEWS, ChannelKind.ANNOUNCEMENT, "", ""),
        (VOICE, ChannelKind.VOICE, "", ""),
        (FORUM, ChannelKind.FORUM, "Say them", ""),
        (THREAD, ChannelKind.THREAD, "", ""),
        (SECRET, ChannelKind.PRIVATE_THREAD, "", ""),
    ],
)
def test_every_kind_of_channel_is_told_apart(
    wire: Wire, channel_id: int, kind: ChannelKind, topic: str, category: str
) -> None:
    place = wire.get_channel(channel_id)
    assert isinstance(place, AnyPlace)
    seen = to_channel(place)
    assert (seen.id, seen.guild_id, seen.kind, seen.topic, seen.category) == (channel_id, 100, kind, topic, category)
    assert seen.parent_id == (GENERAL if channel_id in {THREAD, SECRET} else None)


def test_people_go_by_the_name_that_the_server_shows(wire: Wire) -> None:
    guild = wire.get_guild(100)
    assert guild
    mia = guild.get_member(MIA)
    assert mia
    assert to_person(mia) == Person(UserId(MIA), "Mia the Great")
    assert to_person(guild.me).is_bot
