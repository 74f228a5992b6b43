"""A first ``.env``: what is needed is asked for, tried for real, and written down."""
