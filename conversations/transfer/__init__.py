"""Templates as files: read, compared with what is here, and brought in whole or not at all."""
