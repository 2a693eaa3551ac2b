"""What happens on Discord, told to memory and to the traces alike."""

from collections.abc import Sequence

from bot.tracing.recorder import Recorder
from chat.ids import ChannelId, GuildId, MessageId
from chat.messages import Message
from memory.intake import Intake


class Following:
    """`bot.reception.Archive` over both."""

    def __init__(self, intake: Intake, recorder: Recorder) -> None:
        self._intake = intake
        self._recorder = recorder

    def saw(self, message: Message, *, parent: ChannelId | None = None, category: ChannelId | None = None) -> None:
        self._intake.saw(message, parent=parent, category=category)
        if message.edited_at is not None and not message.author.is_bot:
            self._recorder.edited(message.id)

    def gone(self, message_ids: Sequence[MessageId]) -> None:
        self._intake.gone(message_ids)
        self._recorder.gone(message_ids)

    def channel_gone(self, channel_id: ChannelId) -> None:
        self._intake.channel_gone(channel_id)
        self._recorder.channel_gone(channel_id)

    def guild_back(self, guild_id: GuildId) -> None:
        self._intake.guild_back(guild_id)
