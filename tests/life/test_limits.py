"""What a person and a server may have in a day, and who may say so."""

from datetime import UTC, datetime, timedelta

from tests.life.hand import Hand
from tests.life.house import House

UP = "You have used up the {} of today"


def refused(home: House) -> list[str]:
    return [text for text in home.texts() if "used up" in text]


async def test_of_many_mentions_at_once_only_as_many_as_are_allowed_are_answered(home: House) -> None:
    async with home.bot(limits={"runs_per_person_day": 3}):
        asked = [await home.mention("mia", f"room-{number}", f"question {number}") for number in range(8)]
        for each in asked:
            await home.reply(each, lambda text: "question" in text or "used up" in text)
        other = await home.mention("bob", "general", "and I?")
        await home.reply(other, lambda text: "and I?" in text)

    told = [home.answers(each)[0].content for each in asked]
    assert [len(home.answers(each)) for each in asked] == [1] * 8
    assert sum(text.startswith(UP.format("3 answers")) for text in told) == 5
    assert sum("question" in each.words for each in home.model.asked) == 3


async def test_the_count_survives_a_restart_and_ends_with_the_day_of_the_operators_zone(home: House) -> None:
    moment = [datetime.now(UTC).replace(hour=14, minute=30)]  # 23:30 in Tokyo

    def clock() -> datetime:
        return moment[0]

    zone = {"time_zone": "Asia/Tokyo"}
    async with home.bot(clock=clock, limits={"runs_per_person_day": 1}, general=zone):
        first = await home.mention("mia", "general", "first")
        await home.reply(first, lambda text: "first" in text)
    async with home.bot(clock=clock, limits={"runs_per_person_day": 1}, general=zone):
        second = await home.mention("mia", "general", "second")
        await home.reply(second, lambda text: text.startswith(UP.format("1 answers")))
        moment[0] += timedelta(hours=1)
        third = await home.mention("mia", "general", "third")
        await home.reply(third, lambda text: "third" in text)


async def test_near_the_limit_the_answer_says_so_once_and_usage_tells_what_is_left(home: House) -> None:
    async with home.bot(limits={"runs_per_person_day": 5}):
        for number in range(5):
            asked = await home.mention("mia", "general", f"question {number}")
            await home.reply(asked, lambda text, number=number: f"question {number}" in text)
        mia = Hand(home, "mia")
        await mia.command("usage")
        told = await mia.whispered(lambda text: text.startswith("You today"))

    notes = [text for text in home.texts("general") if "-# Today your" in text]
    assert len(notes) == 1
    assert notes[0].startswith("You said: question 3\n-# Today your 4 of 5 answers are used")
    assert "You today: 5 answers" in told.content
    assert "left for you: 0 of 5 answers" in told.content
    assert "This server" not in told.content


async def test_tokens_run_out_too_and_owners_are_exempt(home: House) -> None:
    owner = home.box.person("ada").id
    async with home.bot(limits={"tokens_per_person_day": 100}, general={"bot_owners": [owner]}):
        for who in ("mia", "ada"):
            first = await home.mention(who, "general", "first")
            await home.reply(first, lambda text: "first" in text)
        second = await home.mention("mia", "general", "second")
        await home.reply(second, lambda text: text.startswith(UP.format("100 tokens")))
        again = await home.mention("ada", "general", "again")
        await home.reply(again, lambda text: "again" in text)
        ada = Hand(home, "ada")
        await ada.command("usage")
        told = await ada.whispered(lambda text: "neither limited nor counted" in text)
        assert "This server today: 1 answers" in told.content


async def test_managers_set_limits_for_people_roles_and_the_server_within_the_operators(home: House) -> None:
    crew = next(role.id for role in home.box.state.guild_named("Workshop").roles.values() if role.name == "crew")
    async with home.bot(limits={"runs_per_person_day": 10}):
        ada, mia = Hand(home, "ada"), Hand(home, "mia")
        await mia.refused("digmbot", "limits", runs=1)
        await ada.command("digmbot", "limits", runs=11)
        await ada.whispered(lambda text: text.startswith("My operator allows at most 10 answers a day"))
        await ada.command("digmbot", "limits", whole_server=True)
        await ada.whispered(lambda text: text.startswith("Say how many"))
        await ada.command("digmbot", "limits", runs=1)
        await ada.whispered(lambda text: "- each person: 1 answers a day" in text)
        options = [{"type": 4, "name": "runs", "value": 2}, {"type": 8, "name": "role", "value": str(crew)}]
        sub = [{"type": 1, "name": "limits", "options": options}]
        data = {"id": await ada.id_of("digmbot"), "name": "digmbot", "type": 1, "options": sub}
        await ada.begin(2, data)
        await ada.whispered(lambda text: f"<@&{crew}>: 2 answers a day" in text)
        for who, allowed in (("mia", 1), ("bob", 2)):
            for number in range(allowed + 1):
                asked = await home.mention(who, "general", f"question {number}")
                await home.reply(asked, lambda text, n=number: f"question {n}" in text or "used up" in text)
        assert len(refused(home)) == 2
        assert all("on this server" in text for text in refused(home))
        await ada.command("digmbot", "limits", runs=3, whole_server=True)
        await ada.whispered(lambda text: "- all together: 3 answers a day" in text)
        asked = await home.mention("ada", "general", "and I?")
        await home.reply(asked, lambda text: text.startswith("This server has used up the 3 answers of today"))
    async with home.bot():  # what managers have set survives a restart
        asked = await home.mention("ada", "general", "and now?")
        await home.reply(asked, lambda text: text.startswith("This server has used up"))


async def test_asked_again_counts_again(home: House) -> None:
    async with home.bot(limits={"runs_per_person_day": 2}):
        asked = await home.mention("mia", "general", "roll the dice")
        answer = await home.reply(asked, lambda text: "roll the dice" in text)
        await Hand(home, "mia").react(answer.id, "🔁")
        await home.model.wait_for("roll the dice", times=2)
        more = await home.mention("mia", "general", "one more")
        await home.reply(more, lambda text: text.startswith(UP.format("2 answers")))
