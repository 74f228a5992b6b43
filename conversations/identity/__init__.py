"""Who speaks: a browser, known by a token of ours, or a customer the website vouches for."""
