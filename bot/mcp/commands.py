"""`/mcp`: how the outside servers are, and their prompts."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.commands.asking import Interaction, context_of
from bot.commands.tree import BROKEN, CommandError, whisper
from bot.links import Links
from bot.mcp.assembly import OutsideServers
from bot.mcp.prompt_runs import Filled, PromptRuns
from bot.mcp.status import told_to_managers, told_to_members
from bot.runs import Runs
from bot.settings.model import Settings
from chat.ids import UserId
from mcp_servers.outside.catalogue import PromptView
from mcp_servers.outside.failures import Unavailable
from mcp_servers.outside.prompting import filled_in
from tools.calls import ToolSpec
from tools.context import ToolContext
from tools.permission import Permissions

CHOICES = 25  # what Discord shows
FORM_SECONDS = 600.0
MOST_BLANKS = 5  # what a form of Discord has
LONGEST_BLANK = 2000

Offered = Callable[[ToolContext], Awaitable[Sequence[ToolSpec]]]
Part = app_commands.Group | app_commands.Command[app_commands.Group, ..., None]


@dataclass(frozen=True, slots=True)
class OutsideView:
    """What `/mcp` needs to know of outside servers."""

    servers: OutsideServers
    offered: Offered
    """The tools that somebody may use in a place."""
    prompts: PromptRuns
    owners: frozenset[int]
    zone: ZoneInfo
    """Of people who have set none."""


def new_mcp_command(
    settings: Settings,
    servers: OutsideServers,
    *,
    offered: Offered,
    runs: Runs,
    links: Links,
    permissions: Permissions,
    parts: Sequence[Part] = (),
) -> app_commands.Group:
    zone = ZoneInfo(settings.general.time_zone)
    prompts = PromptRuns(runs=runs, links=links, permissions=permissions, zone=zone)
    view = OutsideView(servers, offered, prompts, settings.general.owner_ids, zone)
    return mcp_command(view, parts=parts)


def mcp_command(view: OutsideView, *, parts: Sequence[Part] = ()) -> app_commands.Group:
    """`parts`: what else stands in `/mcp`."""
    group = app_commands.Group(name="mcp", description="Outside tools: MCP servers and their prompts")
    group.add_command(_servers_command(view))
    group.add_command(_prompt_command(view))
    for part in parts:
        group.add_command(part)
    return group


def _servers_command(view: OutsideView) -> app_commands.Command[app_commands.Group, [str | None], None]:
    @app_commands.describe(name="Only this one, in full")
    async def servers(interaction: Interaction, name: app_commands.Range[str, 1, 32] | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        context = context_of(interaction, view.zone)
        is_owner = interaction.user.id in view.owners
        if is_owner or (interaction.guild_id is not None and interaction.permissions.manage_guild):
            here = None if is_owner else context.guild and context.guild.id
            shown = {
                wish.name for wish in view.servers.outside.wishes if is_owner or not wish.guilds or here in wish.guilds
            }
            states = [state for state in view.servers.outside.states() if state.name in shown]
            told = told_to_managers(states, context.asker.id, only=name)
        else:
            told = told_to_members(await view.offered(context), only=name)
        await whisper(interaction, told)

    return app_commands.Command(
        name="servers", description="Which MCP servers there are, how they are, and their tools", callback=servers
    )


def _prompt_command(view: OutsideView) -> app_commands.Command[app_commands.Group, [str, str], None]:
    @app_commands.describe(server="Whose prompt", name="Which prompt")
    async def prompt(
        interaction: Interaction, server: app_commands.Range[str, 1, 32], name: app_commands.Range[str, 1, 100]
    ) -> None:
        found = next((each for each in await _prompts(view, interaction, server) if each.name == name), None)
        if found is None:
            raise CommandError("There is no such prompt that you can use here; choose one of those that are suggested.")
        if len(found.arguments) > MOST_BLANKS and any(each.is_required for each in found.arguments[MOST_BLANKS:]):
            raise CommandError(f"That prompt has more than {MOST_BLANKS} blanks, which no form on Discord has.")
        if found.arguments:
            await interaction.response.send_modal(BlanksForm(view, server, found))
            return
        await interaction.response.defer(ephemeral=True)
        await _show(view, interaction, server, found, {})

    async def suggest_server(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        usable = [wish.name for wish in await view.servers.usable(context_of(interaction, view.zone))]
        person = UserId(interaction.user.id)
        return _choices([(name, name) for name in usable if view.servers.outside.prompts(name, person)], current)

    async def suggest_prompt(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        chosen = str(interaction.namespace["server"] or "") if "server" in interaction.namespace else ""
        return _choices([(each.title, each.name) for each in await _prompts(view, interaction, chosen)], current)

    command: app_commands.Command[app_commands.Group, [str, str], None] = app_commands.Command(
        name="prompt", description="Use a prompt that an MCP server has ready", callback=prompt
    )
    command.autocomplete("server")(suggest_server)
    command.autocomplete("name")(suggest_prompt)
    return command


class BlanksForm(discord.ui.Modal):
    """The arguments of a prompt."""

    def __init__(self, view: OutsideView, server: str, prompt: PromptView) -> None:
        super().__init__(title=prompt.title[:45] or "Prompt", timeout=FORM_SECONDS)
        self._view = view
        self._server = server
        self._prompt = prompt
        self._blanks = {
            each.name: discord.ui.TextInput["BlanksForm"](
                label=each.name[:45],
                placeholder=each.description[:100] or None,
                required=each.is_required,
                max_length=LONGEST_BLANK,
            )
            for each in prompt.arguments[:MOST_BLANKS]
        }
        for blank in self._blanks.values():
            self.add_item(blank)

    async def on_submit(self, interaction: Interaction, /) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        given = {name: blank.value.strip() for name, blank in self._blanks.items() if blank.value.strip()}
        await _show(self._view, interaction, self._server, self._prompt, given)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:
        if not isinstance(error, CommandError):
            await super().on_error(interaction, error)  # logs it
        await whisper(interaction, str(error) if isinstance(error, CommandError) else BROKEN)


async def _show(
    view: OutsideView, interaction: Interaction, server: str, prompt: PromptView, given: dict[str, str]
) -> None:
    try:
        text = await filled_in(view.servers.outside, server, prompt.name, given, person=UserId(interaction.user.id))
    except Unavailable as error:
        raise CommandError(str(error)) from error
    await view.prompts.show(interaction, Filled(server, prompt.title or prompt.name, text))


async def _prompts(view: OutsideView, interaction: Interaction, server: str) -> Sequence[PromptView]:
    """Those of a server that this person may use here."""
    usable = {wish.name for wish in await view.servers.usable(context_of(interaction, view.zone))}
    return view.servers.outside.prompts(server, UserId(interaction.user.id)) if server in usable else ()


def _choices(named: Sequence[tuple[str, str]], current: str) -> list[app_commands.Choice[str]]:
    wanted = current.strip().casefold()
    fitting = [(name, value) for name, value in named if wanted in name.casefold() or wanted in value.casefold()]
    return [
        app_commands.Choice(name=(name or value)[:100], value=value) for name, value in fitting if len(value) <= 100
    ][:CHOICES]
