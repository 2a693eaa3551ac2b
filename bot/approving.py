"""Questions before an act, put together: what asks, what is kept, what hears the buttons."""

from bot.approval_buttons import Deciding, approval_button
from bot.approval_store import QuestionStore
from bot.approvals import DiscordApprover
from bot.gateway import Gateway
from bot.outside_journal import OutsideJournal
from bot.settings.tools import Tools
from chat.clock import Clock
from storage.database import Database
from tools.surface import Surface


def new_approver(
    client: Gateway, database: Database, surface: Surface, *, policy: Tools, clock: Clock
) -> DiscordApprover:
    store = QuestionStore(database)
    approver = DiscordApprover(client.places, store=store, journal=OutsideJournal(database, clock), clock=clock)
    deciding = Deciding(
        store=store,
        surface=surface,
        decided=approver.decided,
        managers_may=policy.approvers == "asker_or_managers",
        clock=clock,
    )
    client.add_dynamic_items(approval_button(deciding))
    return approver
