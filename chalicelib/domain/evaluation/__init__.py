"""Evaluations of contacts: forms, answers, scores."""
