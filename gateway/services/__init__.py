"""What operators do with providers, keys, limits, budgets and prices; nothing else writes them.

Running gateways notice every change by polling, within two seconds.
"""

from gateway.services.allowances import (
    allowance_delete,
    budget_save,
    limit_save,
    price_save,
)
from gateway.services.keys import (
    PAUSABLE,
    RESUMABLE,
    RETIRABLE,
    key_add,
    key_pause,
    key_replace,
    key_reseal,
    key_resume,
    key_retire,
    keys_retire_drained,
)
from gateway.services.providers import address_check, provider_create, provider_update

__all__ = [
    "PAUSABLE",
    "RESUMABLE",
    "RETIRABLE",
    "address_check",
    "allowance_delete",
    "budget_save",
    "key_add",
    "key_pause",
    "key_replace",
    "key_reseal",
    "key_resume",
    "key_retire",
    "keys_retire_drained",
    "limit_save",
    "price_save",
    "provider_create",
    "provider_update",
]
