"""Acoustics of a long call against webrtcvad, in one run on one machine."""
