"""What a reminder's owner is told when something cannot be done."""


class ReminderError(Exception):
    """Why a reminder cannot be made or changed: one plain sentence for the person who asked."""
