"""The site: settings, checks, urls, the server, and the commands that start it."""
