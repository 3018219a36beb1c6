"""What notebooks need besides: set-up, exercises, processes, grading."""
