"""The words every room shares: ids, people, channels, messages, rights, time. Values only, no I/O."""
