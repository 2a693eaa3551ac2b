"""The one database: its engine, its lock, its migrations. The rooms above define their own tables and queries."""
