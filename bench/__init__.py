"""Measurements beside our peers; run from a virtual environment that has the ``bench`` group."""
