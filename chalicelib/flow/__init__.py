"""The flow as a build system for contacts.

``table`` says which product needs what; ``advance`` brings a contact to the state that its objects
imply; ``speak`` does the speech queue's work; ``deliver_facts`` empties the outbox; ``follow_up`` does
what follows a publication; ``reconcile`` finds what events have missed.
"""

from chalicelib.flow.advance import advance
from chalicelib.flow.facts import deliver_facts
from chalicelib.flow.follow_ups.carry import follow_up
from chalicelib.flow.follow_ups.carry import give_up as give_up_follow_up
from chalicelib.flow.reconcile import reconcile
from chalicelib.flow.speak import give_up, speak

__all__ = [
    "advance",
    "deliver_facts",
    "follow_up",
    "give_up",
    "give_up_follow_up",
    "reconcile",
    "speak",
]
