"""Categories by rules."""
