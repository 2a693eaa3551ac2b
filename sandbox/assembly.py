"""Puts the sandbox's parts together: state, hub, gateway, services, routes."""

from dataclasses import dataclass
from typing import Self

from sandbox.channels import Channels
from sandbox.faults import FaultSwitches
from sandbox.gateway import Gateway
from sandbox.greeting import Greeting
from sandbox.guilds import Guilds
from sandbox.hub import Hub
from sandbox.interactions import Interactions
from sandbox.limits import RateLimits
from sandbox.messages import Messages
from sandbox.reactions import Reactions
from sandbox.requests import RequestLog
from sandbox.rest.answers import AnswerRoutes
from sandbox.rest.beginnings import BeginningRoutes
from sandbox.rest.calls import Routes
from sandbox.rest.channels import ChannelRoutes
from sandbox.rest.commands import CommandRoutes
from sandbox.rest.guilds import GuildRoutes
from sandbox.rest.messages import MessageRoutes
from sandbox.rest.pipeline import Pipeline
from sandbox.rest.threads import ThreadRoutes
from sandbox.rest.users import UserRoutes
from sandbox.state import State
from sandbox.threads import Threads
from sandbox.views import Views
from sandbox.voice import Voice
from sandbox.web import Pages
from sandbox.wire_messages import MessageWire


@dataclass(frozen=True, slots=True)
class Urls:
    """Where everything is."""

    page: str
    api: str
    gateway: str
    cdn: str

    @classmethod
    def on(cls, host: str, port: int) -> Self:
        base = f"{host}:{port}"
        return cls(f"http://{base}/", f"http://{base}/api/v10", f"ws://{base}/gateway", f"http://{base}/cdn")


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts the outside needs."""

    hub: Hub
    gateway: Gateway
    guilds: Guilds
    interactions: Interactions
    pipeline: Pipeline
    pages: Pages
    faults: FaultSwitches
    log: RequestLog
    limits: RateLimits


def assemble(state: State, urls: Urls, *, notice: str | None, realistic_limits: bool) -> Assembly:
    wire = MessageWire(state=state, cdn_url=urls.cdn)
    hub = Hub(state=state, messages=wire)
    voice = Voice(state=state, hub=hub)
    greeting = Greeting(state=state, hub=hub, gateway_url=urls.gateway)
    gateway = Gateway(state=state, hub=hub, greeting=greeting, voice=voice)
    faults = FaultSwitches(hub=hub, gateway=gateway)
    views = Views(state=state, hub=hub, greeting=greeting)
    messages = Messages(state=state, hub=hub, wire=wire)
    reactions = Reactions(state=state, hub=hub)
    guilds = Guilds(state=state, hub=hub, voice=voice, views=views)
    channels = Channels(state=state, hub=hub, views=views, voice=voice)
    threads = Threads(state=state, hub=hub, messages=messages)
    interactions = Interactions(state=state, hub=hub, messages=messages, wire=wire)
    endpoints = [
        *MessageRoutes(state=state, hub=hub, messages=messages, reactions=reactions, wire=wire).endpoints(),
        *UserRoutes(state=state, hub=hub, gateway_url=urls.gateway).endpoints(),
        *ChannelRoutes(state=state, channels=channels, threads=threads).endpoints(),
        *ThreadRoutes(state=state, threads=threads, wire=wire).endpoints(),
        *GuildRoutes(state=state, guilds=guilds).endpoints(),
        *CommandRoutes(state=state).endpoints(),
        *BeginningRoutes(state=state, interactions=interactions, wire=wire).endpoints(),
        *AnswerRoutes(interactions=interactions, messages=messages, wire=wire).endpoints(),
    ]
    log, limits = RequestLog(), RateLimits(realistic=realistic_limits)
    pipeline = Pipeline(state=state, routes=Routes(endpoints), faults=faults, limits=limits, log=log)
    pages = Pages(state=state, api_url=urls.api, gateway_url=urls.gateway, notice=notice)
    return Assembly(hub, gateway, guilds, interactions, pipeline, pages, faults, log, limits)
