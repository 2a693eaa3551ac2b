"""No name of a native tool can be taken for one of an outside server, nor the other way round."""

import pytest

from bot.settings.servers import server_name
from bot.toolbox import is_outside
from mcp_servers.outside.naming import Route, names_of
from tools.channels import ChannelTools
from tools.facts import FactTools
from tools.finding import FindTools
from tools.members import MemberTools
from tools.messages import MessageTools
from tools.native import DeclaredTool
from tools.recall import RecallTools
from tools.reminders import ReminderTools
from tools.tasks import TaskTools

NATIVE = [ChannelTools, FactTools, FindTools, MemberTools, MessageTools, RecallTools, ReminderTools, TaskTools]


@pytest.mark.parametrize("owner", NATIVE)
def test_native_names_have_no_two_underscores(owner: type) -> None:
    names = [name for base in owner.__mro__ for name, member in vars(base).items() if isinstance(member, DeclaredTool)]

    assert names
    assert not any(map(is_outside, names))


@pytest.mark.parametrize("tool", ["post_message", "", "a/b.c", "ä", "_", "x" * 200])
@pytest.mark.parametrize("server", ["a", "my-server", "0_", "b" * 32])
def test_outside_names_always_have_them(server: str, tool: str) -> None:
    assert all(map(is_outside, names_of([Route(server_name(server), tool)]).values()))
