"""How fast the local speech engine is, on this machine."""
