"""All settings, as one frozen value. A new section is one class and one line here."""

from pydantic import Field

from bot.settings.base import Section
from bot.settings.limits import Limits, Traces
from bot.settings.mcp import Mcp
from bot.settings.plugins import Plugins, Puppet, Rebuild
from bot.settings.running import Discord, Logging, Memory, Reminders
from bot.settings.storage import Storage
from bot.settings.talking import General, History, LlmGeneral, LlmPermissionDenied, LlmReply, Speech
from bot.settings.tools import Tools


class Settings(Section):
    """The file. Every section may be left out."""

    general: General = Field(default_factory=General)
    history: History = Field(default_factory=History)
    llm_general: LlmGeneral = Field(default_factory=LlmGeneral)
    llm_reply: LlmReply = Field(default_factory=LlmReply)
    llm_permission_denied: LlmPermissionDenied = Field(default_factory=LlmPermissionDenied)
    speech: Speech = Field(default_factory=Speech)
    discord: Discord = Field(default_factory=Discord)
    memory: Memory = Field(default_factory=Memory)
    tools: Tools = Field(default_factory=Tools)
    mcp: Mcp = Field(default_factory=Mcp)
    limits: Limits = Field(default_factory=Limits)
    traces: Traces = Field(default_factory=Traces)
    reminders: Reminders = Field(default_factory=Reminders)
    plugins: Plugins = Field(default_factory=Plugins)
    puppet: Puppet = Field(default_factory=Puppet)
    rebuild: Rebuild = Field(default_factory=Rebuild)
    storage: Storage = Field(default_factory=Storage)
    logging: Logging = Field(default_factory=Logging)

    @property
    def reply_vision(self) -> bool:
        """Whether the model that answers takes images."""
        own = self.llm_reply.vision
        return self.llm_general.vision if own is None else own
