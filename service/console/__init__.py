"""The console: pages for managers, startups and experts. Each asks the service's own API, with the reader's key."""
