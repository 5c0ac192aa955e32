"""The HTTP API: `create_app` in `app`, one module a subject."""
