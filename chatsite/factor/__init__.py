"""The second factor of whoever logs in to the admin: an app's code, or a recovery code.

``codes`` is the arithmetic, ``services`` writes, ``selectors`` reads, ``gate`` says how far a
session has come, ``pages`` and ``login`` are what people see.
"""
