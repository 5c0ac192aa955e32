"""What is learned or measured: encoders, their weights, the vector cache and the calibration."""
