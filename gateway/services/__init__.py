"""What operators do with providers and keys; nothing else writes them.

Running gateways notice every change by polling, within two seconds.
"""

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
    "key_add",
    "key_pause",
    "key_replace",
    "key_reseal",
    "key_resume",
    "key_retire",
    "keys_retire_drained",
    "provider_create",
    "provider_update",
]
