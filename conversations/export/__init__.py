"""Conversations taken out of the house: as a table, as lines for programs, as a page to print."""
