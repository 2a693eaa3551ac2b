"""The panel of `/digmbot setup`: every choice counts at once, and the text above says what holds."""

from collections.abc import Callable
from dataclasses import replace

import discord

from bot.commands.asking import Interaction
from bot.commands.tree import BROKEN, whisper
from bot.policy import PolicyRules, ServerRule, Where
from chat.ids import GuildId, UserId

SECONDS = 600.0
MOST = 25  # what one select menu takes
MODES = {
    Where.ALL: "In every channel",
    Where.ONLY: "Only in the channels below",
    Where.NOT: "Not in the channels below",
}
LOST = "You may not manage this server any more (the right Manage Server), so nothing was changed."
PLACES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
]


def told(rule: ServerRule) -> str:
    """What holds, in words."""
    channels = ", ".join(f"<#{each}>" for each in sorted(rule.channels)) or "none yet"
    where = {
        Where.ALL: "in every channel that I may write in",
        Where.ONLY: f"only in: {channels}",
        Where.NOT: f"in every channel but: {channels}",
    }
    roles = ", ".join(f"<@&{each}>" for each in sorted(rule.roles))
    elsewhere = "where they may write themselves" if rule.writes_elsewhere else "only in the channel that they ask in"
    return (
        f"**Where I act:** {where[rule.mode]} (threads as their channel)\n"
        f"**For whom:** {f'only who holds {roles}' if roles else 'everybody'}\n"
        f"**What I write for them:** {elsewhere}\n"
        "-# It holds for answers, commands, tools, tasks and reminders, from now on. What I may remember: /memory."
    )


class SetupPanel(discord.ui.View):
    """Seen by the manager alone. Whether they still are one is asked at every choice."""

    def __init__(self, policies: PolicyRules, guild_id: GuildId) -> None:
        super().__init__(timeout=SECONDS)
        self._policies = policies
        self._guild_id = guild_id
        self._mode = _Mode(self)
        self._channels = _Channels(self)
        self._roles = _Roles(self)
        for each in (self._mode, self._channels, self._roles):
            self.add_item(each)
        self._show()

    @property
    def text(self) -> str:
        return told(self._policies.of(self._guild_id))

    def _show(self) -> None:
        rule = self._policies.of(self._guild_id)
        for option in self._mode.options:
            option.default = option.value == rule.mode.value
        self._channels.default_values = [
            discord.SelectDefaultValue(id=each, type=discord.SelectDefaultValueType.channel)
            for each in sorted(rule.channels)[:MOST]
        ]
        self._roles.default_values = [
            discord.SelectDefaultValue(id=each, type=discord.SelectDefaultValueType.role)
            for each in sorted(rule.roles)[:MOST]
        ]
        self.elsewhere.label = "Write only where I am asked" if rule.writes_elsewhere else "Let me write elsewhere, too"

    async def change(self, interaction: Interaction, change: Callable[[ServerRule], ServerRule]) -> None:
        """Keep it, and show what holds now."""
        await self._policies.set(self._guild_id, change, by=UserId(interaction.user.id))
        self._show()
        await interaction.response.edit_message(content=self.text, view=self)

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        if interaction.permissions.manage_guild:
            return True
        await whisper(interaction, LOST)
        return False

    @discord.ui.button(label="Elsewhere", style=discord.ButtonStyle.secondary, row=4)
    async def elsewhere(self, interaction: Interaction, _: "discord.ui.Button[SetupPanel]") -> None:
        await self.change(interaction, lambda rule: replace(rule, writes_elsewhere=not rule.writes_elsewhere))

    @discord.ui.button(label="Everything as at first", style=discord.ButtonStyle.danger, row=4)
    async def reset(self, interaction: Interaction, _: "discord.ui.Button[SetupPanel]") -> None:
        await self.change(interaction, lambda _: ServerRule())

    async def on_error(
        self, interaction: Interaction, error: Exception, item: "discord.ui.Item[SetupPanel]", /
    ) -> None:
        await super().on_error(interaction, error, item)  # logs it
        await whisper(interaction, BROKEN)


class _Mode(discord.ui.Select[SetupPanel]):
    """All channels, only these, or not these."""

    def __init__(self, panel: SetupPanel) -> None:
        options = [discord.SelectOption(label=label, value=mode.value) for mode, label in MODES.items()]
        super().__init__(placeholder="Where I act", options=options, row=0)
        self._panel = panel

    async def callback(self, interaction: Interaction) -> None:
        mode = Where(self.values[0])
        await self._panel.change(interaction, lambda rule: replace(rule, mode=mode))


class _Channels(discord.ui.ChannelSelect[SetupPanel]):
    """Which channels "these" are."""

    def __init__(self, panel: SetupPanel) -> None:
        super().__init__(placeholder="Which channels", channel_types=PLACES, min_values=0, max_values=MOST, row=1)
        self._panel = panel

    async def callback(self, interaction: Interaction) -> None:
        chosen = frozenset(each.id for each in self.values)
        await self._panel.change(interaction, lambda rule: replace(rule, channels=chosen))


class _Roles(discord.ui.RoleSelect[SetupPanel]):
    """Who may use the bot. @everyone is as good as nobody in particular."""

    def __init__(self, panel: SetupPanel) -> None:
        super().__init__(placeholder="Who may use me (nobody chosen: all)", min_values=0, max_values=MOST, row=2)
        self._panel = panel

    async def callback(self, interaction: Interaction) -> None:
        chosen = frozenset(role.id for role in self.values)
        chosen = frozenset[int]() if interaction.guild_id in chosen else chosen
        await self._panel.change(interaction, lambda rule: replace(rule, roles=chosen))
