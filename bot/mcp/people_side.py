"""Everything about outside servers that needs a person or an identity, put together."""

from dataclasses import dataclass

from starlette.routing import Route

from agent.model import Model
from bot.mcp.allowance import Allowance
from bot.mcp.elicitation import DiscordElicitor
from bot.mcp.sampling import ModelSampler
from bot.places import Places
from chat.clock import Clock
from mcp_servers.outside.callback import CALLBACK_PATH, callback_route
from mcp_servers.outside.http_guard import GuardedClients, guarded_client
from mcp_servers.outside.oauth import OAuth
from mcp_servers.outside.sign_ins import SignIns
from mcp_servers.outside.vault import Vault
from storage.database import Database
from tools.approval import Approver

TOKENS_AN_HOUR = 50_000
"""What outside servers may use of the model in one person's name."""


@dataclass(frozen=True, slots=True)
class PeopleSide:
    """`http`, `elicitor` and `sampler` are for the connections; `route` for an HTTP server that browsers reach."""

    http: GuardedClients
    elicitor: DiscordElicitor
    sampler: ModelSampler
    oauth: OAuth
    """Also a `bot.people.Cache`: it forgets people from memory."""
    sign_ins: SignIns
    route: Route


def people_side(
    *,
    database: Database,
    key: bytes,
    base_url: str,
    places: Places,
    approver: Approver,
    model: Model,
    answer_tokens: int,
    vision: bool,
    clock: Clock,
) -> PeopleSide:
    """`key`: of `storage.secret_key`. `base_url`: how browsers reach the HTTP server that `route` is on."""
    vault = Vault(database, key, clock)
    oauth = OAuth(vault=vault, open_client=guarded_client)
    callback_url = f"{base_url.rstrip('/')}{CALLBACK_PATH}"
    sign_ins = SignIns(oauth=oauth, vault=vault, open_client=guarded_client, callback_url=callback_url)
    sampler = ModelSampler(
        model=model,
        approver=approver,
        allowance=Allowance(tokens=TOKENS_AN_HOUR, clock=clock),
        answer_tokens=answer_tokens,
        vision=vision,
    )
    return PeopleSide(
        http=GuardedClients(credentials=oauth),
        elicitor=DiscordElicitor(places),
        sampler=sampler,
        oauth=oauth,
        sign_ins=sign_ins,
        route=callback_route(sign_ins.pending),
    )
