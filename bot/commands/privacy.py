"""`/privacy`: what is stored about me, to be seen, taken along, forgotten, or no longer collected."""

import io

import discord
from discord import app_commands

from bot.commands.asking import Interaction
from bot.commands.tree import BROKEN, whisper
from bot.people import People
from chat.ids import UserId

SECONDS = 600.0
MAX_FILE = 8_000_000  # below what Discord takes anywhere

WHAT = (
    "What I keep about you: {stored}.\n"
    "I keep what you write where I can read, to find it again for those who may read it there. "
    "I show nothing to anybody who cannot read it on Discord."
)
OUT = "\nYou have opted out: nothing of yours is stored any more. You can still talk to me."
SURE = (
    "This erases {stored}, on every server that I am on, and what I answered to you. It cannot be undone, and takes a "
    "moment. What others wrote about you stays theirs."
)


def privacy_command(people: People) -> app_commands.Command[app_commands.Group, [], None]:
    async def privacy(interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        person = UserId(interaction.user.id)
        stored = await people.stored(person)
        is_out = people.rules.opted_out_since(person) is not None
        text = WHAT.format(stored=stored.told()) + (OUT if is_out else "")
        await whisper(interaction, text, view=PrivacyView(people, person, is_out=is_out))

    return app_commands.Command(
        name="privacy", description="What I keep about you, and how it goes away", callback=privacy
    )


class PrivacyView(discord.ui.View):
    """Its buttons are seen by the person alone, and act on that person alone."""

    def __init__(self, people: People, person: UserId, *, is_out: bool) -> None:
        super().__init__(timeout=SECONDS)
        self._people = people
        self._person = person
        self.remove_item(self.opt_out if is_out else self.opt_in)

    @discord.ui.button(label="Export", style=discord.ButtonStyle.secondary)
    async def export(self, interaction: Interaction, _: "discord.ui.Button[PrivacyView]") -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        told = (await self._people.export(self._person)).encode()
        if len(told) > MAX_FILE:
            size = len(told) // 1_000_000
            await whisper(interaction, f"It is {size} MB, more than Discord takes as a file; ask my operator for it.")
            return
        await whisper(interaction, "Everything I keep about you:", file=discord.File(io.BytesIO(told), "about-me.json"))

    @discord.ui.button(label="Forget me", style=discord.ButtonStyle.danger)
    async def forget(self, interaction: Interaction, _: "discord.ui.Button[PrivacyView]") -> None:
        stored = await self._people.stored(self._person)
        await whisper(interaction, SURE.format(stored=stored.told()), view=SureView(self._people, self._person))

    @discord.ui.button(label="Opt out", style=discord.ButtonStyle.secondary)
    async def opt_out(self, interaction: Interaction, _: "discord.ui.Button[PrivacyView]") -> None:
        await self._people.rules.opt_out(self._person)
        await whisper(
            interaction,
            "From now on I store nothing that you write; you can still talk to me. What is stored already stays until "
            "you press “Forget me”.",
        )

    @discord.ui.button(label="Opt in again", style=discord.ButtonStyle.secondary)
    async def opt_in(self, interaction: Interaction, _: "discord.ui.Button[PrivacyView]") -> None:
        await self._people.rules.opt_in(self._person)
        await whisper(interaction, "From now on I remember what you write again.")

    async def on_error(
        self, interaction: Interaction, error: Exception, item: "discord.ui.Item[PrivacyView]", /
    ) -> None:
        await super().on_error(interaction, error, item)  # logs it
        await whisper(interaction, BROKEN)


class SureView(discord.ui.View):
    """The second step of forgetting somebody."""

    def __init__(self, people: People, person: UserId) -> None:
        super().__init__(timeout=SECONDS)
        self._people = people
        self._person = person

    @discord.ui.button(label="Yes, forget me", style=discord.ButtonStyle.danger)
    async def sure(self, interaction: Interaction, _: "discord.ui.Button[SureView]") -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        erased = await self._people.forget(self._person)
        self.stop()
        await whisper(interaction, f"Erased: {erased.told()}.")

    async def on_error(self, interaction: Interaction, error: Exception, item: "discord.ui.Item[SureView]", /) -> None:
        await super().on_error(interaction, error, item)  # logs it
        await whisper(interaction, BROKEN)
