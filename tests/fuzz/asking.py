"""What the bot shows, compared with what Discord's rules allow, world by world."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.surface import DiscordSurface
from chat.ids import ChannelId, GuildId, MessageId, UserId, snowflake_at
from chat.messages import Message
from chat.people import Person
from memory.opening import OpenMemory
from tests.fuzz.feeding import FedGateway
from tests.fuzz.oracle import Oracle
from tests.fuzz.worlds import BOT, World
from tools.context import ToolContext
from tools.directory import Directory
from tools.permission import Permissions
from tools.recall import RecallTools

WORD = "lantern"
ENOUGH = 20
"""Of more hits the tool leaves some out, for room."""


class AllStand:
    """Nothing has changed on Discord since it was archived."""

    async def caught_up(self) -> None:
        pass

    async def verify(self, messages: Sequence[Message]) -> Sequence[Message]:
        return messages


@dataclass
class Tally:
    """How it went."""

    worlds: int = 0
    changes: int = 0
    questions: int = 0
    shown: int = 0
    leaks: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)

    def note(self, what: str, shown: frozenset[int], allowed: frozenset[int], asked: int) -> None:
        self.questions += asked
        self.shown += len(shown & allowed)
        self.leaks += [f"{what}: {place}" for place in sorted(shown - allowed)]
        self.withheld += [f"{what}: {place}" for place in sorted(allowed - shown)]

    def __str__(self) -> str:
        bad = f"{len(self.leaks)} leaks, {len(self.withheld)} wrongly withheld"
        told = f"{self.worlds} worlds, {self.changes} changes, {self.questions} questions, {self.shown} shown"
        return "\n".join([f"{told}: {bad}", *self.leaks[:10], *self.withheld[:10]])


class Asker:
    """Asks the real permission function, the real memory and the real tool of one world."""

    def __init__(self, world: World, client: FedGateway, tally: Tally) -> None:
        self.world = world
        self.tally = tally
        surface = DiscordSurface(client, places=client.places, audience=client.audience)
        self.permissions = Permissions(surface=surface)
        self.surface = surface

    async def ask(self, askers: int, places: int, when: str) -> None:
        """A few people in a few channels ask for everything said anywhere; each also in private."""
        world, oracle = self.world, self.world.oracle()
        people = [person for person in world.people() if person != BOT]
        intos = world.open_places()
        for into in world.rng.sample(intos, min(places, len(intos))):
            for person in world.rng.sample(people, min(askers, len(people))):
                sources = world.places()
                shown = await self.permissions.showable(self.context(person, into), self.ids(sources))
                allowed = self._showable(oracle, person, into, sources)
                self.tally.note(f"{self.what(when)}: {person} in {into}", shown, allowed, len(sources))

    async def recall(self, memory: OpenMemory, when: str) -> None:
        """The same through memory, for one person in one channel."""
        world, oracle = self.world, self.world.oracle()
        if not (intos := world.open_places()):
            return
        into, person = world.rng.choice(intos), world.rng.choice([each for each in world.people() if each != BOT])
        context = self.context(person, into)

        async def may_show(sources: Collection[ChannelId]) -> frozenset[ChannelId]:
            return await self.permissions.showable(context, sources)

        guild = GuildId(int(world.guild["id"]))
        hits = await memory.recall.recall(WORD, guild_id=guild, may_show=may_show, limit=50)
        shown = frozenset(int(hit.message.channel_id) for hit in hits)
        sources = world.places()
        allowed = self._showable(oracle, person, into, sources)
        self.tally.note(f"{self.what(when)}: recall for {person} in {into}", shown, allowed, len(sources))

    async def search(self, memory: OpenMemory, when: str) -> None:
        """The same with the tool that the model has."""
        world, oracle = self.world, self.world.oracle()
        if not (intos := world.open_places()):
            return
        into, person = world.rng.choice(intos), world.rng.choice([each for each in world.people() if each != BOT])
        directory = Directory(surface=self.surface, permissions=self.permissions)
        tools = RecallTools(
            memory=memory.recall,
            verifier=AllStand(),
            surface=self.surface,
            directory=directory,
            permissions=self.permissions,
        )
        result = await tools.search_memory(query=WORD, limit=25, context=self.context(person, into))
        shown = frozenset(int((hit.link or "").split("/")[-2]) for hit in result.hits)
        sources = world.places()
        allowed = self._showable(oracle, person, into, sources)
        is_all = len(allowed) < ENOUGH and (not result.note or not result.hits)
        expected = allowed if is_all else allowed & shown
        self.tally.note(f"{self.what(when)}: search for {person} in {into}", shown, expected, len(sources))

    def what(self, when: str) -> str:
        return f"guild {self.world.guild['id']} {when}"

    def _showable(self, oracle: Oracle, person: str, into: str, sources: list[str]) -> frozenset[int]:
        return frozenset(int(each) for each in sources if oracle.showable(person, into, each))

    @staticmethod
    def ids(places: list[str]) -> frozenset[ChannelId]:
        return frozenset(ChannelId(int(each)) for each in places)

    def context(self, person: str, into: str) -> ToolContext:
        channel = self.surface.channel(ChannelId(int(into)))
        guild = self.surface.guild(GuildId(int(self.world.guild["id"])))
        assert channel is not None
        assert guild is not None
        asker = Person(UserId(int(person)), f"user{person}")
        now = self.world.now
        request = Message(MessageId(snowflake_at(now)), channel.id, guild.id, asker, "?", created_at=now)
        bot = Person(UserId(int(BOT)), "digmbot", is_bot=True)
        return ToolContext(
            asker=asker, bot=bot, guild=guild, channel=channel, request=request, run_id="run", zone=ZoneInfo("UTC")
        )


def said(world: World, place: str) -> Message:
    """One line in each place, told apart by its channel."""
    guild, author = GuildId(int(world.guild["id"])), Person(UserId(1), "Somebody")
    text = f"the {WORD} of {place}"
    return Message(MessageId(int(place) + 1), ChannelId(int(place)), guild, author, text, created_at=world.now)
