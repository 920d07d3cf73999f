"""Loupe: contact-center analytics as a build system for contacts."""

__version__ = "0.1.0"
