"""What people touch: the command line, files and reports. Thin callers of the core's use cases."""
