"""Readings to files.

``records``  readings as plain data, JSON lines and CSV: the command line's output and the app's downloads
"""
