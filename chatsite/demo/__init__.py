"""The sample shop's data."""
