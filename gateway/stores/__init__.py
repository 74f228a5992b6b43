"""The engine's protocols over the ORM: what it wants kept, kept."""
