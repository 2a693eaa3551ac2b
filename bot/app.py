"""The composition root: puts the parts together, serves until it is stopped, and takes them down in order."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import aiohttp

from agent.model import Model
from bot.approvals import DiscordApprover
from bot.catch_up import CatchUp
from bot.commands.governed import add_governing
from bot.commands.offered import new_tree
from bot.commands.tree import Tree
from bot.commands.why import Why
from bot.contact import Contact
from bot.departures import Departures
from bot.desk import Desk
from bot.gateway import Gateway
from bot.governed import budget_of, office_of, policy_of
from bot.inbox import Inbox
from bot.leftovers import Leftovers
from bot.links import Links
from bot.models import open_model
from bot.people import People
from bot.private_hits import private_hits_of
from bot.reception import Reception
from bot.retention import Retention
from bot.ringing import new_alarm
from bot.runs import Runs
from bot.settings.model import Settings
from bot.starting import StartError, Stores, connect, new_client, open_stores
from bot.stopping import finish_up, unless_stopped
from bot.surface import DiscordSurface
from bot.toolbox import Toolbox
from bot.tracing.following import Following
from bot.turns import Turns
from bot.verbs import Verbs
from bot.verifying import LiveVerifier
from bot.walker import Walker
from bot.wishes import gatherer_of, history_of, manner_of, reminder_limits_of
from chat.clock import Clock, utc_now
from reminders.alarm import AlarmClock
from reminders.service import Reminders
from reminders.store import ReminderStore
from reminders.values import Reminder
from tools.permission import Permissions

Ready = Callable[[], None]


async def run_bot(
    settings: Settings,
    stop: asyncio.Event,
    *,
    clock: Clock = utc_now,
    ready: Ready | None = None,
    caught_up: Ready | None = None,
) -> None:
    """Run until `stop` is set. `ready` is called when the gateway is, `caught_up` when all that was missed is archived.

    Raises `StartError` and `storage.errors.StorageError` when it cannot start or go on.
    """
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings, clock))
        model = await stack.enter_async_context(open_model(settings))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        client = await unless_stopped(stop, new_client(settings))
        if client is None:
            return
        await stack.enter_async_context(client)
        await Bot(settings, stores, client, model=model, http=http, clock=clock).serve(stop, ready, caught_up)


class Bot:
    """The running bot over its open stores and its client."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        client: Gateway,
        *,
        model: Model,
        http: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._client = client
        self._clock = clock
        self._surface = DiscordSurface(client, places=client.places, audience=client.audience)
        self._desk = Desk(client, places=client.places, ledger=stores.ledger)
        self._history = history_of(settings, self._surface)
        limits = reminder_limits_of(settings)
        self._reminders = Reminders(ReminderStore(stores.database), clock, limits=limits, promised=self._promised)
        self._departures = Departures(
            client, memory=stores.memory, reminders=self._reminders, governing=stores.governing
        )
        self._budget = budget_of(settings, stores.governing, client, clock)
        self._permissions = Permissions(surface=self._surface, policy=policy_of(stores.governing, client))
        self._office = office_of(stores.governing, self._permissions, self._budget, stores.memory.rules, client)
        self._walker = self._new_walker()
        self._verifier = LiveVerifier(places=client.places, walker=self._walker, intake=stores.memory.intake)
        self._leftovers = Leftovers(
            client, places=client.places, ledger=stores.ledger, desk=self._desk, reminders=self._reminders
        )
        self._private_hits = private_hits_of(client, stores.memory.recall, self._verifier, self._permissions)
        links, runs = self._new_links(self._permissions), self._new_runs(self._permissions, model, http)
        contact = Contact(reminders=self._reminders, permissions=self._permissions, places=client.places)
        client.commanded = contact.commanded
        self._turns = self._new_turns(runs, links, contact)
        self._alarm = self._new_alarm(self._permissions, runs, links)
        self._tree = self._new_tree(runs)
        self._failure: StartError | None = None

    async def serve(self, stop: asyncio.Event, ready: Ready | None = None, caught_up: Ready | None = None) -> None:
        """Connect and answer until `stop`; then running answers get their grace, and what is dropped is named."""
        async with asyncio.TaskGroup() as tasks:
            inbox = Inbox(
                tasks,
                answer=self._turns.answer,
                withdraw=self._turns.withdraw,
                queue_length=self._settings.limits.queue_length,
            )
            reception = self._new_reception(tasks, inbox)
            self._client.listener = reception
            connection = tasks.create_task(self._connect())
            services = [tasks.create_task(self._serve_once_ready(reception, ready, caught_up)), connection]
            stopping = tasks.create_task(stop.wait())
            await asyncio.wait([connection, stopping], return_when=asyncio.FIRST_COMPLETED)
            await finish_up(inbox, self._settings.limits.shutdown_seconds)
            for task in (*services, stopping):
                task.cancel()
        if self._failure is not None:
            raise self._failure

    async def _connect(self) -> None:
        self._failure = await connect(self._client, self._settings)

    async def _serve_once_ready(self, reception: Reception, ready: Ready | None, caught_up: Ready | None) -> None:
        await reception.first_ready.wait()
        if ready:
            ready()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tree.tell_discord())
            tasks.create_task(Retention(memory=self._stores.memory, client=self._client, clock=self._clock).run())
            tasks.create_task(self._alarm.run())
            tasks.create_task(self._stores.governing.recorder.run())
            tasks.create_task(self._new_catch_up(reception).run(caught_up))

    def _new_people(self) -> People:
        return People(
            database=self._stores.database,
            memory=self._stores.memory,
            reminders=self._reminders,
            caches=[self._history, self._private_hits],
            clock=self._clock,
        )

    def _new_walker(self) -> Walker:
        wanted = self._settings.memory
        return Walker(
            self._client,
            self._client.places,
            memory=self._stores.memory,
            departures=self._departures,
            most=wanted.backfill_messages,
            clock=self._clock,
            slow_seconds=wanted.backfill_seconds,
        )

    def _promised(self, reminder: Reminder) -> None:
        self._alarm.notice(reminder)

    def _new_alarm(self, permissions: Permissions, runs: Runs, links: Links) -> AlarmClock:
        return new_alarm(
            self._client,
            database=self._stores.database,
            surface=self._surface,
            permissions=permissions,
            runs=runs,
            links=links,
            zone=manner_of(self._settings).zone,
            clock=self._clock,
        )

    def _new_runs(self, permissions: Permissions, model: Model, http: aiohttp.ClientSession) -> Runs:
        settings, stores = self._settings, self._stores
        gatherer = gatherer_of(
            settings,
            stores.memory,
            history=self._history,
            permissions=permissions,
            verifier=self._verifier,
            zone_of=self._reminders.zone_of,
            http=http,
        )
        return Runs(
            places=self._client.places,
            gatherer=gatherer,
            toolbox=self._new_toolbox(permissions),
            model=model,
            manner=manner_of(settings),
            office=self._office,
            clock=self._clock,
        )

    def _new_links(self, permissions: Permissions) -> Links:
        return Links(
            kept=self._stores.memory.archive,
            verifier=self._verifier,
            permissions=permissions,
            surface=self._surface,
            places=self._client.places,
        )

    def _new_turns(self, runs: Runs, links: Links, contact: Contact) -> Turns:
        return Turns(
            places=self._client.places,
            runs=runs,
            links=links,
            private_hits=self._private_hits,
            contact=contact,
            ledger=self._stores.ledger,
            desk=self._desk,
            leftovers=self._leftovers,
            manner=manner_of(self._settings),
        )

    def _new_tree(self, runs: Runs) -> Tree:
        tree = new_tree(
            self._client,
            memory=self._stores.memory,
            permissions=self._permissions,
            verifier=self._verifier,
            walker=self._walker,
            people=self._new_people(),
            reminders=self._reminders,
            zone=manner_of(self._settings).zone,
            clock=self._clock,
        )
        stores, zone = self._stores, manner_of(self._settings).zone
        why = Why(
            recorder=stores.governing.recorder,
            memory=stores.memory,
            permissions=self._permissions,
            verifier=self._verifier,
            titles=runs.titles,
            zone=zone,
        )
        add_governing(tree, why, stores.governing.policies, self._budget)
        return tree

    def _new_toolbox(self, permissions: Permissions) -> Toolbox:
        return Toolbox(
            surface=self._surface,
            permissions=permissions,
            memory=self._stores.memory.recall,
            verifier=self._verifier,
            facts=self._stores.memory.facts,
            reminders=self._reminders,
            approver=DiscordApprover(self._client.places),
            searched=self._private_hits.searched,
            seconds=self._settings.limits.tool_seconds,
            policy=self._settings.tools,
        )

    def _new_reception(self, tasks: asyncio.TaskGroup, inbox: Inbox) -> Reception:
        enabled = self._settings.discord.reaction_verbs
        return Reception(
            self._client,
            tasks,
            archive=Following(self._stores.memory.intake, self._stores.governing.recorder),
            walker=self._walker,
            departures=self._departures,
            history=self._history,
            ledger=self._stores.ledger,
            inbox=inbox,
            desk=self._desk,
            verbs=Verbs(self._client, ledger=self._stores.ledger, turns=self._turns, inbox=inbox, enabled=enabled),
        )

    def _new_catch_up(self, reception: Reception) -> CatchUp:
        return CatchUp(
            self._client,
            self._client.places,
            reception=reception,
            ledger=self._stores.ledger,
            walker=self._walker,
            apologise=self._leftovers.apologise,
            clock=self._clock,
            window=timedelta(seconds=self._settings.discord.catch_up_seconds),
        )
