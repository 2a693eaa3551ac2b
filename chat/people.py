"""Who speaks. The id is the person; the name is only how to address them."""

from dataclasses import dataclass

from chat.ids import UserId


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody (or some bot) on Discord, under the name that their server shows."""

    id: UserId
    name: str
    is_bot: bool = False
