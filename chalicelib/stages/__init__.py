"""One file a stage: what it makes from what, and nothing about where things are kept."""
