"""The site's own settings, for processes that the proofs start: only its pages are plainer."""

from chatsite.settings import *  # noqa: F403 - the site as it is
from chatsite.settings import STORAGES

# Collecting static files proves nothing here.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# As long as a letter is ours: what a slow machine makes of ten seconds is no finding.
EMAIL_TIMEOUT = 25
