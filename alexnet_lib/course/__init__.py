"""What notebooks need besides: set-up, exercises."""
