"""The operator's pages, one module for each model family, and the cells all tables share."""

from gateway.admin import call, key, operation, price, provider

__all__ = ["call", "key", "operation", "price", "provider"]
