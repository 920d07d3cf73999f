"""Who is the agent, inferred from conversations whose speakers are known."""
