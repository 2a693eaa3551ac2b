"""`/mcp sign-in` and `/mcp sign-out`: one's own account at an outside server, or the one that all share."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from discord import app_commands

from bot.commands.asking import Interaction, context_of
from bot.commands.tree import CommandError, whisper
from bot.mcp.assembly import STARTING, OutsideServers
from chat.ids import UserId
from mcp_servers.outside.wishes import Address, AuthKind, ServerWish

NONE = "There is no such server that you can sign in to here; choose one of those that are suggested."
CHOICES = 25  # what Discord shows

Command = app_commands.Command[app_commands.Group, [str], None]


def sign_in_commands(servers: OutsideServers, zone: ZoneInfo) -> Sequence[Command]:
    async def sign_in(interaction: Interaction, server: app_commands.Range[str, 1, 32]) -> None:
        wish = await _wish(servers, zone, interaction, server)
        if servers.sign_in is None:
            raise CommandError(STARTING)
        await servers.sign_in.commanded(interaction, wish)

    async def sign_out(interaction: Interaction, server: app_commands.Range[str, 1, 32]) -> None:
        await interaction.response.defer(ephemeral=True)
        wish = await _wish(servers, zone, interaction, server)
        await whisper(interaction, await servers.sign_out(wish, UserId(interaction.user.id)))

    async def suggest(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = [wish.name for wish in await servers.usable(context_of(interaction, zone)) if _takes_sign_ins(wish)]
        found = [name for name in names if current.lower() in name]
        return [app_commands.Choice(name=name, value=name) for name in found[:CHOICES]]

    into: Command = app_commands.Command(name="sign-in", description="Sign in to an outside server", callback=sign_in)
    out: Command = app_commands.Command(name="sign-out", description="Forget my sign-in there", callback=sign_out)
    for command in (into, out):
        command.autocomplete("server")(suggest)
    return [into, out]


async def _wish(servers: OutsideServers, zone: ZoneInfo, interaction: Interaction, name: str) -> ServerWish:
    usable = await servers.usable(context_of(interaction, zone))
    found = next((wish for wish in usable if wish.name == name and _takes_sign_ins(wish)), None)
    if found is None:
        raise CommandError(NONE)
    return found


def _takes_sign_ins(wish: ServerWish) -> bool:
    return isinstance(wish.at, Address) and wish.at.auth in {AuthKind.USER, AuthKind.BOT}
