"""Tables and queries. SQLAlchemy Core, so that one text serves SQLite and PostgreSQL."""
