"""Fraud in a file of events."""
