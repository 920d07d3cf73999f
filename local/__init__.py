"""The one-machine world: command line, server, inbox, workers. Never deployed."""
