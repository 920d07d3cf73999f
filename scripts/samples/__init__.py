"""The synthetic samples: scripts (data), and the generator that turns them into Connect's own files.

``python -m scripts.samples`` writes ``samples/``. Chats and contact records come out the same on every
machine; recordings do on one with the same flite and numpy, whose versions the manifest names.
"""
