"""Buttons of plugins. Their custom id says all there is to know, so that they work after any restart."""

import re
from collections.abc import Awaitable, Callable, Sequence

import discord

from bot.components import OURS
from bot.places import AnyPlace
from bot.plugins.events import Pressed
from bot.plugins.plugin import Button, PluginError
from bot.render import to_channel, to_person
from chat.ids import MessageId

KEY = re.compile(r"[A-Za-z0-9_:.-]{1,60}", re.ASCII)
TEMPLATE = re.compile(
    rf"{OURS}plugin:(?P<plugin>[a-z0-9_-]{{1,32}}):(?P<key>{KEY.pattern})",
    re.ASCII,
)
MAX_BUTTONS = 25

OnPress = Callable[[discord.Interaction, str, Pressed], Awaitable[None]]
Item = discord.ui.Button[discord.ui.View]


def view_of(plugin: str, buttons: Sequence[Button]) -> discord.ui.View:
    """Raises PluginError for a key that cannot be one."""
    if len(buttons) > MAX_BUTTONS or not all(KEY.fullmatch(each.key) for each in buttons):
        raise PluginError(f"a message has up to {MAX_BUTTONS} buttons, with keys of up to 60 of a-z A-Z 0-9 _ : . -")
    view = discord.ui.View(timeout=None)
    for each in buttons:
        view.add_item(discord.ui.Button(label=each.label[:80], custom_id=f"{OURS}plugin:{plugin}:{each.key}"))
    view.stop()  # a press is known by its custom id
    return view


def plugin_button(on_press: OnPress) -> type[discord.ui.DynamicItem[Item]]:
    """The class by which discord.py knows such buttons."""

    class PluginButton(discord.ui.DynamicItem[Item], template=TEMPLATE):
        """Made for each press."""

        def __init__(self, plugin: str, key: str) -> None:
            custom_id = f"{OURS}plugin:{plugin}:{key}"
            super().__init__(discord.ui.Button(label="…", custom_id=custom_id))
            self._plugin = plugin
            self._key = key

        @classmethod
        async def from_custom_id(
            cls, _: discord.Interaction, __: discord.ui.Item[discord.ui.View], match: re.Match[str], /
        ) -> "PluginButton":
            return cls(match["plugin"], match["key"])

        async def callback(self, interaction: discord.Interaction) -> None:
            place = interaction.channel
            message = interaction.message
            press = Pressed(
                key=self._key,
                person=to_person(interaction.user),
                channel=to_channel(place) if isinstance(place, AnyPlace) else None,
                message_id=MessageId(message.id) if message else None,
            )
            await on_press(interaction, self._plugin, press)

    return PluginButton
