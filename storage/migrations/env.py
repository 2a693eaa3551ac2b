"""What Alembic runs to migrate: over the connection, and inside the transaction, that `upgrade` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
