"""Telling languages of customers' texts."""
