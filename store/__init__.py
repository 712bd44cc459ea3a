"""Tables and queries. SQLAlchemy Core lets one query serve SQLite and PostgreSQL."""
