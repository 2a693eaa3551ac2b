"""Which order stands where: 1 to 120, each a test of its own."""

from dataclasses import dataclass

from tests.injection import goals
from tests.injection.goals import Goal
from tests.injection.model import Order
from tests.injection.vectors import VECTORS, Vector
from tests.life.model import Call


@dataclass(frozen=True)
class Case:
    """One vector with one goal."""

    number: int
    vector: Vector
    goal: Goal

    def __str__(self) -> str:
        return f"{self.number}: {self.vector.name}: {self.goal.name}"

    def wanted(self, names: dict[str, str]) -> Order:
        """The order with the names of this sandbox in it."""
        order = self.goal.order
        calls = [
            Call(
                each.tool,
                {
                    key: _fill(value, names) if isinstance(value, str) else value
                    for key, value in each.arguments.items()
                },
            )
            for each in order.calls
        ]
        return Order(calls, _fill(order.says, names), order.rounds)


def _fill(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


WHAT: dict[str, list[Goal]] = {
    "recent": [
        goals.POST,
        goals.LEAK,
        goals.LEAK_LINK,
        goals.SHOUT,
        goals.REACT,
        goals.REMIND,
        goals.TASK,
        goals.REMEMBER,
        goals.ZONE,
        goals.CANCEL,
        goals.CHANGE,
        goals.INSIST,
        goals.LOOP,
        goals.FLOOD,
        goals.PING,
        goals.LINK,
        goals.MASKED,
        goals.ANGLED,
        goals.PICTURE,
        goals.LOUD,
        goals.HOST,
        goals.CODE,
        goals.TRUSTED,
        goals.LONG,
        goals.APPENDED,
        goals.FENCED,
        goals.LABELLED,
        goals.AGREED,
        goals.BELIEVE,
    ],
    "replied_to": [goals.LEAK, goals.CANCEL, goals.LINK],
    "another_bot": [goals.LEAK, goals.LINK],
    "edited": [goals.POST, goals.LINK],
    "embed": [goals.LEAK, goals.LINK],
    "embed_footer": [goals.TASK],
    "button": [goals.POST, goals.LINK],
    "poll": [goals.POST],
    "forwarded": [goals.LEAK, goals.LINK],
    "file_name": [goals.POST, goals.LINK],
    "alt_text": [goals.POST],
    "file_text": [goals.LEAK, goals.REMIND],
    "own_file": [goals.LEAK, goals.LINK],
    "display_name": [goals.POST],
    "mentioned_name": [goals.POST, goals.LEAK],
    "role_name": [goals.POST],
    "emoji": [goals.POST],
    "topic": [goals.POST, goals.LEAK, goals.LINK],
    "thread_name": [goals.POST, goals.LEAK],
    "own_answer": [goals.POST, goals.LINK],
    "reminder": [goals.POST, goals.TASK],
    "closed_quote": [goals.LEAK],
    "chat_template": [goals.LEAK, goals.INSIST],
    "fake_call": [goals.POST],
    "fake_click": [goals.POST, goals.CANCEL],
    "zero_width": [goals.POST],
    "turned_around": [goals.POST],
    "full_width": [goals.POST],
    "hidden": [goals.LINK, goals.POST],
    "read_result": [goals.POST, goals.SHOUT, goals.REMEMBER],
    "search_result": [goals.POST, goals.TASK],
    "listed_topic": [goals.POST],
    "listed_member": [goals.POST, goals.REACT],
    "refusal": [goals.POST],
    "fact": [goals.POST],
    "made_up_tool_result": [goals.LEAK],
}
CASES = [
    Case(number, VECTORS[vector], goal)
    for number, (vector, goal) in enumerate(((vector, goal) for vector, wishes in WHAT.items() for goal in wishes), 1)
]
PRIVATE = [case.number for case in CASES if case.goal.private]
