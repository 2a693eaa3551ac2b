"""The parts of the running bot, made and joined: who knows whom."""

from discord import app_commands

from bot.approving import new_approver
from bot.attachments import AttachmentLoader
from bot.commands.governed import add_governing
from bot.commands.offered import new_tree
from bot.commands.tree import Tree
from bot.commands.why import Why
from bot.contact import Contact
from bot.departures import Departures
from bot.desk import Desk
from bot.gateway import Gateway
from bot.governed import budget_of, office_of, policy_of
from bot.leftovers import Leftovers
from bot.links import Links
from bot.mcp.assembly import OutsideServers
from bot.mcp.commands import new_mcp_command
from bot.mcp.serving import Endpoint, new_endpoint
from bot.mcp.tokens_command import token_group
from bot.models import Models
from bot.people import People
from bot.plugins.hosting import Hosting, Upkeep
from bot.private_hits import private_hits_of
from bot.refusals import Refusals
from bot.ringing import new_alarm
from bot.runs import Runs
from bot.settings.model import Settings
from bot.starting import Stores
from bot.surface import DiscordSurface
from bot.toolbox import Toolbox
from bot.turns import Turns
from bot.verifying import LiveVerifier
from bot.wishes import bounds_of, gatherer_of, history_of, manner_of, reminder_limits_of, walker_of
from chat.clock import Clock
from reminders.alarm import AlarmClock
from reminders.service import Reminders
from reminders.store import ReminderStore
from reminders.values import Reminder
from tools.permission import Permissions


class Parts:
    """Everything that serves, over open stores and a client; nothing of it runs yet."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        client: Gateway,
        *,
        models: Models,
        attachments: AttachmentLoader,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self.stores = stores
        self.client = client
        self.clock = clock
        self.surface = DiscordSurface(client, places=client.places, audience=client.audience)
        self.desk = Desk(client, places=client.places, ledger=stores.ledger)
        self.history = history_of(settings, self.surface)
        limits = reminder_limits_of(settings)
        self.reminders = Reminders(ReminderStore(stores.database), clock, limits=limits, promised=self._promised)
        self.budget = budget_of(settings, stores.governing, client, clock)
        self.permissions = Permissions(surface=self.surface, policy=policy_of(stores.governing, client))
        self.approver = new_approver(client, stores.database, self.surface, policy=settings.tools, clock=clock)
        self.departures = self._new_departures()
        self.walker = walker_of(settings, client, stores.memory, self.departures, clock)
        self.verifier = LiveVerifier(places=client.places, walker=self.walker, intake=stores.memory.intake)
        self.leftovers = self._new_leftovers()
        self.private_hits = private_hits_of(client, stores.memory.recall, self.verifier, self.permissions)
        self.servers = OutsideServers(settings, stores, client, approver=self.approver, model=models, clock=clock)
        permissions = self.permissions
        toolbox = self._new_toolbox(permissions)
        links = self._new_links(permissions)
        self.runs = runs = self._new_runs(permissions, models, attachments, toolbox)
        contact = Contact(reminders=self.reminders, permissions=permissions, places=client.places)
        client.commanded = contact.commanded
        self.turns = self._new_turns(runs, links, contact)
        self.alarm = self._new_alarm(permissions, runs, links)
        self.endpoint = self._new_endpoint(toolbox)
        self.tree = self._new_tree(self._new_mcp(toolbox, runs, links))
        add_governing(self.tree, self._new_why(toolbox), stores.governing.policies, self.budget)

    def _new_departures(self) -> Departures:
        questions = self.approver.store
        stores, reminders = self.stores, self.reminders
        return Departures(
            self.client, memory=stores.memory, reminders=reminders, questions=questions, governing=stores.governing
        )

    def _new_leftovers(self) -> Leftovers:
        return Leftovers(
            self.client,
            places=self.client.places,
            ledger=self.stores.ledger,
            desk=self.desk,
            reminders=self.reminders,
            approver=self.approver,
        )

    def _new_people(self) -> People:
        return People(
            database=self.stores.database,
            memory=self.stores.memory,
            reminders=self.reminders,
            tokens=self.stores.tokens,
            caches=[self.history, self.private_hits, self.servers.people.oauth],
            clock=self.clock,
        )

    def _promised(self, reminder: Reminder) -> None:
        self.alarm.notice(reminder)

    def _new_alarm(self, permissions: Permissions, runs: Runs, links: Links) -> AlarmClock:
        return new_alarm(
            self.client,
            database=self.stores.database,
            surface=self.surface,
            permissions=permissions,
            runs=runs,
            links=links,
            zone=manner_of(self.settings).zone,
            clock=self.clock,
        )

    def _new_runs(
        self, permissions: Permissions, models: Models, attachments: AttachmentLoader, toolbox: Toolbox
    ) -> Runs:
        settings, stores = self.settings, self.stores
        gatherer = gatherer_of(
            settings,
            stores.memory,
            history=self.history,
            permissions=permissions,
            verifier=self.verifier,
            zone_of=self.reminders.zone_of,
            attachments=attachments,
        )
        return Runs(
            places=self.client.places,
            gatherer=gatherer,
            toolbox=toolbox,
            models=models,
            manner=manner_of(settings),
            office=office_of(stores.governing, permissions, self.budget, stores.memory.rules, self.client),
            clock=self.clock,
        )

    def _new_links(self, permissions: Permissions) -> Links:
        return Links(
            kept=self.stores.memory.archive,
            verifier=self.verifier,
            permissions=permissions,
            surface=self.surface,
            places=self.client.places,
        )

    def _new_turns(self, runs: Runs, links: Links, contact: Contact) -> Turns:
        return Turns(
            places=self.client.places,
            runs=runs,
            links=links,
            private_hits=self.private_hits,
            contact=contact,
            ledger=self.stores.ledger,
            desk=self.desk,
            leftovers=self.leftovers,
            manner=manner_of(self.settings),
        )

    def _new_mcp(self, toolbox: Toolbox, runs: Runs, links: Links) -> app_commands.Group:
        return new_mcp_command(
            self.settings,
            self.servers,
            offered=toolbox.outside,
            runs=runs,
            links=links,
            permissions=self.permissions,
            parts=[token_group(self.stores.tokens, self.endpoint.url)],
        )

    def _new_tree(self, mcp: app_commands.Group) -> Tree:
        return new_tree(
            self.client,
            memory=self.stores.memory,
            permissions=self.permissions,
            verifier=self.verifier,
            walker=self.walker,
            people=self._new_people(),
            reminders=self.reminders,
            mcp=mcp,
            zone=manner_of(self.settings).zone,
            clock=self.clock,
        )

    def new_plugins(self, refusals: Refusals, upkeep: Upkeep) -> Hosting:
        return Hosting(
            self.settings,
            self.stores,
            self.client,
            surface=self.surface,
            permissions=self.permissions,
            history=self.history,
            desk=self.desk,
            refusals=refusals,
            upkeep=upkeep,
            clock=self.clock,
        )

    def _new_why(self, toolbox: Toolbox) -> Why:
        return Why(
            recorder=self.stores.governing.recorder,
            memory=self.stores.memory,
            permissions=self.permissions,
            verifier=self.verifier,
            titles={each.spec.name: each.spec.title for each in toolbox.native},
            zone=manner_of(self.settings).zone,
        )

    def _new_endpoint(self, toolbox: Toolbox) -> Endpoint:
        return new_endpoint(
            self.settings,
            self.client,
            toolbox,
            self.stores.tokens,
            reminders=self.reminders,
            routes=[self.servers.people.route],
            clock=self.clock,
        )

    def _new_toolbox(self, permissions: Permissions) -> Toolbox:
        return Toolbox(
            surface=self.surface,
            permissions=permissions,
            memory=self.stores.memory.recall,
            verifier=self.verifier,
            facts=self.stores.memory.facts,
            reminders=self.reminders,
            approver=self.approver,
            searched=self.private_hits.searched,
            outside=self.servers.tools,
            bounds=bounds_of(self.settings),
        )
