"""`/digmbot`: what the managers of a server decide, and the proof that somebody is one."""

import discord
from discord import app_commands

from bot.commands.asking import Interaction
from bot.commands.setup import SetupPanel
from bot.commands.tree import CommandError, whisper
from bot.policy import PolicyRules
from bot.spending.budget import Budget, used
from bot.spending.rules import UNLIMITED, Allowance, Scope
from chat.ids import GuildId, UserId

LISTED = 20
MOST = 1_000_000_000
ABOVE = "My operator allows at most {most:,} {what} a day; write that or less."
NOTHING_SET = "Say how many `runs` or `tokens` a day; 0 takes the limit away."
BOTH = "Either `role` or `whole_server`: a limit is for one of them."


class ServerCommands(app_commands.Group):
    """Shown to who may manage the server; each command asks again itself, because admins may show it to others."""

    def __init__(self, *, policies: PolicyRules, budget: Budget) -> None:
        super().__init__(
            name="digmbot",
            description="For managers: where I act, for whom, and how much",
            guild_only=True,
            default_permissions=discord.Permissions(manage_guild=True),
        )
        self._policies = policies
        self._budget = budget

    @app_commands.command(name="setup", description="For managers: in which channels I act, and for whom")
    async def setup(self, interaction: Interaction) -> None:
        guild_id = managed(interaction)
        panel = SetupPanel(self._policies, guild_id)
        await whisper(interaction, panel.text, view=panel)

    @app_commands.command(name="limits", description="For managers: answers and tokens a day; alone, it lists them")
    @app_commands.describe(
        runs="Answers and tasks a day; 0: no limit of this server's",
        tokens="Tokens a day, read and written; 0: no limit of this server's",
        role="For each who holds this role, instead of what holds for everybody",
        whole_server="For all members together, rather than for each",
    )
    async def limits(
        self,
        interaction: Interaction,
        runs: app_commands.Range[int, 0, MOST] | None = None,
        tokens: app_commands.Range[int, 0, MOST] | None = None,
        role: discord.Role | None = None,
        whole_server: bool = False,
    ) -> None:
        guild_id = managed(interaction)
        if runs is None and tokens is None:
            if role or whole_server:
                raise CommandError(NOTHING_SET)
            await whisper(interaction, await self._listed(guild_id))
            return
        if role and whole_server:
            raise CommandError(BOTH)
        scope = Scope.ROLE if role else Scope.SERVER if whole_server else Scope.PERSON
        role_id = role.id if role else 0
        before = self._budget.rules.of(guild_id).get((scope, role_id), UNLIMITED)
        wanted = Allowance(before.runs if runs is None else runs, before.tokens if tokens is None else tokens)
        operator = self._budget.operator
        _within(wanted, operator.server if scope is Scope.SERVER else operator.person)
        # For a role "no limit" is something else than "none of its own": it frees from what holds for everybody.
        kept = None if wanted == UNLIMITED and scope is not Scope.ROLE else wanted
        await self._budget.rules.set(guild_id, scope, kept, role_id=role_id, by=UserId(interaction.user.id))
        await whisper(interaction, f"From now on:\n{await self._listed(guild_id)}")

    async def _listed(self, guild_id: GuildId) -> str:
        rules, operator = self._budget.rules.of(guild_id), self._budget.operator
        lines = [
            f"- each person: {_told(rules.get((Scope.PERSON, 0), UNLIMITED))}",
            *(
                f"- each with <@&{role_id}>: {_told(allowance)}"
                for (scope, role_id), allowance in list(rules.items())[:LISTED]
                if scope is Scope.ROLE
            ),
            f"- all together: {_told(rules.get((Scope.SERVER, 0), UNLIMITED))}",
            f"- my operator allows each person {_told(operator.person)}, each server {_told(operator.server)}",
        ]
        standing = await self._budget.of_server(guild_id)
        if standing.bound.allowance != UNLIMITED:
            lines.append(f"Today {used(standing)} here.")
        return "\n".join(lines)


def managed(interaction: Interaction) -> GuildId:
    """Raises CommandError for who does not manage the server."""
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise CommandError("Only who may manage this server (the right Manage Server) can change what I do here.")
    return GuildId(interaction.guild_id)


def _within(wanted: Allowance, most: Allowance) -> None:
    """Raises CommandError for more than the operator allows; 0 is as much as that."""
    for what, one, limit in (("answers", wanted.runs, most.runs), ("tokens", wanted.tokens, most.tokens)):
        if limit and one > limit:
            raise CommandError(ABOVE.format(most=limit, what=what))


def _told(allowance: Allowance) -> str:
    runs = f"{allowance.runs:,} answers" if allowance.runs else ""
    tokens = f"{allowance.tokens:,} tokens" if allowance.tokens else ""
    return " and ".join(filter(None, [runs, tokens])) + " a day" if runs or tokens else "no limit"
