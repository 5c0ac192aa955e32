"""The pure core of the matchmaking engine.

profiles → passages → vectors → candidates → scored pairs → assignment → explained matches

`matcher.pipeline.match` is the whole path on one screen. Nothing here reads a file, a clock or the environment.
"""
