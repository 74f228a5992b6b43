"""What the gateway remembers: providers, keys, prices, limits, calls, processes and jobs.

Imported by ``gateway`` alone; other floors read through ``gateway.selectors``.
"""

from gateway.models.alert import AlertNotice, AlertRecipient, AlertRule, AlertState
from gateway.models.allowance import Budget, Limit
from gateway.models.call import Call
from gateway.models.event import KeyEvent
from gateway.models.figure import Figure
from gateway.models.operation import Job, Process
from gateway.models.provider import ApiKey, Price, Provider

__all__ = [
    "AlertNotice",
    "AlertRecipient",
    "AlertRule",
    "AlertState",
    "ApiKey",
    "Budget",
    "Call",
    "Figure",
    "Job",
    "KeyEvent",
    "Limit",
    "Price",
    "Process",
    "Provider",
]
