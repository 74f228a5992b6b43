"""What makes conversations findable: words, the index of them, and signs of trouble."""
