"""What runs cost today, and what a person and a server may spend."""
