"""What follows a published contact: ordered in its commit, carried out by a worker of its own.

``orders`` decides what is due, ``carry`` does it, ``read`` tells how it stands, ``kinds`` names who does it;
each kind is a module. Nothing here can delay or undo a publication.
"""
