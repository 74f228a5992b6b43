"""The operator's pages: providers, keys, prices, calls."""
