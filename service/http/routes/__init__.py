"""The routes, thin callers of the same use cases as the command line."""
