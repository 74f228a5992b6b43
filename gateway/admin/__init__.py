"""The operator's pages, one module for each model family, and the cells all tables share."""

from gateway.admin import alert, alert_recipient, allowance, call, key, operation, price, provider

__all__ = ["alert", "alert_recipient", "allowance", "call", "key", "operation", "price", "provider"]
