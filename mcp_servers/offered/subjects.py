"""The subjects that our tools are served under, for clients that want fewer of them."""

from collections.abc import Mapping
from enum import StrEnum

from tools.channels import ChannelTools
from tools.facts import FactTools
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import NativeTool
from tools.recall import RecallTools
from tools.reminders import ReminderTools
from tools.tasks import TaskTools


class Subject(StrEnum):
    """`/mcp/memory` and so on; at `/mcp` there is everything."""

    MEMORY = "memory"
    DISCORD = "discord"
    REMINDERS = "reminders"


OWNERS: Mapping[type, Subject] = {
    RecallTools: Subject.MEMORY,
    FactTools: Subject.MEMORY,
    ChannelTools: Subject.DISCORD,
    MemberTools: Subject.DISCORD,
    MessageTools: Subject.DISCORD,
    ReminderTools: Subject.REMINDERS,
    TaskTools: Subject.REMINDERS,
}


def subject_of(tool: NativeTool) -> Subject | None:
    """None for a tool that is only served with all the others."""
    return OWNERS.get(tool.owner)
