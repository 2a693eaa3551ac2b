"""The Discord side, and the one place where everything is put together."""
