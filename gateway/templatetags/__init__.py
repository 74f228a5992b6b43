"""The admin's cells, for templates."""
