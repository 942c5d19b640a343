"""The command line: parses options, calls the engine, hands its Report to a view.

No mathematics here, and nothing here is imported by the engine.
"""
