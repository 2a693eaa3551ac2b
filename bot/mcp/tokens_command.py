"""`/mcp token`: a person's tokens for their own MCP clients. Every answer is theirs alone to see."""

import json
from collections.abc import Callable, Coroutine
from typing import Literal

import discord
from discord import app_commands

from bot.commands.asking import Interaction
from bot.commands.tree import CommandError, whisper
from chat.ids import UserId
from mcp_servers.offered.tokens import DEFAULT_DAYS, MAX_DAYS, MAX_NAME, Minted, Scope, Token, TokenError, Tokens
from reminders.wording import full_time, relative_time

CHOICES = 25  # what Discord shows
OFF = "The MCP endpoint is switched off; my operator can switch it on with [mcp.serve]."
NEW = (
    "Your token **{name}** ({rights}, until {until}). Copy it now: it is shown this once.\n"
    "```\n{secret}\n```\n"
    "For a client that speaks HTTP:\n```json\n{config}\n```\n"
    "-# Whoever has it can {danger} on Discord as far as you may. `/mcp token revoke` ends it."
)
DANGER = {False: "read", True: "read and write"}


def token_group(tokens: Tokens, url: Callable[[], str | None]) -> app_commands.Group:
    """To stand in `/mcp`. `url`: where clients find the endpoint; None when it is switched off."""
    group = app_commands.Group(name="token", description="Your tokens for MCP clients")

    @app_commands.describe(
        name="What you will know it by",
        scope="Whether it may also post, remember and remind (default: read only)",
        days=f"How many days it lives (default {DEFAULT_DAYS})",
    )
    async def new(
        interaction: Interaction,
        name: app_commands.Range[str, 1, MAX_NAME] | None = None,
        scope: Literal["read", "write"] = "read",
        days: app_commands.Range[int, 1, MAX_DAYS] = DEFAULT_DAYS,
    ) -> None:
        if (address := url()) is None:
            raise CommandError(OFF)
        try:
            minted = await tokens.mint(UserId(interaction.user.id), name=name or "", scopes=[Scope(scope)], days=days)
        except TokenError as error:
            raise CommandError(str(error)) from error
        if not await whisper(interaction, _shown(minted, address)):
            await tokens.revoke(UserId(interaction.user.id), minted.token.id)  # nobody has seen it

    async def listed(interaction: Interaction) -> None:
        mine = tokens.of(UserId(interaction.user.id))
        await whisper(interaction, "\n".join(map(_line, mine)) or "You have no token; `/mcp token new` makes one.")

    @app_commands.describe(which="The token to end")
    async def revoke(interaction: Interaction, which: str) -> None:
        ended = await tokens.revoke(UserId(interaction.user.id), which.strip())
        if ended is None:
            raise CommandError("You have no such token; `/mcp token list` shows yours.")
        await whisper(interaction, f"Revoked: **{_name(ended)}**. It opens nothing from now on.")

    group.command(name="new", description="Make a token for an MCP client of yours")(new)
    group.command(name="list", description="Which tokens you have")(listed)
    group.command(name="revoke", description="End a token")(revoke).autocomplete("which")(_suggesting(tokens))
    return group


def _suggesting(tokens: Tokens) -> Callable[[Interaction, str], Coroutine[None, None, list[app_commands.Choice[str]]]]:
    async def suggest(interaction: Interaction, begun: str) -> list[app_commands.Choice[str]]:
        mine = tokens.of(UserId(interaction.user.id))
        fits = [token for token in mine if begun.casefold() in token.name.casefold()]
        return [app_commands.Choice(name=token.name, value=token.id) for token in fits[:CHOICES]]

    return suggest


def _shown(minted: Minted, url: str) -> str:
    headers = {"Authorization": f"Bearer {minted.secret}"}
    config = {"mcpServers": {"digmbot": {"type": "http", "url": url, "headers": headers}}}
    token = minted.token
    return NEW.format(
        name=_name(token),
        rights=_rights(token),
        until=full_time(token.expires_at),
        secret=minted.secret,
        config=json.dumps(config, indent=1),
        danger=DANGER[token.may_write],
    )


def _line(token: Token) -> str:
    used = f"last used {relative_time(token.last_used_at)}" if token.last_used_at else "never used"
    return f"- **{_name(token)}** (`{token.id}`): {_rights(token)}, until {full_time(token.expires_at)}, {used}"


def _rights(token: Token) -> str:
    return "read and write" if token.may_write else "read only"


def _name(token: Token) -> str:
    return discord.utils.escape_markdown(token.name)
