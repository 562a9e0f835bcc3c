"""Darkroom: a terminal studio for image-generation APIs."""

__version__ = "0.1.0"
