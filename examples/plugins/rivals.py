"""rivals: ratings of players and the handicaps that make their matches even, as digmbot-rs had them.

Ratings are percentages of damage. The difference between two players is what the stronger one starts with; each 150 %
of it is a stock. The winner of an even match gains 5 points and the loser gives them; after a surprise it is more. A
person may have several players, say one for each character. Only who made a player, or an owner of the bot, deletes it
or reports that it lost. `digmbot import-state` brings the ratings of digmbot-rs over.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel

from bot.plugins.api import Call, CannotDo, Command, NotAllowed, Plugin
from chat.ids import UserId

STOCK = 150
FURTHEST = 300  # apart, beyond which a match says nothing
AT_STAKE = 10.0
SCALE = 200
LONGEST = 100
KEY = "player:"

Name = Annotated[str, "The player's name, one word"]


class Player(BaseModel):
    """Kept under `player:NAME`."""

    rating: int
    owner: int | None = None


class Rivals(Plugin):
    """All ratings are shared by the servers of the bot, as they were."""

    name = "rivals"

    def commands(self) -> Sequence[Command]:
        suggest = self.suggest
        return [
            Command(self.create, "rivals create", "Create a player"),
            Command(self.delete, "rivals delete", "Delete a player of yours", suggest={"player": suggest}),
            Command(self.list, "rivals list", "List all players, the strongest first"),
            Command(
                self.preview,
                "rivals preview",
                "Show two ratings and the handicap to start with",
                suggest={"player": suggest, "other": suggest},
            ),
            Command(
                self.report,
                "rivals report",
                "Report a match (you must own the loser)",
                suggest={"winner": suggest, "loser": suggest},
            ),
        ]

    async def create(self, call: Call, rating: Annotated[int, "To begin with"], player: Name | None = None) -> str:
        name = (player or call.asker.name).strip()
        if not name or len(name) > LONGEST or " " in name:
            raise CannotDo("Give the player a name of one word.")
        if not 0 <= rating <= 100_000:
            raise CannotDo("A rating is between 0 and 100000.")
        if await self.around.store.get(KEY + name) is not None:
            raise CannotDo(f"Player `{name}` already exists.")
        await self._keep(name, Player(rating=rating, owner=call.asker.id))
        return f"Player `{name}` created with initial rating {rating}%."

    async def delete(self, call: Call, player: Name) -> str:
        self._require_owner(call, await self._player(player))
        await self.around.store.drop(KEY + player)
        return f"Player `{player}` has been deleted."

    async def list(self, _: Call) -> str:
        kept = await self.around.store.items(KEY)
        players = {key.removeprefix(KEY): Player.model_validate(value) for key, value in kept.items()}
        if not players:
            return "No players registered yet."
        ranked = sorted(players.items(), key=lambda each: -each[1].rating)
        lines = [f"• `{name}`: {each.rating}% (owner: {_owner(each)})" for name, each in ranked]
        return "\n".join(["Registered players:", *lines])

    async def preview(self, _: Call, player: Name, other: Name) -> str:
        first, second = await self._player(player), await self._player(other)
        if first.rating == second.rating:
            return f"Both `{player}` and `{other}` have equal ratings ({first.rating}%). No handicap."
        stronger = player if first.rating > second.rating else other
        stocks, damage = divmod(abs(first.rating - second.rating), STOCK)
        return (
            f"Player ratings:\n• `{player}`: {first.rating}%\n• `{other}`: {second.rating}%\n"
            f"Handicap: `{stronger}` should start with {stocks} stock(s) and {damage}% extra damage."
        )

    async def report(self, call: Call, winner: Name, beat: Literal["beat"], loser: Name) -> str:  # noqa: ARG002
        if winner == loser:
            raise CannotDo("Winner and loser cannot be the same player.")
        won, lost = await self._player(winner), await self._player(loser)
        self._require_owner(call, lost)
        if abs(won.rating - lost.rating) > FURTHEST:
            raise CannotDo("Player ratings are too far apart to update.")
        expected = 1 / (1 + 10 ** ((lost.rating - won.rating) / SCALE))
        change = AT_STAKE * (1 - expected)
        after = round(won.rating + change), max(0, round(lost.rating - change))
        await self._keep(winner, won.model_copy(update={"rating": after[0]}))
        await self._keep(loser, lost.model_copy(update={"rating": after[1]}))
        return (
            f"Match reported:\n• Winner `{winner}`: {won.rating}% → {after[0]}%\n"
            f"• Loser `{loser}`: {lost.rating}% → {after[1]}%"
        )

    async def suggest(self, _: Call, typed: str) -> Sequence[str]:
        names = [key.removeprefix(KEY) for key in await self.around.store.items(KEY)]
        return [name for name in names if typed.lower() in name.lower()]

    async def _player(self, name: str) -> Player:
        kept = await self.around.store.get(KEY + name)
        if kept is None:
            raise CannotDo(f"Player `{name[:LONGEST]}` not found.")
        return Player.model_validate(kept)

    async def _keep(self, name: str, player: Player) -> None:
        about = None if player.owner is None else UserId(player.owner)
        await self.around.store.put(KEY + name, player.model_dump(), about=about)

    @staticmethod
    def _require_owner(call: Call, player: Player) -> None:
        if not call.is_owner and call.asker.id != player.owner:
            raise NotAllowed


def _owner(player: Player) -> str:
    return f"<@{player.owner}>" if player.owner else "nobody"
