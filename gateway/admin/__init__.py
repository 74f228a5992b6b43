"""The operator's pages, one module for each model family, and the cells all tables share."""

from gateway.admin import allowance, call, key, operation, price, provider

__all__ = ["allowance", "call", "key", "operation", "price", "provider"]
