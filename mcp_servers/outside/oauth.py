"""Whose account a connection uses, from what people signed in with: `signing.Credentials`."""

from collections.abc import Callable

import httpx2

from chat.ids import UserId
from mcp_servers.outside.accounts import Account, Open, Signed, Unsigned
from mcp_servers.outside.vault import BOT, Vault
from mcp_servers.outside.wishes import Address, AuthKind, ServerWish


class OAuth:
    """One account for each server, address and person, shared by all that use it."""

    def __init__(self, *, vault: Vault, open_client: Open) -> None:
        self._vault = vault
        self._open = open_client
        self._accounts: dict[tuple[str, str, UserId], Account] = {}

    def auth(self, wish: ServerWish, person: UserId | None) -> httpx2.Auth | None:
        if not isinstance(wish.at, Address):
            return None
        match wish.at.auth:
            case AuthKind.NONE:
                return None
            case AuthKind.BOT | AuthKind.CLIENT:
                return Signed(self.account(wish, wish.at, BOT))
            case AuthKind.USER:
                if person is None:
                    return Unsigned(f"{wish.name} is used with each person's own account")
                return Signed(self.account(wish, wish.at, person))

    def account(self, wish: ServerWish, at: Address, person: UserId) -> Account:
        """`person`: the bot's own for what all share. A changed wish has a changed account."""
        key = wish.name, at.url, person
        account = self._accounts.get(key)
        if account is None or account.at != at:
            account = Account(wish, at, person, vault=self._vault, open_client=self._open)
            self._accounts[key] = account
        return account

    async def servers_of(self, person: UserId) -> list[str]:
        """Where this person has signed in."""
        return await self._vault.servers_of(person)

    async def sign_out(self, server: str, person: UserId) -> bool:
        """Forget the tokens; whether there were any."""
        self._leave(lambda key: key[0] == server and key[2] == person)
        return await self._vault.remove(server, person)

    def forget_author(self, person: UserId) -> None:
        """From memory: connections that are open cannot use that person's account any more."""
        self._leave(lambda key: key[2] == person)

    def _leave(self, is_meant: Callable[[tuple[str, str, UserId]], bool]) -> None:
        for key in [key for key in self._accounts if is_meant(key)]:
            self._accounts.pop(key).leave()
