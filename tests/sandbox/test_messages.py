"""Messages over REST: what is taken, what is refused, in Discord's words."""

import asyncio
import io
import json

import aiohttp
import pytest

from tests.sandbox.clients import Json, Visit


async def test_a_message_comes_back_as_it_was_written(visit: Visit) -> None:
    mia = visit.rest("mia")
    sent = await mia.say("general", "good morning")
    got = await mia.ask("GET", f"/channels/{mia.channel('general')}/messages/{sent['id']}")
    assert (got.status, got.data["content"], got.data["author"]["username"]) == (200, "good morning", "mia")
    assert got.headers["content-type"] == "application/json"
    assert "x-ratelimit-bucket" in got.headers


async def test_history_pages_before_after_and_around_a_message(visit: Visit) -> None:
    mia = visit.rest("mia")
    ids = [(await mia.say("general", f"line {number}"))["id"] for number in range(6)]
    path = f"/channels/{mia.channel('general')}/messages"

    async def listed(query: str) -> list[str]:
        return [message["id"] for message in (await mia.ask("GET", f"{path}?{query}")).data]

    assert await listed("limit=2") == [ids[5], ids[4]]
    assert await listed(f"limit=2&before={ids[3]}") == [ids[2], ids[1]]
    assert await listed(f"limit=2&after={ids[1]}") == [ids[3], ids[2]]
    assert await listed(f"limit=3&around={ids[2]}") == [ids[3], ids[2], ids[1]]
    assert (await mia.ask("GET", f"{path}?limit=101")).data["code"] == 50035


BAD_MESSAGES: list[tuple[Json, int, int]] = [
    ({"content": "x" * 2001}, 400, 50035),
    ({"content": "   "}, 400, 50006),
    ({}, 400, 50006),
    ({"content": ["not", "text"]}, 400, 50035),
    ({"content": "hi", "message_reference": {"message_id": "77"}}, 400, 50035),
    ({"content": "hi", "embeds": [{"title": "t"}] * 11}, 400, 50035),
    ({"content": "hi", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, 400, 50035),
    ({"content": "hi", "components": [{"type": 2, "style": 1, "custom_id": "x"}]}, 400, 50035),
    ({"content": "hi", "components": [{"type": 1, "components": []}]}, 400, 50035),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD_MESSAGES)
async def test_a_bad_message_is_refused_in_discords_words(visit: Visit, body: Json, status: int, code: int) -> None:
    mia = visit.rest("mia")
    answer = await mia.ask("POST", f"/channels/{mia.channel('general')}/messages", body)
    assert (answer.status, answer.data["code"]) == (status, code)


async def test_a_text_too_long_names_the_field(visit: Visit) -> None:
    mia = visit.rest("mia")
    answer = await mia.ask("POST", f"/channels/{mia.channel('general')}/messages", {"content": "x" * 2001})
    assert answer.data["errors"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"


async def test_unknown_places_and_messages_are_404(visit: Visit) -> None:
    mia = visit.rest("mia")
    general = mia.channel("general")
    for path, code in [
        ("/channels/77", 10003),
        ("/channels/77/messages", 10003),
        (f"/channels/{general}/messages/77", 10008),
        ("/guilds/77", 10004),
        ("/users/77", 10013),
        ("/no/such/route", 0),
    ]:
        answer = await mia.ask("GET", path)
        assert (answer.status, answer.data["code"]) == (404, code), path


async def test_broken_json_and_a_wrong_token_are_refused(visit: Visit) -> None:
    mia, nobody = visit.rest("mia"), visit.rest(None)
    path = f"/channels/{mia.channel('general')}/messages"
    broken = await mia.ask("POST", path, data=b"{oops", headers={"Content-Type": "application/json"})
    assert (broken.status, broken.data["code"]) == (400, 50109)
    assert (await nobody.ask("GET", "/users/@me")).status == 401
    assert (await nobody.ask("GET", "/users/@me", headers={"Authorization": "Bot nonsense"})).status == 401
    # A person's token is no bot's, nor the other way round.
    assert (await nobody.ask("GET", "/users/@me", headers={"Authorization": "Bot mia-token"})).status == 401
    assert (await nobody.ask("GET", "/users/@me", headers={"Authorization": "bot-token"})).status == 401


async def test_an_enforced_nonce_is_sent_once(visit: Visit) -> None:
    bot = visit.rest("digm")
    first = await bot.say("general", "once", nonce="n1", enforce_nonce=True)
    again = await bot.say("general", "once", nonce="n1", enforce_nonce=True)
    other = await bot.say("general", "once", nonce="n2", enforce_nonce=True)
    assert first["id"] == again["id"] != other["id"]


async def test_only_the_author_edits_and_moderators_delete(visit: Visit) -> None:
    mia, bob, ada = visit.rest("mia"), visit.rest("bob"), visit.rest("ada")
    path = f"/channels/{mia.channel('general')}/messages/{(await ada.say('general', 'mine'))['id']}"
    assert (await mia.ask("PATCH", path, {"content": "yours"})).data["code"] == 50013
    assert (await bob.ask("PATCH", path, {"content": "ours"})).data["code"] == 50005
    edited = await ada.ask("PATCH", path, {"content": "still mine"})
    assert edited.data["content"] == "still mine"
    assert edited.data["edited_timestamp"] is not None
    assert (await mia.ask("DELETE", path)).data["code"] == 50013
    assert (await bob.ask("DELETE", path)).status == 204
    assert (await ada.ask("GET", path)).data["code"] == 10008


async def test_mentions_ping_only_whom_they_may(visit: Visit) -> None:
    mia, ada = visit.rest("mia"), visit.rest("ada")
    bob, crew = visit.box.person("bob").id, next(iter(visit.box.state.guild_named("Workshop").roles))
    role = next(r for r in visit.box.state.guild_named("Workshop").roles.values() if r.name == "crew")
    text = f"<@{bob}> <@&{role.id}> @everyone <@&{crew}>"
    plain = await mia.say("general", text)
    assert [user["username"] for user in plain["mentions"]] == ["bob"]
    assert plain["mention_roles"] == [str(role.id)]
    assert not plain["mention_everyone"]  # mia lacks MENTION_EVERYONE
    assert (await ada.say("general", text))["mention_everyone"]
    silent = await ada.say("general", text, allowed_mentions={"parse": []})
    assert (silent["mentions"], silent["mention_roles"], silent["mention_everyone"]) == ([], [], False)
    one = await ada.say("general", text, allowed_mentions={"parse": [], "users": [str(bob)]})
    assert [user["username"] for user in one["mentions"]] == ["bob"]


async def test_a_reply_shows_its_target_and_pings_unless_told_not_to(visit: Visit) -> None:
    mia, ada = visit.rest("mia"), visit.rest("ada")
    asked = await mia.say("general", "who has the keys?")
    reference = {"message_id": asked["id"]}
    loud = await ada.say("general", "me", message_reference=reference)
    assert loud["type"] == 19
    assert loud["referenced_message"]["content"] == "who has the keys?"
    assert [user["username"] for user in loud["mentions"]] == ["mia"]
    quiet = await ada.say("general", "me", message_reference=reference, allowed_mentions={"parse": []})
    assert quiet["mentions"] == []
    gone = {"message_id": "77", "fail_if_not_exists": False}
    assert (await ada.say("general", "anyway", message_reference=gone))["type"] == 0


async def test_files_go_up_and_come_down_again(visit: Visit) -> None:
    mia = visit.rest("mia")
    form = aiohttp.FormData()
    form.add_field("payload_json", '{"content": "see", "attachments": [{"id": 0, "description": "notes"}]}')
    form.add_field("files[0]", b"remember the milk", filename="näh notes.txt", content_type="text/plain")
    sent = await mia.ask("POST", f"/channels/{mia.channel('general')}/messages", data=form)
    assert sent.status == 200, sent.data
    (attachment,) = sent.data["attachments"]
    assert (attachment["size"], attachment["description"]) == (17, "notes")
    async with visit.http.get(attachment["url"]) as response:
        assert await response.read() == b"remember the milk"
    async with visit.http.get(f"{visit.box.cdn_url}/attachments/1/77/none.txt") as response:
        assert response.status == 404


def voice_message(content_type: str = "audio/ogg", files: int = 1, **changes: Json) -> aiohttp.FormData:
    about = {"id": 0, "filename": "voice-message.ogg", "duration_secs": 2.5, "waveform": "AAAA"}
    body = {"flags": 1 << 13, "attachments": [about | changes.pop("about", {})], **changes}
    form = aiohttp.FormData({"payload_json": json.dumps(body)}, default_to_multipart=True)
    for number in range(files):
        form.add_field(f"files[{number}]", b"OggS", filename="voice-message.ogg", content_type=content_type)
    return form


async def test_a_voice_message_comes_back_with_its_length_and_is_not_edited(visit: Visit) -> None:
    mia = visit.rest("mia")
    here = f"/channels/{mia.channel('general')}/messages"
    sent = await mia.ask("POST", here, data=voice_message())

    assert sent.status == 200, sent.data
    assert sent.data["flags"] & 1 << 13
    (attachment,) = sent.data["attachments"]
    assert (attachment["duration_secs"], attachment["waveform"]) == (2.5, "AAAA")
    edited = await mia.ask("PATCH", f"{here}/{sent.data['id']}", {"content": "no"})
    assert (edited.status, edited.data["code"]) == (400, 50162)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (voice_message(content="listen"), 50159),
        (voice_message("image/png"), 50160),
        (voice_message(files=2), 50160),
        (voice_message(files=0), 50160),
        (voice_message(about={"waveform": None}), 50161),
        (voice_message(about={"duration_secs": None}), 50161),
        (voice_message(about={"waveform": "no base64!"}), 50035),
        (voice_message(about={"duration_secs": -1}), 50035),
    ],
)
async def test_what_is_no_voice_message_is_refused_in_discords_words(
    visit: Visit, form: aiohttp.FormData, code: int
) -> None:
    mia = visit.rest("mia")
    answer = await mia.ask("POST", f"/channels/{mia.channel('general')}/messages", data=form)
    assert (answer.status, answer.data["code"]) == (400, code)


@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 100 * 1024 * 1024])
async def test_a_file_too_large_is_refused(visit: Visit, size: int) -> None:
    mia = visit.rest("mia")
    form = aiohttp.FormData()
    form.add_field("files[0]", io.BytesIO(bytes(size)), filename="big.bin")
    answer = await mia.ask("POST", f"/channels/{mia.channel('general')}/messages", data=form)
    assert (answer.status, answer.data["code"]) == (413, 40005)


async def test_reactions_are_counted_and_mine_is_marked(visit: Visit) -> None:
    mia, ada = visit.rest("mia"), visit.rest("ada")
    path = f"/channels/{mia.channel('general')}/messages/{(await mia.say('general', 'cake?'))['id']}"
    for one in (mia, ada):
        assert (await one.ask("PUT", f"{path}/reactions/%F0%9F%8D%B0/@me")).status == 204
    assert (await ada.ask("DELETE", f"{path}/reactions/%F0%9F%8D%B0/@me")).status == 204
    (reaction,) = (await mia.ask("GET", path)).data["reactions"]
    assert (reaction["count"], reaction["me"], reaction["emoji"]["name"]) == (1, True, "🍰")
    assert (await ada.ask("GET", path)).data["reactions"][0]["me"] is False
    users = (await ada.ask("GET", f"{path}/reactions/%F0%9F%8D%B0")).data
    assert [user["username"] for user in users] == ["mia"]
    assert (await mia.ask("PUT", f"{path}/reactions/word/@me")).data["code"] == 10014


async def test_pins_are_listed_newest_first(visit: Visit) -> None:
    bob = visit.rest("bob")
    general = bob.channel("general")
    ids = [(await bob.say("general", text))["id"] for text in ("one", "two")]
    for message_id in ids:
        assert (await bob.ask("PUT", f"/channels/{general}/messages/pins/{message_id}")).status == 204
    items = (await bob.ask("GET", f"/channels/{general}/messages/pins")).data["items"]
    assert [item["message"]["id"] for item in items] == ids[::-1]
    assert (await visit.rest("mia").ask("PUT", f"/channels/{general}/messages/pins/{ids[0]}")).status == 403


async def test_fifty_people_can_write_at_once_and_nothing_is_lost(visit: Visit) -> None:
    mia = visit.rest("mia")
    sent = await asyncio.gather(*(mia.say("general", f"line {number}") for number in range(50)))
    assert len({message["id"] for message in sent}) == 50
    listed = await mia.ask("GET", f"/channels/{mia.channel('general')}/messages?limit=100")
    assert {message["id"] for message in sent} <= {message["id"] for message in listed.data}


async def test_strange_text_is_kept_or_refused_but_never_breaks_anything(visit: Visit) -> None:
    mia = visit.rest("mia")
    for text in ("\u200b", "\u202eright to left", "😀" * 2000, "a\x00b", "```\n```py\n```"):
        assert (await mia.say("general", text))["content"] == text
    path = f"/channels/{mia.channel('general')}/messages"
    headers = {"Content-Type": "application/json"}
    half = await mia.ask("POST", path, data=b'{"content": "half \\ud83d"}', headers=headers)
    assert (half.status, half.data["content"]) == (200, "half \ufffd")
