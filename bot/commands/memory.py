"""`/memory`: search what you may read, see and change what is kept on purpose, and what may be remembered where."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.commands.asking import Interaction, context_of
from bot.commands.facts import FactList, told_facts
from bot.commands.tree import CommandError, whisper
from bot.memory_view import MAX_ANSWER, fitting, told_hits
from bot.walker import Walker, category_of
from chat.ids import ChannelId, GuildId, UserId
from memory.opening import OpenMemory
from memory.rules import WHOLE_SERVER
from tools.context import ToolContext
from tools.permission import Permissions
from tools.searching import meant_time
from tools.verifying import Verifier

HITS = 8
LISTED = 15


class MemoryCommands(app_commands.Group):
    """Bound to the services that it needs; one instance serves everybody."""

    def __init__(
        self,
        *,
        memory: OpenMemory,
        permissions: Permissions,
        verifier: Verifier,
        walker: Walker,
        zone: ZoneInfo,
    ) -> None:
        super().__init__(name="memory", description="What I remember")
        self._memory = memory
        self._facts = memory.facts
        self._permissions = permissions
        self._verifier = verifier
        self._walker = walker
        self._zone = zone

    @app_commands.command(name="search", description="Search everything that you may read; only you see the answer")
    @app_commands.describe(query="What to look for", person="Only what this person said", channel="Only said there")
    async def search(
        self,
        interaction: Interaction,
        query: app_commands.Range[str, 1, 500],
        person: discord.User | None = None,
        channel: discord.TextChannel | discord.Thread | discord.VoiceChannel | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True)
        context = context_of(interaction, self._zone, query)

        async def may_show(sources: Collection[ChannelId]) -> frozenset[ChannelId]:
            return await self._permissions.readable(context, sources)

        await self._verifier.caught_up()
        hits = await self._memory.recall.recall(
            query,
            guild_id=context.channel.guild_id,
            channel=ChannelId(channel.id) if channel else None if context.guild else context.channel.id,
            author=UserId(person.id) if person else None,
            may_show=may_show,
            limit=HITS,
            prefer=meant_time(context),
        )
        standing = await self._verifier.verify([hit.message for hit in hits])
        readable = await may_show({message.channel_id for message in standing})
        shown = [message for message in standing if message.channel_id in readable]
        await whisper(interaction, told_hits(shown) or "I found nothing that you may read.")

    @app_commands.command(name="facts", description="What is kept on purpose about you and this server")
    async def facts(self, interaction: Interaction) -> None:
        context = context_of(interaction, self._zone)
        listed = await told_facts(self._facts, self._permissions, context)
        if not listed:
            await whisper(
                interaction, "Nothing is kept on purpose. Tell me to remember something, or use the menu of a message."
            )
            return
        manages = interaction.permissions.manage_guild
        view = FactList(listed, facts=self._facts, person=context.asker.id, manages=manages)
        await whisper(interaction, fitting([f"- {told}" for told in view.told]), view=view)

    @app_commands.command(name="status", description="What I may remember here, and how far I have read")
    @app_commands.guild_only()
    async def status(self, interaction: Interaction) -> None:
        context = context_of(interaction, self._zone)
        guild_id = _guild_of(context)
        progress, stats = self._walker.progress(guild_id), await self._memory.indexer.stats()
        lines = [
            *self._rules_told(context, guild_id),
            f"Read since I am here: {progress.messages} messages, {progress.done} of {progress.channels} channels.",
            f"Waiting to be indexed: {stats.waiting}.",
        ]
        await whisper(interaction, "\n".join(lines)[:MAX_ANSWER])

    def _rules_told(self, context: ToolContext, guild_id: GuildId) -> list[str]:
        rules = self._memory.rules
        days = rules.retention(guild_id, [])
        told = [
            "I remember what is said where I can read, " + (f"for {days} days." if days else "until it is deleted."),
        ]
        for channel_id, rule in list(rules.of_guild(guild_id).items())[:LISTED]:
            where = "this server" if channel_id == WHOLE_SERVER else f"<#{channel_id}>"
            if rule.archived is not None:
                told.append(f"- {where}: {'remembered' if rule.archived else 'never remembered'}")
            if rule.retention_days is not None:
                told.append(f"- {where}: kept for {rule.retention_days or 'unlimited'} days")
        here = [context.channel.id, *([context.channel.parent_id] if context.channel.parent_id else [])]
        told.append(f"This channel is {'' if rules.archives(guild_id, here) else 'not '}remembered.")
        return told

    @app_commands.default_permissions(manage_guild=True)
    @app_commands.command(name="channel", description="For managers: whether a channel or category is remembered")
    @app_commands.describe(channel="Which one", remembered="Off: nothing is kept, and what is kept is erased")
    @app_commands.guild_only()
    async def channel(
        self,
        interaction: Interaction,
        channel: discord.abc.GuildChannel,
        remembered: bool,
    ) -> None:
        guild_id = _managed(interaction)
        await interaction.response.defer(ephemeral=True)
        rules, place = self._memory.rules, ChannelId(channel.id)
        old = rules.of_guild(guild_id).get(place)
        days = old.retention_days if old else None
        await rules.set(guild_id, place, archived=remembered, retention_days=days, by=UserId(interaction.user.id))
        erased = 0 if remembered else await self._erase_unwanted(channel)
        told = (
            "is remembered from now on" if remembered else f"is not remembered any more; {erased} messages are erased"
        )
        await whisper(interaction, f"<#{channel.id}> {told}.")

    async def _erase_unwanted(self, channel: discord.abc.GuildChannel) -> int:
        """What no rule wants kept any more, of this channel, its threads, and what is in this category."""
        inside = [each for each in channel.guild.channels if category_of(each) == channel.id]
        erased = 0
        await self._memory.intake.settled()
        for each in (channel, *inside):
            places = [ChannelId(each.id), *([ChannelId(channel.id)] if each.id != channel.id else [])]
            if self._memory.rules.archives(GuildId(channel.guild.id), places):
                continue
            for place in await self._memory.channels.within(ChannelId(each.id)):
                erased += await self._memory.archive.erase_channel(place)
        return erased

    @app_commands.default_permissions(manage_guild=True)
    @app_commands.command(name="retention", description="For managers: after how many days I forget; 0 is never")
    @app_commands.describe(days="0: as long as Discord has it", channel="Only there; left out: the whole server")
    @app_commands.guild_only()
    async def retention(
        self,
        interaction: Interaction,
        days: app_commands.Range[int, 0, 36_500],
        channel: discord.abc.GuildChannel | None = None,
    ) -> None:
        guild_id = _managed(interaction)
        place = ChannelId(channel.id) if channel else WHOLE_SERVER
        old = self._memory.rules.of_guild(guild_id).get(place)
        archived = old.archived if old else None
        await self._memory.rules.set(
            guild_id, place, archived=archived, retention_days=days, by=UserId(interaction.user.id)
        )
        where = f"<#{channel.id}>" if channel else "this server"
        kept = self._memory.rules.retention(guild_id, [place])
        told = f"{kept} days" if kept else "as long as Discord has it"
        await whisper(interaction, f"What is said in {where} is kept for {told}. What is older goes within the hour.")


def _guild_of(context: ToolContext) -> GuildId:
    if context.guild is None:
        raise CommandError("Use this on a server.")
    return context.guild.id


def _managed(interaction: Interaction) -> GuildId:
    if interaction.guild_id is None or not interaction.permissions.manage_guild:
        raise CommandError("Only who may manage this server (the right Manage Server) can change what I remember here.")
    return GuildId(interaction.guild_id)
