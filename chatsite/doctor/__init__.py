"""Looks for what is wrong with a site, and says it in plain words: ``manage.py doctor``.

One check is one small function. What it measures it hands to a pure verdict beside it; what is
measured outside of the database has a module of its own (``outside``).
"""

from chatsite.doctor.examination import CHECKS, Check, examine
from chatsite.doctor.finding import Finding, Grade

__all__ = ["CHECKS", "Check", "Finding", "Grade", "examine"]
