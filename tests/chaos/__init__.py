"""Proofs that a chat loses nothing: real processes, real sockets, and faults put in between.

``CHAOS_SEED`` repeats a run, ``CHAOS_LONG=1`` (``make chaos``) makes it long. The scaled-out
scenarios need ``TEST_DATABASE_URL`` and ``TEST_REDIS_URL``.
"""
