"""What is known: tables, migrations, sessions, queries and plain types."""
