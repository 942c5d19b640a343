"""Drawings of a picture: SVG, PNG, DOT, Mermaid, and lines for a terminal."""
