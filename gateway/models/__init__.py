"""What the gateway remembers: providers, keys, prices, calls, processes and jobs.

Imported by ``gateway`` alone; other floors read through ``gateway.selectors``.
"""

from gateway.models.call import Call
from gateway.models.event import KeyEvent
from gateway.models.operation import Job, Process
from gateway.models.provider import ApiKey, Price, Provider

__all__ = ["ApiKey", "Call", "Job", "KeyEvent", "Price", "Process", "Provider"]
