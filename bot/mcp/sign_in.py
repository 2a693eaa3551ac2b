"""Signing in to outside servers: the link goes to one person alone, and so does what became of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

import discord

from bot.commands.tree import BROKEN, whisper
from bot.mcp.quoting import inert, short
from bot.places import REST_FAILURES
from chat.ids import UserId
from chat.people import Person
from mcp_servers.outside.manager import is_signed_in_for_all
from mcp_servers.outside.pending import Link, PendingSignIns, WrongReturnError
from mcp_servers.outside.sign_ins import Show, SignInError, SignIns
from mcp_servers.outside.wishes import Address, AuthKind, ServerWish

logger = logging.getLogger(__name__)

Interaction = discord.Interaction
SignedIn = Callable[[str, UserId | None], None]
"""Told the server, and whose account it is now; None for the one that all share."""

BUTTONS_LONGEST_URL = 512  # longer ones stand in the text
LONGEST_URL = 1500
NOT_PRIVATE = "I cannot write to you privately; allow direct messages from members of this server, and ask again."


class DiscordSignIn:
    """From a command, or when a call needs it."""

    def __init__(
        self,
        client: discord.Client,
        tasks: asyncio.TaskGroup,
        *,
        sign_ins: SignIns,
        signed_in: SignedIn,
        owners: Collection[UserId],
    ) -> None:
        """`owners`: who may sign in for all."""
        self._client = client
        self._tasks = tasks
        self._sign_ins = sign_ins
        self._signed_in = signed_in
        self._owners = frozenset(owners)

    async def commanded(self, interaction: Interaction, wish: ServerWish) -> None:
        """The link is whispered in answer to a command. Returns when it is there, or a sentence that says why not."""
        person = Person(UserId(interaction.user.id), interaction.user.display_name)
        if not interaction.response.is_done():
            await interaction.response.defer(ephemeral=True, thinking=True)
        if refusal := self.refusal(wish, person.id):
            await whisper(interaction, refusal)
            return
        waiting = self._sign_ins.pending.link_of(wish.name, person.id)
        if waiting is not None:
            await whisper(interaction, _text(waiting), view=self._view(waiting, person))
            return

        async def show(link: Link) -> None:
            if not await whisper(interaction, _text(link), view=self._view(link, person)):
                raise SignInError("The link could not be shown; begin again.")

        async def tell(sentence: str) -> None:
            await whisper(interaction, sentence)

        if sentence := await self._begin(wish, person, show, tell):
            await whisper(interaction, sentence)

    async def needed(self, wish: ServerWish, person: Person) -> str:
        """A call needs it: the link goes out as a direct message. Answers one sentence for the channel."""
        if refusal := self.refusal(wish, person.id):
            return refusal
        if self._sign_ins.pending.link_of(wish.name, person.id) is not None:
            return f"You have to sign in to {wish.name} first; the link is in our direct messages."
        try:
            direct = await self._direct(person.id)
        except REST_FAILURES:
            return NOT_PRIVATE

        async def show(link: Link) -> None:
            try:
                await direct.send(_text(link), view=self._view(link, person), suppress_embeds=True)
            except REST_FAILURES as error:
                raise SignInError(NOT_PRIVATE) from error

        async def tell(sentence: str) -> None:
            await direct.send(sentence, suppress_embeds=True)

        sentence = await self._begin(wish, person, show, tell)
        return sentence or f"You have to sign in to {wish.name} first; I have sent you the link privately."

    def refusal(self, wish: ServerWish, person: UserId) -> str | None:
        """Why this person may not sign in there."""
        match wish.at:
            case Address(auth=AuthKind.USER):
                return None
            case Address(auth=AuthKind.BOT):
                may = person in self._owners
                return None if may else f"Only an owner of the bot signs in to {wish.name}, for everybody."
            case _:
                return f"Nobody signs in to {wish.name}."

    async def _begin(
        self, wish: ServerWish, person: Person, show: Show, tell: Callable[[str], Awaitable[None]]
    ) -> str | None:
        """Returns once the link is shown; or, with a sentence, when it came to nothing before."""
        shown: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        async def show_first(link: Link) -> None:
            if len(link.url) > LONGEST_URL:
                raise SignInError(f"The link of {wish.name} is longer than what Discord takes.")
            await show(link)
            shown.set_result(None)

        self._tasks.create_task(self._carry_out(wish, person, show_first, tell, shown))
        return await shown

    async def _carry_out(
        self,
        wish: ServerWish,
        person: Person,
        show: Show,
        tell: Callable[[str], Awaitable[None]],
        shown: "asyncio.Future[str | None]",
    ) -> None:
        sentence = BROKEN
        try:
            await self._sign_ins.sign_in(wish, person.id, person.name, show)
            sentence = f"✅ You are signed in to **{inert(wish.name, 40)}**."
            self._signed_in(wish.name, None if is_signed_in_for_all(wish) else person.id)
        except SignInError as error:
            sentence = str(error)
        except Exception:  # boundary: the bot's other work goes on
            logger.exception("signing in to %s failed", wish.name)
        finally:
            is_early = not shown.done()
            if is_early:
                shown.set_result(sentence)
        if not is_early:
            await self._tell(tell, sentence, wish)

    async def _tell(self, tell: Callable[[str], Awaitable[None]], sentence: str, wish: ServerWish) -> None:
        try:
            await tell(sentence)
        except REST_FAILURES as error:
            logger.info("how signing in to %s ended could not be told: %s", wish.name, error)

    async def _direct(self, person: UserId) -> discord.DMChannel:
        user = self._client.get_user(person) or await self._client.fetch_user(person)
        return user.dm_channel or await user.create_dm()

    def _view(self, link: Link, person: Person) -> discord.ui.View:
        return _LinkView(link, person, self._sign_ins.pending)


class _LinkView(discord.ui.View):
    """The link, and the way back for browsers that cannot reach the bot."""

    def __init__(self, link: Link, person: Person, pending: PendingSignIns) -> None:
        super().__init__(timeout=link.seconds)
        self._link = link
        self._person = person
        self._pending = pending
        if len(link.url) <= BUTTONS_LONGEST_URL:
            self.add_item(discord.ui.Button[discord.ui.View](label="Sign in", url=link.url))

    async def interaction_check(self, interaction: Interaction) -> bool:
        return interaction.user.id == self._person.id

    @discord.ui.button(label="My browser shows an error", style=discord.ButtonStyle.secondary)
    async def paste(self, interaction: Interaction, _: "discord.ui.Button[_LinkView]") -> None:
        await interaction.response.send_modal(_Paste(self._link, self._person, self._pending))


class _Paste(discord.ui.Modal):
    """Takes the address at which the browser ended."""

    def __init__(self, link: Link, person: Person, pending: PendingSignIns) -> None:
        super().__init__(title=short(f"Sign in to {link.server}", 45), timeout=link.seconds)
        self._link = link
        self._person = person
        self._pending = pending
        self._address: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(max_length=4000)
        label = discord.ui.Label[discord.ui.Modal](
            text="The address your browser ended at",
            description="All of it, from the address bar; it is good once, and only for you.",
            component=self._address,
        )
        self.add_item(label)

    async def on_submit(self, interaction: Interaction) -> None:
        try:
            self._pending.pasted(self._address.value, self._link.server, self._person.id)
        except WrongReturnError as error:
            await whisper(interaction, str(error))
        else:
            await interaction.response.defer()

    async def on_error(self, interaction: Interaction, error: Exception) -> None:
        logger.error("a pasted sign-in failed", exc_info=error)
        await whisper(interaction, BROKEN)


def _text(link: Link) -> str:
    minutes = max(1, round(link.seconds / 60))
    head = f"To use **{inert(link.server, 40)}** with your account, sign in at **{inert(link.host, 200)}**"
    tail = f"This link is yours alone: do not pass it on. It is good for {minutes} minutes."
    if len(link.url) <= BUTTONS_LONGEST_URL:
        return f"{head}.\n{tail}"
    return f"{head}: <{link.url}>\n{tail}"
