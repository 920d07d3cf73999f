"""Numbers over many contacts: from roll-ups where they hold the answer, else from the rows themselves.

Both are the same arithmetic over the same counters (``domain.rollup``), so an answer is never an
approximation of the other; what would need more rows than the read bound is refused. Every answer is of
visible contacts only: a supervisor's is the sum over the own queues, an agent's over the own contacts.
"""
