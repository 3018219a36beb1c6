"""The networks, and the arithmetic of their sizes."""
