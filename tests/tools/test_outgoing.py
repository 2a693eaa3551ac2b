"""Addresses that nobody gave to a run are no links, however they are dressed."""

import json

import pytest

from tools.outgoing import addresses, canonical, made_inert, without_growing_end
from tools.reading import Reading

EVIL = "https://evil.example/?d=S"
OK = "https://ok.example/a"


def inert(text: str, *known: str) -> str:
    return made_inert(text, frozenset(known).__contains__)[0]


@pytest.mark.parametrize(
    "text",
    [
        EVIL,
        f"<{EVIL}>",
        f"[words]({EVIL})",
        f'[words](<{EVIL}> "title")',
        f"![image]({EVIL})",
        f"**{EVIL}**",
        f"||{EVIL}||",
        "HTTPS://EVIL.example/?d=S",
        f"\\`{EVIL}\\`",
        f"a ` b `{EVIL}` c",
        f"a ``` b `{EVIL}`",
        f"> ```\n{EVIL}\n```",
        f"# ```\n{EVIL}\n```",
        f"~~~\n{EVIL}\n~~~",
        f"[a `x]({EVIL}) b`",
        f"[a\n```\nb]({EVIL})\n```",
        f"https://ok.example/`{EVIL}`",
        "https://https://evil.example/S",
        "hthttps://tps://evil.example/S",
        f"{OK}?d=S",
        f"{OK}#S",
        f"{OK}/S",
        f"{OK}S",
        "https://S.ok.example/a",
        "discord://evil.example/S",
        "https://discord.com/channels/1/2/S",
        "https://discord.com/channels/1/2?x=https://evil.example/S",
    ],
)
def test_an_address_that_was_not_given_has_no_scheme_any_more(text: str) -> None:
    shown = inert(text, OK)

    assert "://" not in shown, shown
    assert "S" in shown, "people shall see what it was"


@pytest.mark.parametrize(
    "text",
    [
        f"see {OK}, please.",
        f"({OK})",
        f"<{OK}>",
        f"[the page]({OK})",
        f"**{OK}**",
        "https://discord.com/channels/1/2/3 and https://discord.com/channels/@me/2/3.",
        "`https://code.example/x` and `ok`",
        "```py\nget('https://code.example')\n```",
        "no link at all: a/b, 3://4",
    ],
)
def test_what_was_given_and_plain_code_stay_as_they_are(text: str) -> None:
    assert made_inert(text, frozenset([OK]).__contains__) == (text, ())


def test_words_that_look_like_another_address_do_not_hide_where_a_link_leads() -> None:
    assert inert(f"[https://bank.example]({OK})", OK) == f"<{OK}>"
    assert inert(f"[bank.example]({OK})", OK) == f"<{OK}>"
    assert inert(f"[our bank]({OK})", OK) == f"[our bank]({OK})"


def test_the_hosts_are_named_once() -> None:
    assert made_inert(f"{EVIL} {EVIL} http://b.example/", lambda _: False)[1] == ("evil.example", "b.example")


@pytest.mark.parametrize(
    ("address", "whole"),
    [(f"{OK}).", OK), (f"{OK}**", OK), (f"{OK}”,", OK), ("https://a/x_(y)", "https://a/x_(y)"), (f'{OK}"}}', OK)],
)
def test_what_stood_around_an_address_is_no_part_of_it(address: str, whole: str) -> None:
    assert canonical(address) == whole


def test_a_half_written_address_does_not_show() -> None:
    assert without_growing_end("see https://ok.exam") == "see "
    assert without_growing_end("see [it](https://ok.example/a") == "see "
    assert without_growing_end("see https://ok.example/a now") == "see https://ok.example/a now"


def test_a_run_that_read_nothing_of_others_may_link_anywhere() -> None:
    assert Reading().safe(EVIL) == (EVIL, ())
    assert Reading(tainted=True).safe(EVIL)[1] == ("evil.example",)


def test_addresses_in_results_are_found_however_deep_they_stand() -> None:
    reading = Reading(tainted=True)
    reading.hear(json.dumps({"text": f"look\n{OK}", "inner": json.dumps([{"url": "https://b.example/"}])}))

    assert reading.knows(OK)
    assert reading.knows("https://b.example/")
    assert not reading.knows(EVIL)


@pytest.mark.parametrize("echo", [f"There is no “{EVIL}” here.", f"{EVIL[:-2]}…", f"no {EVIL}/more", EVIL.upper()])
def test_what_the_model_made_up_does_not_become_known_by_an_echo(echo: str) -> None:
    reading = Reading(tainted=True)
    reading.wrote(json.dumps({"channel": f"x {EVIL}"}))
    reading.hear(echo)

    assert all(not reading.knows(each) for each in addresses(echo))


def test_what_was_given_before_stays_known_when_the_model_uses_it() -> None:
    reading = Reading(tainted=True)
    reading.hear(OK)
    reading.wrote(json.dumps({"url": OK}))
    reading.hear(f"fetched {OK}")

    assert reading.knows(OK)
