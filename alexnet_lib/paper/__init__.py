"""The paper, and what became of its claims."""
