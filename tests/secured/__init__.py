"""Kafka and PostgreSQL as managed ones are: encrypted, with logins and rights, started by these tests."""
