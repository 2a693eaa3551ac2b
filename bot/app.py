"""The composition root: opens what the parts stand on, serves until it is stopped, and takes all down in order."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

from bot.answering import AnsweringApplier
from bot.catch_up import CatchUp
from bot.hearing import open_attachments
from bot.inbox import Inbox
from bot.models import open_models
from bot.parts import Parts
from bot.plugins.hosting import Hosting, Upkeep
from bot.plugins.opening import Opened
from bot.rebuild.program import Program
from bot.rebuild.rebuilder import open_rebuilder
from bot.reception import Reception
from bot.refusals import open_refusals
from bot.reloading import Reloader, Source
from bot.retention import Retention
from bot.settings.model import Settings
from bot.starting import StartError, connect, new_client, open_stores
from bot.stopping import finish_up, unless_stopped
from bot.tracing.following import Following
from bot.verbs import Verbs
from chat.clock import Clock, utc_now

Ready = Callable[[], None]
Service = Callable[[], Coroutine[None, None, None]]
"""Runs until it is cancelled."""


async def run_bot(
    settings: Settings,
    stop: asyncio.Event,
    *,
    clock: Clock = utc_now,
    ready: Ready | None = None,
    caught_up: Ready | None = None,
    source: Source | None = None,
    program: Program | None = None,
) -> None:
    """Run until `stop` is set. `ready` is called when the gateway is, `caught_up` when all that was missed is archived.
    `source`: where the settings are from, to follow it while running. `program`: what goes on as a newer version.

    Raises `StartError` and `storage.errors.StorageError` when it cannot start or go on.
    """
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings, clock))
        models = await stack.enter_async_context(open_models(settings))
        refusals = await stack.enter_async_context(open_refusals(settings, clock))
        attachments = await stack.enter_async_context(open_attachments(settings))
        client = await unless_stopped(stop, new_client(settings))
        if client is None:
            return
        await stack.enter_async_context(client)
        parts = Parts(settings, stores, client, models=models, attachments=attachments, clock=clock)
        appliers = [parts.servers, AnsweringApplier(parts.runs, models, refusals)]
        reloader = Reloader(source, settings, appliers) if source else None
        rebuilder = await open_rebuilder(settings, program, source.path if source else None)
        hosting = parts.new_plugins(refusals, Upkeep(reloader, rebuilder))
        services = [each.run for each in (reloader, rebuilder) if each]
        await Bot(parts, hosting, services=services).serve(stop, ready, caught_up)


class Bot:
    """The running bot."""

    def __init__(self, parts: Parts, plugins: Hosting, *, services: Sequence[Service] = ()) -> None:
        self._parts = parts
        self._plugins = plugins
        self._services = services
        self._failure: StartError | None = None

    async def serve(self, stop: asyncio.Event, ready: Ready | None = None, caught_up: Ready | None = None) -> None:
        """Connect and answer until `stop`; then running answers get their grace, and what is dropped is named."""
        async with self._parts.endpoint, asyncio.TaskGroup() as tasks:
            inbox = Inbox(
                tasks,
                answer=self._parts.turns.answer,
                withdraw=self._parts.turns.withdraw,
                queue_length=self._parts.settings.limits.queue_length,
            )
            async with self._plugins.open(tasks, inbox, self._parts.tree) as plugins:
                reception = self._new_reception(tasks, inbox, plugins)
                self._parts.client.listener = reception
                connection = tasks.create_task(self._connect())
                services = [tasks.create_task(self._serve_once_ready(reception, plugins, ready, caught_up)), connection]
                services += [tasks.create_task(serve()) for serve in (self._parts.servers.serve, *self._services)]
                stopping = tasks.create_task(stop.wait())
                await asyncio.wait([connection, stopping], return_when=asyncio.FIRST_COMPLETED)
                await finish_up(inbox, self._parts.settings.limits.shutdown_seconds)
                for task in (*services, stopping):
                    task.cancel()
        if self._failure is not None:
            raise self._failure

    async def _connect(self) -> None:
        self._failure = await connect(self._parts.client, self._parts.settings)

    async def _serve_once_ready(
        self, reception: Reception, plugins: Opened, ready: Ready | None, caught_up: Ready | None
    ) -> None:
        await reception.first_ready.wait()
        if ready:
            ready()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._parts.tree.tell_discord())
            tasks.create_task(
                Retention(memory=self._parts.stores.memory, client=self._parts.client, clock=self._parts.clock).run()
            )
            tasks.create_task(self._parts.alarm.run())
            tasks.create_task(self._parts.stores.governing.recorder.run())
            tasks.create_task(self._parts.approver.run())
            tasks.create_task(plugins.run())
            tasks.create_task(self._new_catch_up(reception).run(caught_up))

    def _new_reception(self, tasks: asyncio.TaskGroup, inbox: Inbox, plugins: Opened) -> Reception:
        return Reception(
            self._parts.client,
            tasks,
            archive=Following(self._parts.stores.memory.intake, self._parts.stores.governing.recorder),
            walker=self._parts.walker,
            departures=self._parts.departures,
            plugins=plugins,
            ledger=self._parts.stores.ledger,
            inbox=inbox,
            verbs=self._new_verbs(inbox),
        )

    def _new_verbs(self, inbox: Inbox) -> Verbs:
        parts = self._parts
        enabled = parts.settings.discord.reaction_verbs
        return Verbs(parts.client, ledger=parts.stores.ledger, turns=parts.turns, inbox=inbox, enabled=enabled)

    def _new_catch_up(self, reception: Reception) -> CatchUp:
        return CatchUp(
            self._parts.client,
            self._parts.client.places,
            reception=reception,
            ledger=self._parts.stores.ledger,
            walker=self._parts.walker,
            apologise=self._parts.leftovers.apologise,
            clock=self._parts.clock,
            window=timedelta(seconds=self._parts.settings.discord.catch_up_seconds),
        )
