"""Entities in typed turns."""
