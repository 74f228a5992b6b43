"""The monitoring page: how the gateway does right now, and how it did."""
