"""The risk of a contact: what is looked at, how it is weighed, and which rule decides."""
