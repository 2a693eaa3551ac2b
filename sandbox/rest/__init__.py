"""The REST side: one module of routes per subject, and the way every request takes."""
