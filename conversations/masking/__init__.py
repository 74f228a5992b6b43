"""Personal data kept in: placeholders go to the model in its place, and come back as it was.

Pure: texts in, texts out. What is found stands in ``finds.py``, what it becomes in ``mask.py``,
and how a streamed answer turns back in ``unmasker.py``.
"""
