"""What all other folders use: the device, the compiler, atomic writes, checks of numbers."""
