"""What all other folders stand on: the device, whole files, checked numbers."""
