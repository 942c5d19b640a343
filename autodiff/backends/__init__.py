"""Number systems."""
