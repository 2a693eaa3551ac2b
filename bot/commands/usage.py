"""`/usage`: what a person has used today and what is left; to the managers of a server the server's, too."""

from discord import app_commands

from bot.commands.asking import Interaction
from bot.commands.tree import whisper
from bot.spending.account import Standing
from bot.spending.budget import Budget
from bot.spending.rules import UNLIMITED
from chat.ids import GuildId, UserId

OWNER = "You own me: what you use is neither limited nor counted."


def usage_command(budget: Budget) -> app_commands.Command[app_commands.Group, [], None]:
    async def usage(interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        person = UserId(interaction.user.id)
        guild = GuildId(interaction.guild_id) if interaction.guild_id else None
        lines = [OWNER] if person in budget.operator.owners else await _of_person(budget, person, guild)
        if guild is not None and interaction.permissions.manage_guild:
            spent = await budget.spent(None, guild)
            lines.append(f"This server today: {spent.runs:,} answers, {spent.tokens:,} tokens.")
            standing = await budget.of_server(guild)
            if standing.bound.allowance != UNLIMITED:
                lines.append(f"- left for all together: {_left(standing)}")
        lines.append(f"-# The next day begins <t:{int(budget.midnight().timestamp())}:R>.")
        await whisper(interaction, "\n".join(lines))

    return app_commands.Command(name="usage", description="What you have used today, and what is left", callback=usage)


async def _of_person(budget: Budget, person: UserId, guild: GuildId | None) -> list[str]:
    spent = await budget.spent(person, None)
    lines = [f"You today: {spent.runs:,} answers, {spent.tokens:,} tokens."]
    # What all others have used is for the managers; whether anything is left for this person, is theirs to know.
    own = [each for each in await budget.left(person, guild) if each.bound.person is not None]
    lines += [
        f"- left for you{' on this server' if each.bound.guild is not None else ''}: {_left(each)}" for each in own
    ]
    return lines if own else [*lines, "- you have no limit"]


def _left(standing: Standing) -> str:
    allowed = standing.bound.allowance
    runs = f"{max(0, allowed.runs - standing.runs):,} of {allowed.runs:,} answers" if allowed.runs else ""
    tokens = f"{max(0, allowed.tokens - standing.tokens):,} of {allowed.tokens:,} tokens" if allowed.tokens else ""
    return " and ".join(filter(None, [runs, tokens]))
