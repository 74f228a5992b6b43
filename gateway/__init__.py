"""The gateway: retried, rate-limited calls to model providers, with keys that rotate."""
