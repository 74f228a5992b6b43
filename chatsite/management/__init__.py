"""What the commands of the site are made of."""
