"""The pages of whoever runs the site."""

from chatsite.admin import factor, logins, people

__all__ = ["factor", "logins", "people"]
