"""The pages of whoever runs the site."""

from chatsite.admin import people

__all__ = ["people"]
