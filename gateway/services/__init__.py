"""What operators do with providers, keys, limits, budgets and prices; nothing else writes them.

Running gateways notice every change by polling, within two seconds.
"""

from gateway.services.allowances import (
    allowance_delete,
    budget_save,
    limit_save,
    price_save,
)
from gateway.services.calls import calls_purge
from gateway.services.keys import (
    PAUSABLE,
    RESUMABLE,
    RETIRABLE,
    key_add,
    key_adjust,
    key_enter_again,
    key_pause,
    key_reseal,
    key_resume,
    key_retire,
    key_view_note,
)
from gateway.services.providers import (
    address_check,
    provider_create,
    provider_update,
    proxy_reseal,
)
from gateway.services.rotation import key_replace, keys_retire_drained, rotation_call_off
from gateway.services.trials import TESTABLE, key_add_tested, key_rotate, key_test

__all__ = [
    "PAUSABLE",
    "RESUMABLE",
    "RETIRABLE",
    "TESTABLE",
    "address_check",
    "allowance_delete",
    "budget_save",
    "calls_purge",
    "key_add",
    "key_add_tested",
    "key_adjust",
    "key_enter_again",
    "key_pause",
    "key_replace",
    "key_reseal",
    "key_resume",
    "key_retire",
    "key_rotate",
    "key_test",
    "key_view_note",
    "keys_retire_drained",
    "limit_save",
    "price_save",
    "provider_create",
    "provider_update",
    "proxy_reseal",
    "rotation_call_off",
]
