"""Who may read what, worked out from Discord's own events and published rules."""
