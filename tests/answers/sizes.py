"""Right and typical wrong answers of notebook 02."""

RIGHT = {}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = []
