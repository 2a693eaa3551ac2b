"""What the agent can do: one class per subject, one method per tool; the signature is the schema."""
